// Components of the examples, broken one key at a time: a value of a wrong type, a misspelt key, a
// file that is not there, a route given twice. Each is refused or, where that only loses what no
// protection is, warned about (check -l refuses it); either names file, line, column and path.
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

std::filesystem::path folder() { return source_dir() / "examples" / "krakend"; }

struct Component {
  json::json_pointer at;
  std::string path;  // as messages write it
};

std::string quoted(const std::string& path, const std::string& name) {
  const bool plain = name.find('/') == std::string::npos && name.find('.') == std::string::npos;
  return plain ? path + "." + name : path + "[\"" + name + "\"]";
}

void add_components(const json& owner, const json::json_pointer& at, const std::string& path,
                    std::vector<Component>& out) {
  if (!owner.is_object() || !owner.contains("extra_config")) return;
  for (const auto& [name, block] : owner["extra_config"].items())
    if (block.is_object())
      out.push_back({at / "extra_config" / name,
                     quoted((path.empty() ? "" : path + ".") + "extra_config", name)});
}

std::vector<Component> components(const json& document) {
  std::vector<Component> out;
  add_components(document, json::json_pointer(), "", out);
  if (!document.contains("endpoints") || !document["endpoints"].is_array()) return out;
  for (std::size_t e = 0; e < document["endpoints"].size(); ++e) {
    const json& endpoint = document["endpoints"][e];
    const json::json_pointer at("/endpoints/" + std::to_string(e));
    const std::string path = "endpoints[" + std::to_string(e) + "]";
    add_components(endpoint, at, path, out);
    for (std::size_t b = 0; endpoint["backend"].is_array() && b < endpoint["backend"].size(); ++b)
      add_components(endpoint["backend"][b], at / "backend" / b,
                     path + ".backend[" + std::to_string(b) + "]", out);
  }
  return out;
}

// What a value of this type can never be, weak types or not.
json broken(const json& value) {
  if (value.is_object()) return "x";
  if (value.is_array()) return json{{"a", 1}};
  return json::array({json::array({json::object()})});
}

// A schema may hold any keyword, and martian's keys are modifiers.
bool has_keys_of_its_own(const std::string& path) {
  return path.find("validation/json-schema") == std::string::npos &&
         path.find("modifier/martian") == std::string::npos;
}

// Read for the sake of KrakenD, whatever they hold.
bool any_value(const std::string& key) {
  static const std::set<std::string> keys{"num_shards", "cleanup_period", "cleanup_threads",
                                          "force_sandboxed_request", "collection_time"};
  return keys.contains(key);
}

class ComponentMutants : public ::testing::Test {
 protected:
  // Of each example that is JSON, its name and document.
  template <class Visit>
  void each(Visit visit) {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      if (entry.path().extension() == ".json") files.insert(entry.path());
    for (const auto& file : files) {
      std::ifstream in(file);
      visit(file.filename().string(), json::parse(in));
    }
  }

  void expect_named(const std::string& file, const json& document, const std::string& path) {
    ++count;
    const auto loaded =
        load_text(document.dump(2), Syntax::json, file, {.working_directory = folder().string()});
    if (loaded) {
      for (std::size_t i = 0; i < loaded->warnings.size(); ++i)
        if (loaded->warnings[i].path.starts_with(path) && loaded->places[i].line > 0) return;
      ADD_FAILURE() << file << ": nothing is said of " << path;
      return;
    }
    const std::string& message = loaded.error().message;
    EXPECT_TRUE(std::regex_search(message, std::regex("^" + file + ":[0-9]+:[0-9]+: "))) << message;
    EXPECT_THAT(message, HasSubstr(": " + path)) << file;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }

  std::size_t count = 0;
};

TEST_F(ComponentMutants, AWrongTypeIsNamed) {
  each([&](const std::string& file, const json& document) {
    for (const Component& component : components(document)) {
      if (!has_keys_of_its_own(component.path)) continue;
      for (const auto& [key, value] : document.at(component.at).items()) {
        if (key[0] == '@' || key[0] == '_' || any_value(key)) continue;
        json mutant = document;
        mutant.at(component.at)[key] = broken(value);
        expect_named(file, mutant, quoted(component.path, key));
      }
    }
  });
  EXPECT_GE(count, 200U);
}

TEST_F(ComponentMutants, AMisspeltKeyIsNamed) {
  each([&](const std::string& file, const json& document) {
    for (const Component& component : components(document)) {
      if (!has_keys_of_its_own(component.path)) continue;
      for (const auto& [key, value] : document.at(component.at).items()) {
        if (key[0] == '@' || key[0] == '_') continue;
        json mutant = document;
        mutant.at(component.at)[key + "z"] = value;
        expect_named(file, mutant, quoted(component.path, key + "z"));
      }
    }
  });
  EXPECT_GE(count, 200U);
}

TEST_F(ComponentMutants, AMisspeltComponentIsNamed) {
  each([&](const std::string& file, const json& document) {
    for (const Component& component : components(document)) {
      json mutant = document;
      const std::string name = component.at.back() + "z";
      mutant.at(component.at.parent_pointer())[name] = document.at(component.at);
      expect_named(file, mutant,
                   component.path.substr(0, component.path.rfind("extra_config")) +
                       quoted("extra_config", name));
    }
  });
  EXPECT_GE(count, 60U);
}

TEST_F(ComponentMutants, AFileThatIsNotThereIsNamed) {
  each([&](const std::string& file, const json& document) {
    const json flat = document.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      if (!value.is_string() || value.get<std::string>().empty()) continue;
      const std::string name = value;
      if (!std::filesystem::is_regular_file(folder() / name)) continue;
      json mutant = document;
      mutant[json::json_pointer(pointer)] = name + ".none";
      const auto loaded =
          load_text(mutant.dump(2), Syntax::json, file, {.working_directory = folder().string()});
      ++count;
      ASSERT_FALSE(loaded) << file << pointer;
      EXPECT_THAT(loaded.error().message, HasSubstr("cannot read "));
      EXPECT_THAT(loaded.error().message, HasSubstr(".none: No such file"));
      EXPECT_TRUE(
          std::regex_search(loaded.error().message, std::regex("^" + file + ":[0-9]+:[0-9]+: ")))
          << loaded.error().message;
    }
  });
  EXPECT_GE(count, 20U);
}

TEST_F(ComponentMutants, ARouteGivenTwiceIsNamed) {
  each([&](const std::string& file, const json& document) {
    if (!document.contains("endpoints") || !document["endpoints"].is_array()) return;
    for (std::size_t e = 0; e < document["endpoints"].size(); ++e) {
      json mutant = document;
      const json twin = mutant["endpoints"][e];
      mutant["endpoints"].push_back(twin);
      expect_named(file, mutant,
                   "endpoints[" + std::to_string(mutant["endpoints"].size() - 1) + "].endpoint: ");
    }
  });
  EXPECT_GE(count, 60U);
}

}  // namespace
}  // namespace ropewalk::config
