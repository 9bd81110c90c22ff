// Together the files of examples/krakend hold every component at every level, and every key that a
// reader knows: a new key needs a line in an example.
#include "config/registry.h"
#include "helpers.h"
#include "tests/files/source_dir.h"

#include <filesystem>
#include <map>
#include <regex>
#include <set>

namespace ropewalk::config {
namespace {

// Asked for only to be refused or warned about.
const std::set<std::string>& without_use() {
  static const std::set<std::string> keys{
      "async_agent",
      "endpoints.backend.timeout",
      "expect_continue_timeout",
      "sequential_start",
      "auth/revoker.headers",
      "auth/revoker.revoke_server_api_key",
      "auth/revoker.revoke_server_max_workers",
      "auth/revoker.revoke_server_ping_interval",
      "auth/revoker.revoke_server_ping_url",
      "auth/signer.cypher_key",
      "auth/signer.secret_url",
      "auth/validator.cypher_key",
      "auth/validator.secret_url",
      "modifier/lua-endpoint.post",
      "modifier/lua-endpoint.skip_next",
      "plugin",
      "use_h2c",
  };
  return keys;
}

// endpoints[3].backend[1].extra_config["qos/http-cache"] -> qos/http-cache, by its short name.
std::string place_of(std::string path) {
  static const std::regex index(R"(\[\d+\])");
  path = std::regex_replace(path, index, "");
  static const std::regex component(R"re(^.*extra_config(?:\["([^"]+)"\]|\.([A-Za-z]\w*))(.*)$)re");
  std::smatch found;
  if (!std::regex_match(path, found, component)) return path;
  const std::string name = found[1].matched ? found[1] : found[2];
  const Namespace* space = find_namespace(name);
  return (space ? std::string(space->name) : name) + found[3].str();
}

class Heard {
 public:
  Heard() {
    const auto folder = source_dir() / "examples" / "krakend";
    LoadOptions options{.working_directory = folder.string()};
    options.known_keys = [this](const std::string& object, std::string_view key, bool present) {
      const auto [memory, fresh] = places_.try_emplace(object);
      if (fresh) memory->second = place_of(object);
      const std::string& at = memory->second;
      if (at.ends_with("extra_config")) {
        components.insert(at + " " + std::string(key));
      } else {
        bool& given = keys[(at.empty() ? "" : at + ".") + std::string(key)];
        given = given || present;
      }
    };
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".json" && extension != ".yaml" && extension != ".toml") continue;
      const auto loaded = load_file(entry.path().string(), options);
      EXPECT_TRUE(loaded) << testing::message(loaded);
    }
  }

  std::map<std::string, bool> keys;  // known -> given in some example
  std::set<std::string> components;  // "endpoints.extra_config auth/validator"

 private:
  std::map<std::string, std::string> places_;
};

TEST(ExampleKeys, EveryComponentAtEveryLevel) {
  const Heard heard;
  const std::pair<Level, const char*> levels[] = {
      {Level::service, "extra_config"},
      {Level::endpoint, "endpoints.extra_config"},
      {Level::backend, "endpoints.backend.extra_config"}};
  for (const Namespace& space : namespaces())
    for (const auto& [level, at] : levels)
      if (space.implemented && allowed_at(space, level)) {
        EXPECT_TRUE(heard.components.contains(std::string(at) + " " + std::string(space.name)))
            << space.name << " stands in no example at the level of a " << to_string(level);
      }
}

TEST(ExampleKeys, EveryKeyThatIsRead) {
  const Heard heard;
  EXPECT_GT(heard.keys.size(), 300U);
  for (const auto& [key, given] : heard.keys) {
    EXPECT_NE(given, without_use().contains(key))
        << key << (given ? " has a use: strike it here" : " occurs in no example");
  }
  for (const std::string& key : without_use())
    EXPECT_TRUE(heard.keys.contains(key)) << key << " is known to no reader";
}

}  // namespace
}  // namespace ropewalk::config
