#include "controller/objects/parse.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::controller {
namespace {

template <class T>
const T& as(const Object& object) {
  return *std::get<std::shared_ptr<const T>>(object);
}

Object parsed(std::string_view text) {
  auto object = parse_object(text);
  EXPECT_TRUE(object && *object) << (object ? "not a kind of ours" : object.error().message);
  return **object;
}

TEST(Parse, ServiceWithPortsAndConditions) {
  const Object object = parsed(R"({
    "apiVersion": "v1", "kind": "Service",
    "metadata": {"namespace": "shop", "name": "products", "uid": "u-1", "resourceVersion": "17",
                 "creationTimestamp": "2026-01-02T03:04:05Z",
                 "annotations": {"ropewalk.dev/expose": "true"}, "labels": {"app": "p"}},
    "spec": {"type": "ExternalName", "externalName": "example.test", "ports": [
      {"name": "web", "port": 80, "targetPort": "http", "appProtocol": "https"},
      {"port": 53, "protocol": "UDP", "targetPort": 5353}]},
    "status": {"loadBalancer": {}, "conditions": [
      {"type": "ropewalk.dev/Accepted", "status": "True", "reason": "Accepted", "message": "m",
       "lastTransitionTime": "2026-01-02T03:04:06Z", "observedGeneration": 4}]}})");
  const auto& service = as<Service>(object);
  EXPECT_EQ(key_of(object), (ObjectKey{"shop", "products"}));
  EXPECT_EQ(service.meta.uid, "u-1");
  EXPECT_EQ(service.meta.resource_version, "17");
  EXPECT_EQ(service.meta.creation_timestamp, "2026-01-02T03:04:05Z");
  EXPECT_EQ(service.meta.annotations.at("ropewalk.dev/expose"), "true");
  EXPECT_EQ(service.meta.labels.at("app"), "p");
  EXPECT_EQ(service.type, "ExternalName");
  EXPECT_EQ(service.external_name, "example.test");
  ASSERT_EQ(service.ports.size(), 2u);
  EXPECT_EQ(service.ports[0].target_port, "http");
  EXPECT_EQ(service.ports[0].protocol, "TCP");
  EXPECT_EQ(service.ports[0].app_protocol, "https");
  EXPECT_EQ(service.ports[1].port, 53);
  EXPECT_EQ(service.ports[1].protocol, "UDP");
  EXPECT_EQ(service.ports[1].target_port, "5353");
  ASSERT_EQ(service.conditions.size(), 1u);
  EXPECT_EQ(service.conditions[0].type, "ropewalk.dev/Accepted");
  EXPECT_EQ(service.conditions[0].last_transition_time, "2026-01-02T03:04:06Z");
  EXPECT_EQ(service.conditions[0].observed_generation, 4);
}

TEST(Parse, EndpointConditionsDefaultAsTheApiSays) {
  const Object object = parsed(R"({
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
    "metadata": {"namespace": "shop", "name": "products-1",
                 "labels": {"kubernetes.io/service-name": "products"}},
    "addressType": "IPv4", "ports": [{"name": "web", "port": 8080}, {"name": "all", "port": null}],
    "endpoints": [
      {"addresses": ["192.0.2.1"]},
      {"addresses": ["192.0.2.2"], "conditions": {"ready": null, "serving": null}},
      {"addresses": ["192.0.2.3"], "conditions": {"ready": false}},
      {"addresses": ["192.0.2.4", "192.0.2.5"],
       "conditions": {"ready": false, "serving": true, "terminating": true}}]})");
  const auto& slice = as<EndpointSlice>(object);
  EXPECT_EQ(slice.service_name, "products");
  EXPECT_EQ(slice.address_type, "IPv4");
  ASSERT_EQ(slice.ports.size(), 2u);
  EXPECT_EQ(slice.ports[0].port, 8080);
  EXPECT_EQ(slice.ports[1].port, 0);
  ASSERT_EQ(slice.endpoints.size(), 4u);
  struct Expected {
    bool ready, serving, terminating;
  };
  const Expected expected[] = {
      {true, true, false}, {true, true, false}, {false, false, false}, {false, true, true}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(slice.endpoints[i].ready, expected[i].ready) << i;
    EXPECT_EQ(slice.endpoints[i].serving, expected[i].serving) << i;
    EXPECT_EQ(slice.endpoints[i].terminating, expected[i].terminating) << i;
  }
  EXPECT_EQ(slice.endpoints[3].addresses.size(), 2u);
}

