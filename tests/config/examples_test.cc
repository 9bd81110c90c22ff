// Every file of examples/krakend loads, and nothing in it is without effect.
#include "common/files.h"
#include "helpers.h"
#include "tests/files/source_dir.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <set>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using testing::find;
using testing::message;
using testing::service;

std::filesystem::path folder() { return source_dir() / "examples" / "krakend"; }

bool configuration(const std::filesystem::path& path) {
  return path.extension() == ".json" || path.extension() == ".yaml" || path.extension() == ".toml";
}

// Files that an example names lie beside it.
LoadOptions options() { return {.working_directory = folder().string()}; }

Result<Loaded> example(const std::string& name) {
  return load_file((folder() / name).string(), options());
}

TEST(Examples, EachLoadsWithoutAWarning) {
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (!configuration(entry.path())) continue;
    const std::string name = entry.path().filename().string();
    seen.insert(name);
    const auto loaded = example(name);
    ASSERT_TRUE(loaded) << message(loaded);
    for (const Warning& warning : loaded->warnings)
      ADD_FAILURE() << name << ": " << warning.path << ": " << warning.message;
  }
  const std::string index = *read_file((folder() / "README.md").string());
  for (const std::string& name : seen)
    EXPECT_NE(index.find("](" + name + ")"), std::string::npos) << "README.md lacks " << name;
  for (const char* name : {"shop.json", "bank.json", "scripts.json", "limits.yaml", "orders.toml"})
    EXPECT_TRUE(seen.contains(name)) << name;
  EXPECT_GE(seen.size(), 60U);
}

TEST(Examples, TheTemplateLoads) {
  LoadOptions flexible = options();
  flexible.environment = {{"FC_ENABLE", "1"},
                          {"FC_SETTINGS", "flexible/settings"},
                          {"FC_PARTIALS", "flexible/partials"},
                          {"FC_TEMPLATES", "flexible/templates"}};
  const auto loaded = load_file((folder() / "flexible" / "gateway.json.tmpl").string(), flexible);
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_TRUE(loaded->warnings.empty());
  for (const char* name : {"products", "offers", "reviews"})
    EXPECT_NE(find(*loaded, std::string("endpoint/* GET /v1/") + name), nullptr) << name;
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
