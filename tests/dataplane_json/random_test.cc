// Random documents and rules against a naive model of KrakenD's rules over nlohmann's trees.
#include "dataplane/json/scanner.h"
#include "tests/dataplane_json/run.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>
#include <regex>

namespace ropewalk::json {
namespace {

using Tree = nlohmann::json;
using Path = std::vector<std::string>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(limit)); }
  template <class T>
  const T& one_of(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<int>(from.size())))];
  }

  // Few names, so that rules hit and keys repeat; some escaped.
  std::string key() {
    static const std::vector<std::string> kKeys = {
        "a", "b", "c", "d", "", "key", "\\u0061", "\\u0062", "k\\u0065y", "\xC3\xA9", "\\u00e9"};
    return '"' + one_of(kKeys) + '"';
  }
  std::string space() {
    static const std::vector<std::string> kSpaces = {"", "", "", "", " ", "\n\t", "  \r\n"};
    return one_of(kSpaces);
  }
  std::string value(int depth) {
    static const std::vector<std::string> kScalars = {"0",
                                                      "-1",
                                                      "1.5",
                                                      "1e3",
                                                      "true",
                                                      "false",
                                                      "null",
                                                      "\"\"",
                                                      "\"x\"",
                                                      "\"a\\\"b\\\\\"",
                                                      "\"\\u00e9\xE2\x82\xAC\"",
                                                      "\"{[,:]}\"",
                                                      "12345",
                                                      "\"\\ud83d\\ude00\""};
    const int kind = below(depth > 4 ? 6 : 10);
    if (kind < 6) return one_of(kScalars);
    return kind < 9 ? object(depth + 1) : array(depth + 1);
  }
  std::string object(int depth = 0) {
    std::string text = "{" + space();
    const int members = below(depth == 0 && below(20) == 0 ? 60 : 6);
    for (int i = 0; i < members; ++i) {
      if (i > 0) text += space() + "," + space();
      text += key() + space() + ":" + space() + value(depth);
    }
    return text + space() + "}";
  }
  std::string array(int depth = 0) {
    std::string text = "[" + space();
    const int elements = below(5);
    for (int i = 0; i < elements; ++i) {
      if (i > 0) text += space() + "," + space();
      text += value(depth);
    }
    return text + space() + "]";
  }

  std::string name() {
    static const std::vector<std::string> kNames = {"a", "b", "c", "d", "", "key", "\xC3\xA9", "z"};
    return one_of(kNames);
  }
  std::string path() {
    std::string text = name();
    while (below(2) == 0) text += "." + name();
    return text;
  }
  Rules rules() {
    Rules rules;
    if (below(3) == 0) rules.target = path();
    if (below(3) == 0) {
      for (int i = below(4); i >= 0; --i) rules.allow.push_back(path());
    }
    if (below(3) == 0) {
      for (int i = below(4); i >= 0; --i) rules.deny.push_back(path());
    }
    if (below(3) == 0) {
      for (int i = below(4); i >= 0; --i) rules.mapping.emplace_back(name(), path());
    }
    if (below(3) == 0) rules.group = name();
    rules.is_collection = below(6) == 0;
    return rules;
  }

 private:
  std::mt19937_64 engine_;
};

Path split_path(const std::string& text) {
  Path path(1);
  for (char c : text) {
    if (c == '.') {
      path.emplace_back();
    } else {
      path.back() += c;
    }
  }
  return path;
}

// Lists as KrakenD keeps them: a nested map in which `true` marks the end of a path.
void put(Tree& list, const Path& path) {
  Tree* at = &list;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    Tree& next = (*at)[path[i]];
    if (!next.is_object()) next = Tree::object();
    at = &next;
  }
  (*at)[path.back()] = true;
}

Tree allowed(const Tree& list, const Tree& data) {
  Tree kept = Tree::object();
  for (const auto& [key, value] : data.items()) {
    if (!list.contains(key)) continue;
    if (list[key] == true) {
      kept[key] = value;
    } else if (value.is_object()) {
      Tree inner = allowed(list[key], value);
      if (!inner.empty()) kept[key] = std::move(inner);
    }
  }
  return kept;
}

void remove(Tree& data, const Path& path, std::size_t from) {
  if (!data.is_object() || !data.contains(path[from])) return;
  if (from + 1 == path.size()) {
    data.erase(path[from]);
  } else {
    remove(data[path[from]], path, from + 1);
  }
}

// What a client gets for one backend; "null" without data.
Tree model(const Rules& rules, Tree data) {
  if (rules.is_collection) data = {{"collection", data}};
  if (!rules.target.empty()) {
    for (const std::string& key : split_path(rules.target)) {
      Tree next = data.is_object() && data.contains(key) ? data[key] : Tree::object();
      if (!next.is_object()) next = Tree::object();
      data = std::move(next);
    }
  }
  if (data.is_object()) {
    if (!rules.allow.empty()) {
      Tree list = Tree::object();
      for (const std::string& path : rules.allow) put(list, split_path(path));
      data = allowed(list, data);
    } else {
      for (const std::string& path : rules.deny) remove(data, split_path(path), 0);
    }
    std::map<std::string, std::string> mapping;
    for (const auto& [from, to] : rules.mapping) mapping[from] = split_path(to)[0];
    const Tree old = data;
    for (const auto& [from, to] : mapping) data.erase(from);
    for (const auto& [from, to] : mapping) {
      if (old.contains(from) && from != to) data[to] = old[from];
    }
  }
  if (!rules.group.empty()) data = {{rules.group, data}};
  return data;
}

