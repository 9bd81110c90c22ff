// The schema names no key that the readers do not know, and every component that is built.
#include "config/schema.h"

#include "config/registry.h"
#include "helpers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;
using testing::load;
using testing::message;

void add_keys(const json& schema, json& object) {
  for (const auto& [key, value] : schema["properties"].items())
    if (!object.contains(key)) object[key] = nullptr;
}

TEST(Schema, NamesOnlyKeysThatAreRead) {
  const json schema = json::parse(json_schema());
  json backend{{"url_pattern", "/b"}};
  json endpoint{{"endpoint", "/a"}};
  json root{{"version", 3}, {"host", {"http://h"}}};
  add_keys(schema["$defs"]["backend"], backend);
  endpoint["backend"] = {backend};
  add_keys(schema["$defs"]["endpoint"], endpoint);
  root["endpoints"] = {endpoint};
  add_keys(schema, root);
  const auto loaded = load(root.dump());
  ASSERT_TRUE(loaded) << message(loaded);
  for (const Warning& warning : loaded->warnings) ADD_FAILURE() << warning.path << warning.message;
}

TEST(Schema, NamesTheComponentsOfEachLevel) {
  const json schema = json::parse(json_schema());
  const auto named = [&](const json& level, const Namespace& space) {
    return level["properties"]["extra_config"]["properties"].contains(std::string(space.name));
  };
  for (const Namespace& space : namespaces()) {
    EXPECT_EQ(named(schema, space), space.implemented && allowed_at(space, Level::service));
    EXPECT_EQ(named(schema["$defs"]["endpoint"], space),
              space.implemented && allowed_at(space, Level::endpoint));
    EXPECT_EQ(named(schema["$defs"]["backend"], space),
              space.implemented && allowed_at(space, Level::backend));
  }
}

}  // namespace
}  // namespace ropewalk::config
