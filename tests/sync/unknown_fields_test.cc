#include "dataplane/configsync/unknown_fields.h"
#include "tests/sync/resources.h"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

namespace ropewalk::configsync {
namespace {

using config::v1::Resource;

void add_unknown(google::protobuf::Message& message, int number) {
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(number, 1);
}

TEST(UnknownFields, EveryPlace) {
  struct Case {
    std::string expected;
    void (*spoil)(Resource&);
  };
  const std::vector<Case> cases = {
      {"", [](Resource& r) { r.mutable_endpoint()->set_path("/a"); }},
      {"", [](Resource& r) { (*r.mutable_backend()->mutable_extra_config())["x"] = "{}"; }},
      {"field 99", [](Resource& r) { add_unknown(r, 99); }},
      {"endpoint.field 31", [](Resource& r) { add_unknown(*r.mutable_endpoint(), 31); }},
      {"host_set.hosts.field 7",
       [](Resource& r) {
         r.mutable_host_set()->add_hosts();
         add_unknown(*r.mutable_host_set()->add_hosts(), 7);
       }},
      {"backend.tls.client_certificates.field 3",
       [](Resource& r) {
         add_unknown(*r.mutable_backend()->mutable_tls()->add_client_certificates(), 3);
       }},
      {"origins.field 9", [](Resource& r) { add_unknown(*r.add_origins(), 9); }},
      {"backend.encoding 77",
       [](Resource& r) {
         r.mutable_backend()->set_encoding(static_cast<config::v1::Encoding>(77));
       }},
  };
  for (const Case& input : cases) {
    Resource resource;
    input.spoil(resource);
    // As it comes off the wire.
    Resource received;
    ASSERT_TRUE(received.ParseFromString(resource.SerializeAsString()));
    EXPECT_EQ(find_unknown(received), input.expected);
  }
}

}  // namespace
}  // namespace ropewalk::configsync