std::string describe(const Rules& rules) {
  return Tree{{"target", rules.target}, {"allow", rules.allow}, {"deny", rules.deny},
              {"map", rules.mapping},   {"group", rules.group}, {"list", rules.is_collection}}
      .dump();
}

// No two members of an object that was not copied whole may share a key.
bool distinct_top_level(const std::string& text) {
  std::vector<std::string> keys;
  const auto sax = [&](int depth, Tree::parse_event_t event, Tree& parsed) {
    if (event == Tree::parse_event_t::key && depth == 1) keys.push_back(parsed.get<std::string>());
    return true;
  };
  (void)Tree::parse(text, sax);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

TEST(Random, EqualsTheModel) {
  Random random(20261121);
  for (int round = 0; round < 4000; ++round) {
    const Rules rules = random.rules();
    const std::string body = random.below(30) == 0 ? "null"
                             : rules.is_collection ? random.array()
                                                   : random.object();
    const std::string got = answer(rules, body);
    ASSERT_TRUE(Tree::accept(got)) << got << " from " << body << " by " << describe(rules);
    ASSERT_EQ(Tree::parse(got), model(rules, Tree::parse(body)))
        << got << " from " << body << " by " << describe(rules);
    ASSERT_TRUE(distinct_top_level(got)) << got << " from " << body;
  }
}

TEST(Random, MergeEqualsTheModel) {
  Random random(7);
  for (int round = 0; round < 800; ++round) {
    auto scratch = make_scratch();
    std::vector<Projection> projections;
    std::vector<std::string> bodies;
    std::vector<Partial> parts;
    Tree expected = Tree::object();
    const int count = 1 + random.below(4);
    for (int i = 0; i < count; ++i) {
      Rules rules = random.rules();
      rules.is_collection = false;
      const std::string body = random.object();
      expected.update(model(rules, Tree::parse(body)));
      projections.emplace_back(rules);
      bodies.push_back(padded(body));
    }
    for (int i = 0; i < count; ++i) {
      const auto n = static_cast<std::size_t>(i);
      const auto body = std::string_view(bodies[n]).substr(0, bodies[n].size() - kPadding);
      parts.push_back(projections[n].run(body, *scratch).value());
    }
    std::string out;
    append_merged(out, parts, *scratch);
    ASSERT_EQ(Tree::parse(out), expected) << out;
    ASSERT_TRUE(distinct_top_level(out)) << out;
  }
}

// Damaged documents: the projection accepts exactly what the scanner accepts, and what comes out is
// JSON even then.
TEST(Random, DamagedDocuments) {
  Random random(99);
  static const std::vector<std::string> kNoise = {
      "{",       "}",       "[",     "]",    ",",     ":",    "\"",
      "\\",      "0",       "-",     ".",    "e",     "t",    "n",
      " ",       "\n",      "\t",    "\x01", "\xFF",  "\xC3", "\xED\xA0\x80",
      "\\ud800", "\\uDC00", "\\u12", "null", "1e400", "x",    "/"};
  int accepted = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string body = random.object();
    for (int i = random.below(3); i >= 0; --i) {
      const auto at = static_cast<std::size_t>(random.below(static_cast<int>(body.size()) + 1));
      switch (random.below(3)) {
        case 0:
          body.insert(at, random.one_of(kNoise));
          break;
        case 1:
          body.erase(at, static_cast<std::size_t>(1 + random.below(3)));
          break;
        default:
          body = body.substr(0, at) + random.one_of(kNoise) +
                 body.substr(std::min(at + 1, body.size()));
      }
    }
    std::vector<char> levels;
    const auto scanned = scan(body, 10000, levels);
    Rules rules = random.rules();
    rules.is_collection = scanned && scanned->value.front() == '[';
    const std::string got = answer(rules, body);
    const bool wanted = scanned && (scanned->value.front() == '{' ||
                                    scanned->value.front() == '[' || scanned->value == "null");
    ASSERT_EQ(!got.starts_with("error: "), wanted) << body << " gave " << got;
    if (!wanted) continue;
    ++accepted;
    // nlohmann refuses numbers beyond double, Go does not.
    static const std::regex kHuge("[0-9][eE][+]?[0-9]{3,}");
    ASSERT_TRUE(Tree::accept(got) || std::regex_search(got, kHuge))
        << got << " from " << body << " by " << describe(rules);
  }
  EXPECT_GT(accepted, 300);
}

}  // namespace
}  // namespace ropewalk::json
