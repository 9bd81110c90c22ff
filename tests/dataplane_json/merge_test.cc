#include "tests/dataplane_json/run.h"

#include <gtest/gtest.h>

namespace ropewalk::json {
namespace {

struct Backend {
  Rules rules;
  std::string body;
};

std::string merged(const std::vector<Backend>& backends) {
  auto scratch = make_scratch();
  std::vector<Projection> projections;
  std::vector<std::string> bodies;
  std::vector<Partial> parts;
  for (const Backend& backend : backends) {
    projections.emplace_back(backend.rules);
    bodies.push_back(padded(backend.body));
  }
  for (std::size_t i = 0; i < backends.size(); ++i) {
    const auto body = std::string_view(bodies[i]).substr(0, backends[i].body.size());
    parts.push_back(projections[i].run(body, *scratch).value());
  }
  std::string out;
  append_merged(out, parts, *scratch);
  return out;
}

TEST(Merge, PartsInOrder) {
  const Rules g{.group = "g"};
  const std::pair<std::vector<Backend>, const char*> cases[] = {
      {{}, "{}"},
      {{{{}, "null"}}, "{}"},
      {{{{}, "{}"}, {{}, "null"}, {{}, "{}"}}, "{}"},
      {{{{}, R"({"a":1})"}, {{}, "{}"}}, R"({"a":1})"},
      {{{{}, R"({"a":1})"}, {{}, R"({"b":2,"c":[3]})"}, {{}, R"({"d":{}})"}},
       R"({"a":1,"b":2,"c":[3],"d":{}})"},
      {{{{}, R"({ "a" : 1 })"}, {{}, R"({"b": 2 })"}}, R"({ "a" : 1 ,"b": 2 })"},
      {{{{}, R"({"a":1,"b":2})"}, {{}, R"({"b":3,"c":4})"}}, R"({"a":1,"b":3,"c":4})"},
      {{{{}, R"({"a":1})"}, {{}, R"({"\u0061":2})"}, {{}, R"({"a":3})"}}, R"({"a":3})"},
      {{{g, R"({"a":1})"}, {{}, R"({"g":5,"b":2})"}}, R"({"g":5,"b":2})"},
      {{{{}, R"({"g":5,"b":2})"}, {g, R"({"a":1})"}}, R"({"g":{"a":1},"b":2})"},
      {{{g, "null"}, {{}, R"({"a":1})"}}, R"({"g":null,"a":1})"},
      {{{{}, R"({"a":1,"a":2})"}, {{}, R"({"b":3})"}}, R"({"a":2,"b":3})"},
      {{{{.deny = {"b"}}, R"({"a":1,"b":2,"c":3,"d":4})"}, {{}, R"({"e":5})"}},
       R"({"a":1,"c":3,"d":4,"e":5})"},
      {{{{.is_collection = true}, "[1]"}, {{.is_collection = true}, "[2]"}},
       R"({"collection":[2]})"},
  };
  for (const auto& [backends, expected] : cases) EXPECT_EQ(merged(backends), expected);
}

TEST(Merge, ManyKeysOfManyParts) {
  std::vector<Backend> backends;
  std::string expected;
  for (int part = 0; part < 5; ++part) {
    std::string body = "{";
    for (int key = 0; key < 1000; ++key) {
      if (key > 0) body += ',';
      // Every part repeats the first 500 keys and brings 500 of its own.
      const int name = key < 500 ? key : key + part * 1000;
      body += "\"k" + std::to_string(name) + "\":" + std::to_string(part);
    }
    backends.push_back({{}, body + "}"});
  }
  for (int key = 0; key < 500; ++key) expected += "\"k" + std::to_string(key) + "\":4,";
  for (int part = 0; part < 5; ++part) {
    for (int key = 500; key < 1000; ++key) {
      expected += "\"k" + std::to_string(key + part * 1000) + "\":" + std::to_string(part) + ",";
    }
  }
  expected.pop_back();
  EXPECT_EQ(merged(backends), "{" + expected + "}");
}

TEST(Merge, MembersMadeElsewhereAreEscaped) {
  auto scratch = make_scratch();
  const Member members[] = {{.key = "error_\"x\"", .value = R"({"http_status_code":404})"},
                            {.key = "content", .value = R"("hi")"}};
  const Partial parts[] = {{.has_data = true, .members = members},
                           {.has_data = true, .members = std::span(members).subspan(1)}};
  std::string out = "x";
  append_merged(out, parts, *scratch);
  EXPECT_EQ(out, R"(x{"error_\"x\"":{"http_status_code":404},"content":"hi"})");
}

TEST(Merge, TheSamePartTwiceCountsOnce) {
  auto scratch = make_scratch();
  const Projection projection(Rules{});
  const std::string text = R"({"a":1,"b":[2]})";
  const std::string body = padded(text);
  const Partial part =
      projection.run(std::string_view(body).substr(0, text.size()), *scratch).value();
  const Partial parts[] = {part, part};
  std::string out;
  append_merged(out, parts, *scratch);
  EXPECT_EQ(out, text);
}

TEST(Merge, ScratchIsReusable) {
  auto scratch = make_scratch();
  const Projection projection(
      Rules{.target = "d", .deny = {"p"}, .mapping = {{"id", "n"}}, .group = "g"});
  for (int round = 0; round < 100; ++round) {
    clear(*scratch);
    const std::string id = std::to_string(round);
    const std::string text = R"({"d":{"id":)" + id + R"(,"p":"x","\u0070":[1]}})";
    const std::string body = padded(text);
    const auto partial = projection.run(std::string_view(body).substr(0, text.size()), *scratch);
    ASSERT_TRUE(partial.has_value());
    std::string out;
    append_merged(out, std::span(&*partial, 1), *scratch);
    EXPECT_EQ(out, R"({"g":{"n":)" + id + "}}");
  }
}

}  // namespace
}  // namespace ropewalk::json
