// What compile() refuses, with which words, and what types it finds.
#include "common/cel/program.h"

#include <gtest/gtest.h>

namespace ropewalk::cel {
namespace {

Environment environment() {
  Environment out;
  out.variables = {{"method", plain(Kind::text)},
                   {"flag", plain(Kind::boolean)},
                   {"names", list_of(plain(Kind::text))},
                   {"claims", map_of(plain(Kind::text), dyn())}};
  return out;
}

struct Refusal {
  const char* text;
  const char* message;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, NamesThePlace) {
  const auto program = compile(environment(), GetParam().text);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().kind, ropewalk::Kind::config);
  EXPECT_EQ(program.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Cel, Refused,
    testing::Values(
        Refusal{"", "column 1: unexpected end"}, Refusal{"method == ", "column 11: unexpected end"},
        Refusal{"method === 'x'", "column 10: unexpected character '='"},
        Refusal{"claims..id", "column 8: unexpected '.' (expected a name)"},
        Refusal{"'Zoë' == 5", "column 7: '==' does not take (string, int)"},
        Refusal{"methd == 'x'", "column 1: unknown name 'methd' (did you mean method?)"},
        Refusal{"claims == 5", "column 8: '==' does not take (map(string, dyn), int)"},
        Refusal{"method.lower() == 'x'", "column 13: unknown function 'lower'"},
        Refusal{"method.startWith('x')",
                "column 17: unknown function 'startWith' (did you mean startsWith?)"},
        Refusal{"base64.encode(b'x')", "column 14: unknown function 'encode'"},
        Refusal{"flag && method", "column 9: expected bool, got string"},
        Refusal{"flag ? 'a' : 1", "column 6: '?:' does not take (string, int)"},
        Refusal{"method.size", "column 7: string has no field 'size'"},
        Refusal{"method.all(c, true)", "column 11: a macro needs a list or a map, got string"},
        Refusal{"names.all(i, n, true)", "column 10: unknown function 'all'"},
        Refusal{"names.all(1, true)", "column 11: expected the name of a variable"},
        Refusal{"has(claims)", "column 5: has() takes a field: has(x.y)"},
        Refusal{"has(claims['a'])", "column 11: has() takes a field: has(x.y)"},
        Refusal{"1 < 2.0", "column 3: '<' does not take (int, double)"},
        Refusal{"9223372036854775808", "column 1: '9223372036854775808' is no integer of 64 bits"},
        Refusal{"1x", "column 2: unexpected character 'x'"},
        Refusal{"'abc", "column 1: a text without an end"},
        Refusal{"'\\q'", "column 2: unknown escape"},
        Refusal{"'\\ud800'", "column 2: unknown escape"},
        Refusal{"(1", "column 3: unexpected end (expected ')')"},
        Refusal{"1 2", "column 3: unexpected '2'"},
        Refusal{"if", "column 1: 'if' is a reserved word"},
        Refusal{"a{b: 1}", "column 2: messages do not exist here"},
        Refusal{"claims.?a", "column 8: unexpected '?' (expected a name)"}));

struct Typed {
  const char* text;
  const char* type;
};

class Accepted : public testing::TestWithParam<Typed> {};

TEST_P(Accepted, HasAType) {
  const auto program = compile(environment(), GetParam().text);
  ASSERT_TRUE(program) << program.error().message;
  EXPECT_EQ(to_string(program->result()), GetParam().type);
}

INSTANTIATE_TEST_SUITE_P(
    Cel, Accepted,
    testing::Values(Typed{"claims.level == 7", "bool"}, Typed{"claims.level", "dyn"},
                    Typed{"claims.a.b[0].c", "dyn"}, Typed{"method", "string"},
                    Typed{"names.map(n, size(n))", "list(int)"},
                    Typed{"names.filter(n, n == 'x')", "list(string)"},
                    Typed{"claims.map(k, k)", "list(string)"}, Typed{"[1, 'a']", "list(dyn)"},
                    Typed{"{'a': 1u}", "map(string, uint)"}, Typed{"flag ? claims.x : 1", "dyn"},
                    Typed{"type(1) == int", "bool"},
                    Typed{"timestamp(method) - duration('1h')", "timestamp"},
                    Typed{"int(claims.exp) % 2 == 1", "bool"},
                    Typed{"names.exists_one(n, n == 'x') || names.existsOne(n, true)", "bool"}));

TEST(Cel, RefusesWhatIsTooLargeOrTooDeep) {
  const std::string longest = "'" + std::string(kMaxText, 'x') + "'";
  EXPECT_FALSE(compile({}, longest));
  EXPECT_FALSE(compile({}, std::string(100, '[') + std::string(1000, '(') + "1"));
  std::string sum = "1";
  for (int i = 0; i < 1000; ++i) sum += "+1";
  const auto deep = compile({}, sum);
  ASSERT_FALSE(deep);
  EXPECT_TRUE(deep.error().message.ends_with("nested too deep")) << deep.error().message;
  std::string any = "false";
  for (int i = 0; i < 5000; ++i) any += "||true";
  EXPECT_TRUE(compile({}, any));
}

// A chain of macros is checked once per macro, not once per combination.
TEST(Cel, ChecksLongChainsQuickly) {
  std::string chain = "names";
  for (int i = 0; i < 200; ++i) chain += ".map(x, x)";
  EXPECT_TRUE(compile(environment(), chain));
}

TEST(Programs, KnowWhatTheyName) {
  const auto program =
      compile(environment(), "flag || names.exists(method, method == 'x' && has(claims.a))");
  ASSERT_TRUE(program);
  EXPECT_FALSE(program->names(0)) << "method is a variable of the macro";
  for (const std::size_t place : {1, 2, 3}) EXPECT_TRUE(program->names(place)) << place;
}

}  // namespace
}  // namespace ropewalk::cel
