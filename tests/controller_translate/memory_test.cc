// What one translation leaves for the next.
#include "controller/translate/translate.h"
#include "tests/controller_translate/objects.h"
#include "tests/fakes/certificates.h"

#include <gtest/gtest.h>

namespace ropewalk::controller {
namespace {

const config::v1::Resource* find(const Translation& translation, const std::string& name) {
  for (const auto& resource : translation.resources)
    if (resource.name() == name) return &resource;
  return nullptr;
}

class HeldPort : public testing::Test {
 protected:
  // The pod of shop/s is at `address`; `keys` come to its good annotations.
  static ObjectSet objects(const std::string& address,
                           const std::map<std::string, std::string>& keys = {},
                           const std::vector<ServicePort>& ports = {{.name = "web", .port = 80}}) {
    Sketch sketch{
        .name = "s", .annotations = {{"expose", "true"}, {"endpoint", "/a"}}, .ports = ports};
    sketch.annotations.insert(keys.begin(), keys.end());
    ObjectSet set;
    add(set, sketch);
    auto slice = std::make_shared<EndpointSlice>(*set.endpoint_slices.begin()->second);
    slice->ports = {{.name = "web", .port = 8080}, {.name = "metrics", .port = 9090}};
    slice->endpoints = {{.addresses = {address}}};
    set.endpoint_slices.begin()->second = slice;
    return set;
  }
  static std::string hosts(const Translation& translation) {
    const auto* found = find(translation, "hosts/shop/s");
    std::string out;
    if (!found) return "none";
    for (const auto& host : found->host_set().hosts())
      out += host.address() + ":" + std::to_string(host.port()) + (host.tls() ? " tls" : "");
    return out;
  }
  const Memory good_ = translate(objects("10.0.0.1"), {}).memory;
};

TEST_F(HeldPort, AddressesGoOnWithTheLastOne) {
  const std::vector<ServicePort> two = {{.name = "web", .port = 80},
                                        {.name = "metrics", .port = 90}};
  for (const ObjectSet& broken :
       {objects("10.0.0.2", {}, two), objects("10.0.0.2", {{"port", "nowhere"}}),
        objects("10.0.0.2", {{"scheme", "ftp"}}), objects("10.0.0.2", {{"prot", "x"}}),
        objects("10.0.0.2", {}, {{.name = "web", .app_protocol = "grpc", .port = 80}})}) {
    const Translation out = translate(broken, {}, good_);
    EXPECT_FALSE(out.statuses.at(0).accepted);
    EXPECT_EQ(hosts(out), "10.0.0.2:8080");
    EXPECT_FALSE(out.held.contains("hosts/shop/s"));
    EXPECT_EQ(hosts(translate(broken, {}, out.memory)), "10.0.0.2:8080") << "it is not forgotten";
  }
}

TEST_F(HeldPort, TheSchemeIsRememberedToo) {
  const Memory https = translate(objects("10.0.0.1", {{"scheme", "https"}}), {}).memory;
  EXPECT_EQ(hosts(translate(objects("10.0.0.2", {{"scheme", "ftp"}}), {}, https)),
            "10.0.0.2:8080 tls");
}

// A port or a scheme that came with a mistake: what is served goes on being called as before.
TEST_F(HeldPort, WaitsWithTheRestOfItsVersion) {
  for (const auto& [key, value] : std::map<std::string, std::string>{
           {"timeout", "soon"}, {"client-cert-secret", "nowhere"}, {"ca-secret", "pending"}}) {
    const ObjectSet broken = objects("10.0.0.2", {{"scheme", "https"}, {key, value}});
    const Translation out = translate(broken, {}, good_);
    EXPECT_FALSE(out.statuses.at(0).accepted) << key;
    EXPECT_EQ(hosts(out), "10.0.0.2:8080") << key;
    EXPECT_EQ(hosts(translate(broken, {}, out.memory)), "10.0.0.2:8080") << "it is not forgotten";
  }
  EXPECT_EQ(hosts(translate(objects("10.0.0.2", {{"scheme", "https"}}), {}, good_)),
            "10.0.0.2:8080 tls");
}

TEST_F(HeldPort, ThatTheServiceHasNoMoreIsNotWaitedFor) {
  const ObjectSet renamed =
      objects("10.0.0.2", {{"timeout", "soon"}}, {{.name = "metrics", .port = 90}});
  EXPECT_EQ(hosts(translate(renamed, {}, good_)), "10.0.0.2:9090");
}

// After a start of the controller only data planes know by which port and scheme they call.
TEST_F(HeldPort, WithoutMemoryWhatDataPlanesHaveDecides) {
  const Translation out =
      translate(objects("10.0.0.2", {{"scheme", "https"}, {"timeout", "soon"}}), {});
  EXPECT_EQ(hosts(out), "10.0.0.2:8080 tls") << "for one that has none of the choices";
  EXPECT_TRUE(out.held.contains("hosts/shop/s"));
  EXPECT_EQ(out.host_choices.at("hosts/shop/s").at("http web").hash(),
            find(translate(objects("10.0.0.2"), {}), "hosts/shop/s")->hash());
  EXPECT_TRUE(out.memory.ports.empty());
}

TEST_F(HeldPort, WithoutMemoryNoAddressIsKeptThatNoSliceNames) {
  const Translation out = translate(objects("10.0.0.2", {{"port", "nowhere"}}), {});
  EXPECT_EQ(hosts(out), "");
  EXPECT_TRUE(out.held.contains("hosts/shop/s"));
  const auto& choices = out.host_choices.at("hosts/shop/s");
  ASSERT_EQ(choices.size(), 4U);
  const Translation good = translate(objects("10.0.0.2"), {});
  EXPECT_EQ(choices.at("http web").hash(), find(good, "hosts/shop/s")->hash());
}

TEST_F(HeldPort, AnotherServiceOfTheNameInheritsNothing) {
  ObjectSet broken = objects("10.0.0.2", {{"port", "nowhere"}});
  auto other = std::make_shared<Service>(*broken.services.begin()->second);
  other->meta.uid = "another";
  broken.services.begin()->second = other;
  EXPECT_EQ(hosts(translate(broken, {}, good_)), "");
}

TEST_F(HeldPort, IsForgottenWithItsService) {
  EXPECT_TRUE(translate({}, {}, good_).memory.ports.empty());
}

class Claims : public testing::Test {
 protected:
  static std::string owner(const Translation& translation) {
    const auto* found = find(translation, "endpoint/* GET /a");
    return found ? found->origins(0).name() : "none";
  }
  static Sketch route(const std::string& name, const std::string& expose = "true",
                      const std::string& created = "2026-01-01T00:00:00Z") {
    return {
        .name = name, .annotations = {{"expose", expose}, {"endpoint", "/a"}}, .created = created};
  }
  static ObjectSet objects(const std::vector<Sketch>& sketches) {
    ObjectSet set;
    for (const Sketch& sketch : sketches) add(set, sketch);
    return set;
  }
};

TEST_F(Claims, OfEqualAgeTheServedOneStays) {
  const Translation before = translate(objects({route("b")}), {});
  EXPECT_EQ(owner(translate(objects({route("a"), route("b")}), {}, before.memory)), "b");
  EXPECT_EQ(owner(translate(objects({route("a"), route("b")}), {})), "a");
  EXPECT_EQ(owner(translate(objects({route("a", "true", "2025-01-01T00:00:00Z"), route("b")}), {},
                            before.memory)),
            "a")
      << "an older one goes first all the same";
}

TEST_F(Claims, AnUnreadableExposeTakesNoRoute) {
  const Sketch old = route("a", "off", "2025-01-01T00:00:00Z");
  const Translation alone = translate(objects({old}), {});
  EXPECT_EQ(owner(alone), "none") << "no route that answers 503";
  EXPECT_TRUE(alone.held.contains("endpoint/* GET /a")) << "what is served stays";
  EXPECT_FALSE(alone.statuses.at(0).accepted);
  EXPECT_EQ(owner(translate(objects({old, route("b")}), {}, alone.memory)), "b");
}

TEST_F(Claims, AnUnreadableExposeMayHaveHadARouteThatIsAnothers) {
  Sketch joiner = route("c");
  joiner.annotations = {{"expose", "true"}, {"join", "a"}, {"url-pattern", "/c"}};
  const Translation anew =
      translate(objects({route("a", "off", "2025-01-01T00:00:00Z"), route("b"), joiner}), {});
  EXPECT_EQ(owner(anew), "b");
  EXPECT_EQ(anew.held_services, std::set<std::string>{"shop/a"});
  EXPECT_TRUE(find(anew, "hosts/shop/a")) << "data planes that serve it need its addresses,";
  EXPECT_TRUE(find(anew, "hosts/shop/c")) << "and those of its parts";
  const Translation alone = translate(objects({route("a", "off"), joiner}), {});
  EXPECT_TRUE(alone.held_services.empty()) << "the route itself is held";
}

TEST_F(Claims, AnUnreadableExposeKeepsItsRoute) {
  const Translation before =
      translate(objects({route("a", "true", "2025-01-01T00:00:00Z"), route("b")}), {});
  const ObjectSet broken = objects({route("a", "off", "2025-01-01T00:00:00Z"), route("b")});
  const Translation after = translate(broken, {}, before.memory);
  EXPECT_EQ(owner(after), "none");
  EXPECT_TRUE(after.held.contains("endpoint/* GET /a"));
  EXPECT_EQ(after.statuses.at(1).reason, "Conflict");
  EXPECT_EQ(owner(translate(broken, {}, after.memory)), "none") << "it is not forgotten";
}

TEST_F(Claims, WhatABrokenServiceHadIsNotUpForOthers) {
  const Translation before =
      translate(objects({route("a", "true", "2025-01-01T00:00:00Z"), route("b")}), {});
  Sketch unreadable = route("a", "true", "2025-01-01T00:00:00Z");
  unreadable.annotations["endpoint"] = "a";
  const ObjectSet broken = objects({unreadable, route("b")});
  const Translation after = translate(broken, {}, before.memory);
  EXPECT_EQ(owner(after), "none");
  EXPECT_TRUE(after.held_services.contains("shop/a"));
  EXPECT_EQ(after.statuses.at(1).reason, "Conflict");
  EXPECT_EQ(owner(translate(broken, {}, after.memory)), "none") << "it is not forgotten";
  Sketch elsewhere = route("a", "true", "2025-01-01T00:00:00Z");
  elsewhere.annotations["endpoint"] = "/elsewhere";
  EXPECT_EQ(owner(translate(objects({elsewhere, route("b")}), {}, after.memory)), "b");
}

class ReadPem : public testing::Test {
 protected:
  static ObjectSet objects(const fakes::Pair& pair) {
    ObjectSet set;
    add(set, {.name = "s",
              .annotations = {{"expose", "true"},
                              {"endpoint", "/a"},
                              {"hostnames", "a.test"},
                              {"tls-secret", "pair"}}});
    auto secret = std::make_shared<Secret>();
    secret->type = "kubernetes.io/tls";
    secret->data = {{"tls.crt", pair.certificate_pem}, {"tls.key", pair.private_key_pem}};
    set.secrets[{"shop", "pair"}] = secret;
    return set;
  }
  static X509* leaf(const Translation& translation) {
    const auto& chains = translation.memory.pem.chains;
    EXPECT_EQ(chains.size(), 1U) << "only what was asked for";
    return chains.begin()->second.leaf.get();
  }
  const fakes::Pair first_ = fakes::self_signed({.common_name = "a", .dns_names = {"a.test"}});
  const fakes::Pair second_ = fakes::self_signed({.common_name = "a", .dns_names = {"a.test"}});
};

TEST_F(ReadPem, IsReadOnceWhileItStays) {
  const Translation one = translate(objects(first_), {});
  EXPECT_TRUE(one.statuses.at(0).accepted) << one.statuses.at(0).message;
  const Translation two = translate(objects(first_), {}, one.memory);
  EXPECT_EQ(leaf(two), leaf(one));
  EXPECT_NE(leaf(translate(objects(second_), {}, two.memory)), leaf(one));
  EXPECT_TRUE(translate({}, {}, two.memory).memory.pem.chains.empty());
}

TEST_F(ReadPem, AKeyOfAnotherPairIsFoundBesideAKnownChain) {
  const Translation before = translate(objects(first_), {});
  fakes::Pair mixed = first_;
  mixed.private_key_pem = second_.private_key_pem;
  const Translation after = translate(objects(mixed), {}, before.memory);
  EXPECT_FALSE(after.statuses.at(0).accepted);
  EXPECT_TRUE(translate(objects(first_), {}, after.memory).statuses.at(0).accepted);
}

}  // namespace
}  // namespace ropewalk::controller