TEST(Parse, SecretsAreDecoded) {
  const Object object = parsed(R"({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
    "metadata": {"namespace": "a", "name": "s"},
    "data": {"one": "YQ==", "two": "YWI=", "three": "YWJj", "zero": "", "both": "YQ=="},
    "stringData": {"both": "b"}})");
  const auto& secret = as<Secret>(object);
  EXPECT_EQ(secret.type, "Opaque");
  EXPECT_EQ(secret.data.at("one"), "a");
  EXPECT_EQ(secret.data.at("two"), "ab");
  EXPECT_EQ(secret.data.at("three"), "abc");
  EXPECT_EQ(secret.data.at("zero"), "");
  EXPECT_EQ(secret.data.at("both"), "b");
}

TEST(Parse, ConfigMaps) {
  const Object map = parsed(R"({"apiVersion": "v1", "kind": "ConfigMap",
    "metadata": {"namespace": "a", "name": "c"}, "data": {"k": "v"}, "binaryData": {"b": "YQ=="}})");
  EXPECT_EQ(as<ConfigMap>(map).data.at("k"), "v");
  EXPECT_EQ(as<ConfigMap>(map).data.at("b"), "a");
}

TEST(Parse, OtherKindsAreNotOurs) {
  for (const char* text :
       {R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}})",
        R"({"apiVersion": "v2", "kind": "Service", "metadata": {}})",
        R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}})",
        R"({"apiVersion": "discovery.k8s.io/v1", "kind": "Service"})", R"({})", R"([1])"}) {
    const auto object = parse_object(text);
    ASSERT_TRUE(object) << text;
    EXPECT_FALSE(*object) << text;
  }
}

TEST(Parse, ErrorsNameThePlace) {
  struct Case {
    const char* json;
    const char* message;
  };
  const Case cases[] = {
      {R"({"apiVersion": "v1", "kind": "Service"})", "metadata.name: expected a name"},
      {R"({"apiVersion": "v1", "kind": "Service", "metadata": 3})", "metadata: expected an object"},
      {R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": 1}})",
       "metadata.name: expected a string"},
      {R"({"apiVersion": "v1", "kind": "Service",
           "metadata": {"name": "s", "annotations": {"ropewalk.dev/expose": true}}})",
       "metadata.annotations.ropewalk.dev/expose: expected a string (put the value in quotes)"},
      {R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
           "spec": {"ports": [{"port": 80}, {"port": 70000}]}})",
       "spec.ports[1].port: expected a number from 1 to 65535"},
      {R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
           "spec": {"ports": [{"name": "a"}]}})",
       "spec.ports[0].port: expected a number from 1 to 65535"},
      {R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
           "spec": {"ports": {"a": 1}}})",
       "spec.ports: expected a list"},
      {R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
           "data": {"tls.key": "no*"}})",
       "data.tls.key: expected base64"},
      {R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
           "data": {"tls.key": "YWJ"}})",
       "data.tls.key: expected base64"},
      {R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
           "data": {"tls.key": "Y=Jj"}})",
       "data.tls.key: expected base64"},
      {R"({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "s"},
           "endpoints": [{"addresses": ["192.0.2.1", 7]}]})",
       "endpoints[0].addresses[1]: expected a string"},
      {R"({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "s"},
           "endpoints": [{"conditions": {"ready": "yes"}}]})",
       "endpoints[0].conditions.ready: expected true or false"},
      {"{", "not JSON"},
  };
  for (const Case& c : cases) {
    const auto object = parse_object(c.json);
    ASSERT_FALSE(object) << c.json;
    EXPECT_EQ(object.error().message, c.message);
    EXPECT_EQ(object.error().kind, Kind::config);
  }
}

TEST(Parse, ItemsOfListsCarryNoKind) {
  const auto object =
      parse_object(ObjectKind::service, nlohmann::json::parse(R"({"metadata": {"name": "s"}})"));
  ASSERT_TRUE(object);
  EXPECT_EQ(as<Service>(*object).meta.name, "s");
}

TEST(Parse, InsertReplacesByKindAndName) {
  ObjectSet set;
  const auto meta = nlohmann::json::parse(R"({"metadata": {"namespace": "n", "name": "s"}})");
  for (const ObjectKind kind : {ObjectKind::service, ObjectKind::endpoint_slice, ObjectKind::secret,
                                ObjectKind::config_map}) {
    insert(set, *parse_object(kind, meta));
    insert(set, *parse_object(kind, meta));
  }
  EXPECT_EQ(set.services.size(), 1u);
  EXPECT_EQ(set.endpoint_slices.size(), 1u);
  EXPECT_EQ(set.secrets.size(), 1u);
  EXPECT_EQ(set.config_maps.size(), 1u);
}

}  // namespace
}  // namespace ropewalk::controller
