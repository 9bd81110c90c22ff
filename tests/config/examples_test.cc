// Every file of examples/krakend starts; the few that are meant to warn do.
#include "helpers.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using testing::find;
using testing::message;
using testing::service;

std::filesystem::path folder() {
  return std::filesystem::path(ROPEWALK_SOURCE_DIR) / "examples" / "krakend";
}

Result<Loaded> example(const std::string& name) {
  return load_file((folder() / name).string(), {});
}

TEST(Examples, EachLoads) {
  const std::map<std::string, std::size_t> warnings{{"no-host.json", 1}};
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    const std::string name = entry.path().filename().string();
    seen.insert(name);
    const auto loaded = example(name);
    ASSERT_TRUE(loaded) << message(loaded);
    const auto expected = warnings.find(name);
    EXPECT_EQ(loaded->warnings.size(), expected == warnings.end() ? 0 : expected->second) << name;
  }
  for (const char* name : {"shop.json", "inherited-defaults.json", "insecure-client-tls.json",
                           "insecure-root-key.json", "disable-rest.json", "empty-endpoints.json"})
    EXPECT_TRUE(seen.contains(name)) << name;
}

TEST(Examples, ShopMergesProductsAndOffers) {
  const auto loaded = example("shop.json");
  ASSERT_TRUE(loaded) << message(loaded);
  const auto* endpoint = find(*loaded, "endpoint/* GET /v1/products");
  ASSERT_NE(endpoint, nullptr);
  EXPECT_THAT(endpoint->endpoint().backends(),
              ElementsAre("backend/* GET /v1/products#b0", "backend/* GET /v1/products#b1"));
  const auto hosts_of = [&](const std::string& backend) -> const v1::HostSet& {
    return find(*loaded, find(*loaded, backend)->backend().host_set())->host_set();
  };
  const v1::HostSet& products = hosts_of(endpoint->endpoint().backends(0));
  ASSERT_EQ(products.hosts_size(), 3);
  for (const auto& host : products.hosts()) EXPECT_TRUE(host.tls());
  const v1::HostSet& offers = hosts_of(endpoint->endpoint().backends(1));
  ASSERT_EQ(offers.hosts_size(), 1);
  EXPECT_FALSE(offers.hosts(0).tls());
  EXPECT_TRUE(service(*loaded).client_tls().allow_insecure_connections());
}

TEST(Examples, BothInsecureSpellingsMeanTheSame) {
  const auto a = example("insecure-client-tls.json");
  const auto b = example("insecure-root-key.json");
  ASSERT_TRUE(a && b);
  EXPECT_EQ(find(*a, "service")->hash(), find(*b, "service")->hash());
}

}  // namespace
}  // namespace ropewalk::config
