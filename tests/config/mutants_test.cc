// 200 broken forms of the examples: each is refused in one line that names the file, line and
// column, and the path of the value.
#include "helpers.h"
#include "tests/files/source_dir.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <vector>

namespace ropewalk::config {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Mutation {
  const char* key;
  json value;
};

// What no value of the key may be.
const std::vector<Mutation>& of_root() {
  static const std::vector<Mutation> all{
      {"version", 2},
      {"version", "three"},
      {"port", "eighty"},
      {"port", 70000},
      {"timeout", "soon"},
      {"timeout", ""},
      {"cache_ttl", "1 day"},
      {"host", json::array({"http://shop.internal/path"})},
      {"host", json::array({""})},
      {"endpoints", "none"},
      {"extra_config", json::array({1})},
      {"listen_ip", "localhost"},
      {"max_header_bytes", "many"},
      {"disable_rest", "perhaps"},
      {"output_encoding", json::array({"json"})},
  };
  return all;
}

const std::vector<Mutation>& of_endpoint() {
  static const std::vector<Mutation> all{
      {"endpoint", "/__debug/x"},
      {"endpoint", "/a/*/b"},
      {"endpoint", "/a/:x:y"},
      {"timeout", "5"},
      {"timeout", {{"s", 5}}},
      {"cache_ttl", "never"},
      {"backend", json::array()},
      {"backend", "x"},
      {"backend", json::array({nullptr})},
      {"method", json::array({"GET"})},
      {"input_headers", {{"a", 1}}},
      {"input_query_strings", json::array({json::array()})},
      {"concurrent_calls", "many"},
      {"output_encoding", {{"a", 1}}},
      {"extra_config", "router"},
  };
  return all;
}

const std::vector<Mutation>& of_backend() {
  static const std::vector<Mutation> all{
      {"url_pattern", "/x/{nosuch}"},
      {"host", json::array({"ftp://a:b@shop.internal"})},
      {"method", json::array({"GET"})},
      {"allow", json::array({json::object({{"a", 1}})})},
      {"deny", {{"a", 1}}},
      {"mapping", "x"},
      {"is_collection", "maybe"},
      {"encoding", json::array({"json"})},
      {"group", {{"a", 1}}},
      {"target", json::array({"a"})},
      {"extra_config", {{"auth/validatr", {{"alg", "RS256"}}}}},
      {"extra_config", 5},
  };
  return all;
}

struct Mutant {
  std::string file;
  std::string path;
  json document;
};

class Breeder {
 public:
  std::vector<Mutant> all;

  void breed(const std::string& file, const json& document) {
    for (const Mutation& mutation : of_root())
      add(file, document, json::json_pointer(), "", mutation);
    if (!document.contains("endpoints") || !document["endpoints"].is_array()) return;
    for (std::size_t e = 0; e < document["endpoints"].size(); ++e) {
      const std::string path = "endpoints[" + std::to_string(e) + "]";
      const json::json_pointer at("/endpoints/" + std::to_string(e));
      for (const Mutation& mutation : of_endpoint()) add(file, document, at, path, mutation);
      const json& backends = document.at(at)["backend"];
      if (!backends.is_array()) continue;
      for (std::size_t b = 0; b < backends.size(); ++b)
        for (const Mutation& mutation : of_backend())
          // A host that is not cleaned up may have any form.
          if (std::string_view(mutation.key) != "host" ||
              !backends[b].contains("disable_host_sanitize"))
            add(file, document, at / "backend" / b, path + ".backend[" + std::to_string(b) + "]",
                mutation);
    }
  }

 private:
  void add(const std::string& file, json document, const json::json_pointer& at,
           const std::string& path, const Mutation& mutation) {
    document.at(at)[mutation.key] = mutation.value;
    all.push_back({file, (path.empty() ? "" : path + ".") + mutation.key, std::move(document)});
  }
};

TEST(Mutants, EachIsRefusedByItsPlace) {
  const auto folder = source_dir() / "examples" / "krakend";
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.insert(entry.path());
  Breeder breeder;
  for (const auto& file : files) {
    std::ifstream in(file);
    breeder.breed(file.filename().string(), json::parse(in));
  }
  constexpr std::size_t kMutants = 200;
  ASSERT_GE(breeder.all.size(), kMutants);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < kMutants; ++i) {
    const Mutant& mutant = breeder.all[i * breeder.all.size() / kMutants];
    seen.insert(mutant.file);
    const std::string text = mutant.document.dump(2);
    const auto loaded =
        load_text(text, Syntax::json, mutant.file, {.working_directory = folder.string()});
    ASSERT_FALSE(loaded) << mutant.file << " " << mutant.path << "\n" << text;
    const std::string& message = loaded.error().message;
    EXPECT_TRUE(std::regex_search(message, std::regex("^" + mutant.file + ":[0-9]+:[0-9]+: ")))
        << message;
    EXPECT_THAT(message, HasSubstr(": " + mutant.path)) << mutant.path;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_GE(seen.size(), 30U);
}

}  // namespace
}  // namespace ropewalk::config
