#include "dataplane/filters/ip_filter/ip_filter.h"

#include "fake_passage.h"

namespace ropewalk::filters {
namespace {

using pipeline::Step;
using testing::FakePassage;
using testing::make;

struct AddressCase {
  std::string_view settings;  // of ip-filter
  std::string_view address;
  bool passes;
};

TEST(IpFilter, AllowsOrDeniesNetworks) {
  const AddressCase cases[] = {
      {R"({"CIDR":["192.0.2.0/24"]})", "192.0.2.7", false},
      {R"({"CIDR":["192.0.2.0/24"]})", "192.0.3.7", true},
      {R"({"CIDR":["192.0.2.0/24"],"allow":true})", "192.0.2.7", true},
      {R"({"CIDR":["192.0.2.0/24"],"allow":true})", "127.0.0.1", false},
      {R"({"CIDR":["127.0.0.1"],"allow":true})", "127.0.0.1", true},
      {R"({"CIDR":["2001:db8::/32"],"allow":true})", "2001:db8::1", true},
      {R"({"CIDR":["2001:db8::/32"],"allow":true})", "no address", false},
  };
  for (const AddressCase& one : cases) {
    const auto gate = make(make_ip_filter, R"({"ip-filter":)" + std::string(one.settings) + "}");
    FakePassage passage("GET", "/");
    passage.client_address = one.address;
    EXPECT_EQ(gate->run(passage), one.passes ? Step::next : Step::done) << one.settings;
    EXPECT_EQ(passage.status_, one.passes ? 0u : 403u);
    EXPECT_TRUE(gate->covers_everything());
  }
}

TEST(IpFilter, BelievesItsOwnHeadersFromItsOwnProxiesOnly) {
  const auto gate =
      make(make_ip_filter, R"({"ip-filter":{"CIDR":["198.51.100.0/24"],"allow":true,)"
                           R"("client_ip_headers":["X-Client"],"trusted_proxies":["192.0.2.7"]}})");
  FakePassage trusted("GET", "/", {{"X-Client", "198.51.100.1"}});
  EXPECT_EQ(gate->run(trusted), Step::next);
  FakePassage stranger("GET", "/", {{"X-Client", "198.51.100.1"}});
  stranger.peer_address = "192.0.2.8";
  EXPECT_EQ(gate->run(stranger), Step::done);
}

TEST(IpFilter, WithoutNetworksItCannotBeMade) {
  pipeline::Site site;
  site.text = R"({"ip-filter":{"CIDR":[]}})";
  EXPECT_FALSE(make_ip_filter(site));
}

}  // namespace
}  // namespace ropewalk::filters
