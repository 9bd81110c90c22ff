#include "tests/dataplane_json/run.h"

#include <gtest/gtest.h>

namespace ropewalk::json {
namespace {

struct RulesCase {
  const char* name;
  Rules rules;
  const char* body;
  const char* expected;
};

void check_rules(std::initializer_list<RulesCase> cases) {
  for (const RulesCase& c : cases) {
    EXPECT_EQ(answer(c.rules, c.body), c.expected) << c.name;
  }
}

constexpr const char* kOrder =
    R"({"id":9007199254740993,"total":1.10,"who":{"id":42,"name":"Z","at":{"city":"T","geo":{"lat":60.45,"lon":22}}},)"
    R"("lines":[{"sku":"A"}],"note":null,"meta":{}})";

TEST(Rules, NoneKeepsTheTextOfTheValue) {
  check_rules({
      {"compact", {}, R"({"a":1,"b":[1,2]})", R"({"a":1,"b":[1,2]})"},
      {"spaces stay", {}, " {\"a\" : 1 ,\n\"b\":2 } \n", "{\"a\" : 1 ,\n\"b\":2 }"},
      {"exact numbers",
       {},
       R"({"n":9007199254740993,"x":1.10,"e":1e400,"z":-0})",
       R"({"n":9007199254740993,"x":1.10,"e":1e400,"z":-0})"},
      {"empty", {}, "{ }", "{}"},
      {"null", {}, "null", "null"},
      {"trailing data", {}, R"({"a":1} {"b":2} garbage)", R"({"a":1})"},
      {"trailing data that simdjson refuses", {}, "{\"a\":1} \"open \xFF", R"({"a":1})"},
      {"trailing bracket", {}, R"({"a":1}}})", R"({"a":1})"},
      {"duplicate", {}, R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
      {"duplicate by escape", {}, R"({"a":1,"b":2,"\u0061":3})", R"({"a":3,"b":2})"},
      {"inner duplicates are data", {}, R"({"o":{"a":1,"a":2}})", R"({"o":{"a":1,"a":2}})"},
  });
}

TEST(Rules, Target) {
  auto target = [](const char* path) { return Rules{.target = path}; };
  check_rules({
      {"one", target("who"), kOrder,
       R"({"id":42,"name":"Z","at":{"city":"T","geo":{"lat":60.45,"lon":22}}})"},
      {"three", target("who.at.geo"), kOrder, R"({"lat":60.45,"lon":22})"},
      {"missing", target("nobody"), kOrder, "{}"},
      {"missing inside", target("who.phone.home"), kOrder, "{}"},
      {"number", target("id"), kOrder, "{}"},
      {"null", target("note"), kOrder, "{}"},
      {"array", target("lines"), kOrder, "{}"},
      {"index", target("lines.0"), kOrder, "{}"},
      {"through a scalar", target("total.x"), kOrder, "{}"},
      {"empty object", target("meta"), kOrder, "{}"},
      {"case", target("Who"), kOrder, "{}"},
      {"empty segments", target("."), R"({"":{"":{"deep":1}},"x":2})", R"({"deep":1})"},
      {"trailing dot", target("a."), R"({"a":{"":{"n":1},"b":2}})", R"({"n":1})"},
      {"leading dot", target(".a"), R"({"":{"a":{"n":1}},"a":{"m":2}})", R"({"n":1})"},
      {"a key with a dot", target("a.b"), R"({"a.b":{"n":1}})", "{}"},
      {"null body", target("a"), "null", "{}"},
      {"escaped key", target("who"), R"({"w\u0068o":{"n":1}})", R"({"n":1})"},
      {"last duplicate", target("a.b"), R"({"a":{"b":{"n":1}},"a":{"b":{"n":2}}})", R"({"n":2})"},
      {"last duplicate is nothing", target("a.b"), R"({"a":{"b":{"n":1}},"a":{}})", "{}"},
      {"last duplicate is no object", target("a.b"), R"({"a":{"b":{"n":1},"b":[1]}})", "{}"},
      {"the first was no object", target("a"), R"({"a":1,"a":{"n":2}})", R"({"n":2})"},
      {"duplicates inside", target("a"), R"({"a":{"n":1,"m":0,"n":2}})", R"({"n":2,"m":0})"},
      {"broken behind it", target("a"), R"({"a":{"n":1},"b":[1,]})",
       "error: the body is not JSON: unexpected ']' at byte 20"},
  });
}

TEST(Rules, Allow) {
  auto allow = [](std::vector<std::string> paths) { return Rules{.allow = std::move(paths)}; };
  check_rules({
      {"top", allow({"id", "note", "meta"}), kOrder,
       R"({"id":9007199254740993,"note":null,"meta":{}})"},
      {"missing are not invented", allow({"total", "bill"}), kOrder, R"({"total":1.10})"},
      {"case", allow({"ID", "Total"}), kOrder, "{}"},
      {"nested", allow({"who.at.geo.lat", "who.id", "total"}), kOrder,
       R"({"total":1.10,"who":{"id":42,"at":{"geo":{"lat":60.45}}}})"},
      {"inner object", allow({"who.at"}), kOrder,
       R"({"who":{"at":{"city":"T","geo":{"lat":60.45,"lon":22}}}})"},
      {"parent without the leaf", allow({"who.phone", "id"}), kOrder, R"({"id":9007199254740993})"},
      {"deep parent without the leaf", allow({"who.at.street.no"}), kOrder, "{}"},
      {"through an array", allow({"lines.sku", "lines.0.sku", "lines.*.sku"}), kOrder, "{}"},
      {"through a scalar", allow({"total.x", "note.x", "meta.x"}), kOrder, "{}"},
      {"no star", allow({"*"}), R"({"*":{"x":1},"a":2})", R"({"*":{"x":1}})"},
      {"empty entry", allow({""}), R"({"":1,"a":2})", R"({"":1})"},
      {"trailing dot", allow({"a."}), R"({"a":{"":1,"b":2}})", R"({"a":{"":1}})"},
      {"a key with a dot", allow({"x.y"}), R"({"x.y":1})", "{}"},
      {"deeper later overrides", allow({"a", "a.b"}), R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1}})"},
      {"shallower later wins", allow({"a.b", "a"}), R"({"a":{"b":1,"c":2}})",
       R"({"a":{"b":1,"c":2}})"},
      {"shallower, then deeper again", allow({"a.b", "a", "a.c"}), R"({"a":{"b":1,"c":2}})",
       R"({"a":{"c":2}})"},
      {"deny is ignored", Rules{.allow = {"id"}, .deny = {"id"}}, kOrder,
       R"({"id":9007199254740993})"},
      {"escaped key", allow({"id"}), R"({"\u0069d":1,"x":2})", R"({"\u0069d":1})"},
      {"last duplicate", allow({"a.b"}), R"({"a":{"b":1},"a":{"b":2}})", R"({"a":{"b":2}})"},
      {"last duplicate is no object", allow({"a.b", "c"}), R"({"a":{"b":1},"c":0,"a":5})",
       R"({"c":0})"},
      {"last duplicate lacks it", allow({"a.b", "c"}), R"({"a":{"b":1},"c":0,"a":{}})",
       R"({"c":0})"},
      {"inner duplicates", allow({"a.b"}), R"({"a":{"b":1,"b":[2]}})", R"({"a":{"b":[2]}})"},
      {"null body", allow({"a"}), "null", "null"},
      {"many entries",
       allow({"k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "long-key"}),
       R"({"k10":10,"k11":11,"long-key":0,"k1":1})", R"({"k10":10,"long-key":0,"k1":1})"},
  });
}

TEST(Rules, Deny) {
  auto deny = [](std::vector<std::string> paths) { return Rules{.deny = std::move(paths)}; };
  check_rules({
      {"top", deny({"who", "lines", "note", "nope"}), kOrder,
       R"({"id":9007199254740993,"total":1.10,"meta":{}})"},
      {"nested", deny({"who.at.geo.lat", "who.id", "lines", "id"}), kOrder,
       R"({"total":1.10,"who":{"name":"Z","at":{"city":"T","geo":{"lon":22}}},"note":null,"meta":{}})"},
      {"emptied parent stays", deny({"a.b.c"}), R"({"a":{"b":{"c":1}}})", R"({"a":{"b":{}}})"},
      {"shallow covers deep", deny({"a", "a.b"}), R"({"a":{"b":1,"c":2},"d":3})", R"({"d":3})"},
      {"deep first", deny({"a.b.c", "a.b"}), R"({"a":{"b":{"c":1,"d":2},"e":3}})",
       R"({"a":{"e":3}})"},
      {"arrays are not entered", deny({"lines.sku", "lines.0"}), R"({"lines":[{"sku":1}]})",
       R"({"lines":[{"sku":1}]})"},
      {"scalars stay", deny({"a.b"}), R"({"a":1})", R"({"a":1})"},
      {"escape does not walk past", deny({"password"}), R"({"pass\u0077ord":"x","a":1})",
       R"({"a":1})"},
      {"duplicates all go", deny({"p"}), R"({"p":1,"a":2,"p":3})", R"({"a":2})"},
      {"inner duplicates", deny({"a.p"}), R"({"a":{"b":1,"b":2,"p":3}})", R"({"a":{"b":2}})"},
      {"duplicate of an entered object", deny({"a.p"}), R"({"a":{"p":1,"q":2},"a":"x"})",
       R"({"a":"x"})"},
      {"invalid UTF-8 in keys", deny({"p"}), "{\"p\":1,\"\xFF\":2}", "{\"\xEF\xBF\xBD\":2}"},
      {"all gone", deny({"a"}), R"({"a":1})", "{}"},
  });
}

TEST(Rules, Mapping) {
  auto mapping = [](std::vector<std::pair<std::string, std::string>> entries) {
    return Rules{.mapping = std::move(entries)};
  };
  check_rules({
      {"rename", mapping({{"a", "x"}, {"nope", "y"}}), R"({"a":{"a":1},"b":2})",
       R"({"x":{"a":1},"b":2})"},
      {"top level only", mapping({{"a.b", "c"}, {"b", "d"}}), R"({"a":{"b":1}})",
       R"({"a":{"b":1}})"},
      {"dotted old name is literal", mapping({{"a.b", "c"}}), R"({"a.b":1})", R"({"c":1})"},
      {"new name is cut at a dot", mapping({{"a", "x.y.z"}}), R"({"a":1})", R"({"x":1})"},
      {"new name begins with a dot", mapping({{"a", ".y"}}), R"({"a":1})", R"({"":1})"},
      {"taken name is replaced", mapping({{"nick", "name"}}), R"({"name":"Ada","nick":"c"})",
       R"({"name":"c"})"},
      {"to itself is lost", mapping({{"a", "a"}}), R"({"a":1,"b":2})", R"({"b":2})"},
      {"to itself by the cut", mapping({{"a", "a.b"}}), R"({"a":1,"b":2})", R"({"b":2})"},
      {"swap", mapping({{"a", "b"}, {"b", "a"}}), R"({"a":1,"b":2})", R"({"b":1,"a":2})"},
      {"chain", mapping({{"a", "b"}, {"b", "c"}}), R"({"a":1,"b":2})", R"({"b":1,"c":2})"},
      {"two to one: last old name wins", mapping({{"last", "n"}, {"first", "n"}}),
       R"({"last":"L","first":"F"})", R"({"n":"L"})"},
      {"last declaration of an old name", mapping({{"a", "x"}, {"a", "y"}}), R"({"a":1})",
       R"({"y":1})"},
      {"escaped old name", mapping({{"a", "x"}}), R"({"\u0061":1})", R"({"x":1})"},
      {"new name needs escapes", mapping({{"a", "<\""}}), R"({"a":1})", R"({"\u003c\"":1})"},
      {"of duplicates the last", mapping({{"a", "x"}}), R"({"a":1,"a":2})", R"({"x":2})"},
      {"null body", mapping({{"a", "x"}}), "null", "null"},
  });
}

TEST(Rules, Group) {
  check_rules({
      {"whole", {.group = "g"}, " {\"a\": 1}\n", R"({"g":{"a": 1}})"},
      {"dots are literal", {.group = "a.b"}, R"({"a":1})", R"({"a.b":{"a":1}})"},
      {"escaped name", {.group = "a\"<"}, R"({"a":1})", R"({"a\"\u003c":{"a":1}})"},
      {"empty object", {.group = "g"}, "{}", R"({"g":{}})"},
      {"null", {.group = "g"}, " null", R"({"g":null})"},
      {"null with a target", {.target = "t", .group = "g"}, "null", R"({"g":{}})"},
      {"nothing left", {.allow = {"x"}, .group = "g"}, R"({"a":1})", R"({"g":{}})"},
      {"broken inside",
       {.group = "g"},
       R"({"a":[1 2]})",
       "error: the body is not JSON: unexpected '2' at byte 8"},
  });
}

TEST(Rules, OrderIsTargetFilterMappingGroup) {
  check_rules({
      {"all",
       {.target = "who",
        .allow = {"id", "at.geo"},
        .mapping = {{"id", "no"}, {"at", "where"}},
        .group = "g"},
       kOrder,
       R"({"g":{"no":42,"where":{"geo":{"lat":60.45,"lon":22}}}})"},
      {"allow after target", {.target = "who", .allow = {"who.id"}}, kOrder, "{}"},
      {"allow before mapping", {.allow = {"no"}, .mapping = {{"id", "no"}}}, kOrder, "{}"},
      {"mapping onto a denied key",
       {.deny = {"b"}, .mapping = {{"a", "b"}}},
       R"({"a":1,"b":2})",
       R"({"b":1})"},
      {"allow before group", {.allow = {"g.id"}, .group = "g"}, kOrder, R"({"g":{}})"},
      {"mapping before group",
       {.mapping = {{"g", "x"}}, .group = "g"},
       R"({"a":1})",
       R"({"g":{"a":1}})"},
      {"deny and target",
       {.target = "a", .deny = {"p.q"}},
       R"({"a":{"p":{"q":1,"r":2}}})",
       R"({"p":{"r":2}})"},
  });
}

TEST(Rules, Collection) {
  auto with = [](Rules rules) {
    rules.is_collection = true;
    return rules;
  };
  check_rules({
      {"wrapped", with({}), " [1, {\"a\":2}] ", R"({"collection":[1, {"a":2}]})"},
      {"empty", with({}), "[]", R"({"collection":[]})"},
      {"null", with({}), "null", R"({"collection":null})"},
      {"trailing", with({}), "[1,2] [3] tail", R"({"collection":[1,2]})"},
      {"object", with({}), R"({"collection":[1]})",
       "error: the body is a JSON object, expected an array"},
      {"string", with({}), R"("text")", "error: the body is a JSON string, expected an array"},
      {"array without the flag", {}, "[1]", "error: the body is a JSON array, expected an object"},
      {"mapping", with({.mapping = {{"collection", "rows.x"}}}), "[1]", R"({"rows":[1]})"},
      {"group", with({.group = "g"}), "[1]", R"({"g":{"collection":[1]}})"},
      {"both", with({.mapping = {{"collection", "rows"}}, .group = "g"}), "[1]",
       R"({"g":{"rows":[1]}})"},
      {"allow", with({.allow = {"collection"}}), "[1]", R"({"collection":[1]})"},
      {"allow inside", with({.allow = {"collection.id", "id"}}), "[1]", "{}"},
      {"deny", with({.deny = {"collection"}}), "[1]", "{}"},
      {"deny inside", with({.deny = {"collection.0", "name"}}), "[1]", R"({"collection":[1]})"},
      {"target", with({.target = "collection"}), "[1]", "{}"},
      {"target and group of null", with({.target = "x", .group = "g"}), "null", R"({"g":{}})"},
      {"null denied", with({.deny = {"collection"}}), "null", "{}"},
      {"no room for more levels", with({}), "[[[", "error: the body ends inside a JSON value"},
  });
}

TEST(Rules, NullWithoutObjectHasNoData) {
  const std::string body = padded("null");
  auto scratch = make_scratch();
  const Projection projection(Rules{.allow = {"a"}});
  const auto partial = projection.run(std::string_view(body).substr(0, 4), *scratch);
  ASSERT_TRUE(partial.has_value());
  EXPECT_FALSE(partial->has_data);
  EXPECT_TRUE(partial->members.empty());
}

TEST(Rules, FilteredAwayIsStillData) {
  const std::string body = padded(R"({"a":1})");
  auto scratch = make_scratch();
  const Projection projection(Rules{.allow = {"b"}});
  const auto partial = projection.run(std::string_view(body).substr(0, 7), *scratch);
  ASSERT_TRUE(partial.has_value());
  EXPECT_TRUE(partial->has_data);
  EXPECT_TRUE(partial->members.empty());
}

TEST(Rules, ErrorsBelongToTheBackend) {
  auto scratch = make_scratch();
  const std::string body = padded("");
  const auto partial = Projection(Rules{}).run(std::string_view(body).substr(0, 0), *scratch);
  ASSERT_FALSE(partial.has_value());
  EXPECT_EQ(partial.error().kind, Kind::decode);
  EXPECT_EQ(partial.error().origin, Origin::backend);
  EXPECT_EQ(partial.error().message, "the body is empty");
}

TEST(Rules, KeysAreDecoded) {
  const std::string text = R"({"caf\u00e9":1})";
  const std::string body = padded(text);
  auto scratch = make_scratch();
  const auto partial =
      Projection(Rules{}).run(std::string_view(body).substr(0, text.size()), *scratch);
  ASSERT_TRUE(partial.has_value());
  ASSERT_EQ(partial->members.size(), 1U);
  EXPECT_EQ(partial->members[0].key, "caf\xC3\xA9");
  EXPECT_EQ(partial->members[0].quoted, R"("caf\u00e9")");
  EXPECT_EQ(partial->members[0].value, "1");
}

}  // namespace
}  // namespace ropewalk::json
