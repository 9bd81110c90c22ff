// Functions of templates, with what Sprig answers.
#include "config/template/engine.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace ropewalk::config::templates {
namespace {

std::string run(const std::string& text) {
  Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SHOP") return "north";
    return std::nullopt;
  };
  environment.include = [](const std::string& name) { return "<" + name + ">"; };
  Engine engine(std::move(environment));
  if (const auto added = engine.add("main", "main", text); !added)
    return "ERROR " + added.error().message;
  const auto out = engine.execute("main", nlohmann::json::parse(R"({"f":1.5,"list":[1,"x"],
      "map":{"k":1}})"));
  return out ? *out : "ERROR " + out.error().message;
}

struct Row {
  const char* expression;
  const char* output;
};

class Function : public ::testing::TestWithParam<Row> {};

TEST_P(Function, Answers) {
  EXPECT_EQ(run("{{ " + std::string(GetParam().expression) + " }}"), GetParam().output)
      << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Function,
    ::testing::Values(
        Row{"upper \"ab\"", "AB"}, Row{"title \"one two\"", "One Two"},
        Row{"untitle \"One Two\"", "one two"}, Row{"swapcase \"aB\"", "Ab"},
        Row{"trim \" a \\n\"", "a"}, Row{"trimAll \"-\" \"-a-\"", "a"},
        Row{"trimSuffix \"x\" \"ax\"", "a"}, Row{"trimPrefix \"a\" \"ax\"", "x"},
        Row{"nospace \" a b \"", "ab"}, Row{"trunc 3 \"abcdef\"", "abc"},
        Row{"trunc -3 \"abcdef\"", "def"}, Row{"substr 1 3 \"abcdef\"", "bc"},
        Row{"repeat 3 \"ab\"", "ababab"}, Row{"contains \"b\" \"abc\"", "true"},
        Row{"hasPrefix \"a\" \"abc\"", "true"}, Row{"replace \"a\" \"xy\" \"aba\"", "xybxy"},
        Row{"indent 2 \"a\\nb\"", "  a\n  b"}, Row{"nindent 1 \"a\"", "\n a"},
        Row{"quote \"a\\\"b\" nil 1", "\"a\\\"b\" \"1\""}, Row{"squote 1 \"a\"", "'1' 'a'"},
        Row{"cat \"a\" 1 true", "a 1 true"}, Row{"join \"-\" (list 1 \"a\" nil)", "1-a"},
        Row{"splitList \".\" \"a.b\"", "[a b]"}, Row{"(split \".\" \"a.b\")._1", "b"},
        Row{"splitn \".\" 2 \"a.b.c\"", "map[_0:a _1:b.c]"},
        Row{"plural \"one\" \"many\" 1", "one"}, Row{"abbrev 6 \"longtext\"", "lon..."},
        Row{"abbrevboth 5 10 \"1234 5678 9123\"", "...5678..."},
        Row{"initials \"First Try\"", "FT"}, Row{"camelcase \"http_server\"", "HttpServer"},
        Row{"snakecase \"FirstName\"", "first_name"},
        Row{"kebabcase \"HTTPServer\"", "http-server"}, Row{"wrap 3 \"ab cd\"", "ab\ncd"},
        Row{"wrapWith 2 \"-\" \"abcd\"", "ab-cd"}, Row{"toString 1.5", "1.5"},
        Row{"sortAlpha (list \"b\" \"a\")", "[a b]"}, Row{"toStrings (list 1 true)", "[1 true]"}));

INSTANTIATE_TEST_SUITE_P(
    Lists, Function,
    ::testing::Values(Row{"first (list 1 2)", "1"}, Row{"first (list)", "<no value>"},
                      Row{"last (list 1 2)", "2"}, Row{"rest (list 1 2 3)", "[2 3]"},
                      Row{"initial (list 1 2 3)", "[1 2]"}, Row{"append (list 1) 2", "[1 2]"},
                      Row{"prepend (list 1) 0", "[0 1]"}, Row{"concat (list 1) (list 2)", "[1 2]"},
                      Row{"reverse (list 1 2)", "[2 1]"}, Row{"uniq (list 1 1 2)", "[1 2]"},
                      Row{"without (list 1 2 3) 2", "[1 3]"},
                      Row{"compact (list \"\" \"a\" 0)", "[a]"}, Row{"has 1 (list 1)", "true"},
                      Row{"has 1.0 (list 1)", "false"}, Row{"slice (list 1 2 3) 1 2", "[2]"},
                      Row{"chunk 2 (list 1 2 3)", "[[1 2] [3]]"}, Row{"until 3", "[0 1 2]"},
                      Row{"untilStep 0 6 2", "[0 2 4]"}, Row{"seq 3", "1 2 3"},
                      Row{"seq 1 2 5", "1 3 5"}, Row{"tuple 1 \"a\"", "[1 a]"}));

INSTANTIATE_TEST_SUITE_P(
    Dicts, Function,
    ::testing::Values(
        Row{"dict \"a\" 1 \"b\"", "map[a:1 b:]"}, Row{"get (dict \"a\" 1) \"a\"", "1"},
        Row{"set (dict) \"a\" 1", "map[a:1]"}, Row{"unset (dict \"a\" 1) \"a\"", "map[]"},
        Row{"hasKey (dict \"a\" 1) \"b\"", "false"}, Row{"keys (dict \"b\" 1 \"a\" 2)", "[a b]"},
        Row{"values (dict \"b\" 1 \"a\" 2)", "[2 1]"},
        Row{"pick (dict \"a\" 1 \"b\" 2) \"a\"", "map[a:1]"},
        Row{"omit (dict \"a\" 1 \"b\" 2) \"a\"", "map[b:2]"},
        Row{"pluck \"a\" (dict \"a\" 1) (dict) (dict \"a\" 2)", "[1 2]"},
        Row{"merge (dict \"a\" 1) (dict \"a\" 2 \"b\" 3)", "map[a:1 b:3]"},
        Row{"mergeOverwrite (dict \"a\" 1) (dict \"a\" 2)", "map[a:2]"},
        Row{"merge (dict \"a\" (dict \"x\" 1)) (dict \"a\" (dict \"y\" 2))", "map[a:map[x:1 y:2]]"},
        Row{"dig \"a\" \"b\" \"none\" (dict \"a\" (dict \"b\" 1))", "1"},
        Row{"dig \"a\" \"c\" \"none\" (dict \"a\" (dict \"b\" 1))", "none"},
        Row{"deepCopy .map", "map[k:1]"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Function,
    ::testing::Values(Row{"add 1 2.9 \"3\"", "6"}, Row{"sub 5 7", "-2"}, Row{"mul 2 3 4", "24"},
                      Row{"div 7.9 2", "3"},
                      Row{"div 1 0",
                          "ERROR main:1:4: template: error calling div: integer divide by zero"},
                      Row{"mod 7 3", "1"}, Row{"add1 .f", "2"}, Row{"max 1 3 2", "3"},
                      Row{"min 3 1 2", "1"}, Row{"addf 1.1 2.2", "3.3"}, Row{"subf 0.3 0.1", "0.2"},
                      Row{"mulf 1.1 1.1", "1.21"}, Row{"divf 7 2", "3.5"}, Row{"floor 2.7", "2"},
                      Row{"ceil 2.1", "3"}, Row{"round 3.14159 3", "3.142"},
                      Row{"int \"0x10\"", "16"}, Row{"int \"12abc\"", "0"},
                      Row{"toDecimal \"0755\"", "493"}, Row{"float64 \"1e3\"", "1000"},
                      Row{"atoi \"-7\"", "-7"}, Row{"maxf 1.5 2", "2"},
                      Row{"typeOf (add 1 2)", "int64"}, Row{"until (int (add 1 1))", "[0 1]"}));

INSTANTIATE_TEST_SUITE_P(
    Others, Function,
    ::testing::Values(
        Row{"default \"d\" .none", "d"}, Row{"default \"d\" 0", "d"},
        Row{"\"x\" | default \"d\"", "x"}, Row{"coalesce 0 \"\" \"z\"", "z"},
        Row{"ternary 1 2 false", "2"}, Row{"empty (list)", "true"}, Row{"all 1 \"a\"", "true"},
        Row{"any 0 \"\"", "false"}, Row{"env \"SHOP\"", "north"}, Row{"env \"NONE\"", ""},
        Row{"expandenv \"$SHOP-${SHOP}-$NONE.\"", "north-north-."},
        Row{"include \"a.txt\"", "<a.txt>"}, Row{"kindOf .list", "slice"},
        Row{"kindOf nil", "invalid"}, Row{"typeOf .map", "map[string]interface {}"},
        Row{"deepEqual (list 1) (list 1)", "true"}, Row{"marshal .list", "[1,\"x\"]"},
        Row{"marshal \"<\"", "\"\\u003c\""}, Row{"toRawJson \"<\"", "\"<\""},
        Row{"toPrettyJson .map", "{\n  \"k\": 1\n}"}, Row{"marshal 1000000.0", "1000000"},
        Row{"marshal .none", "null"}, Row{"(fromJson \"{\\\"a\\\":[1]}\").a", "[1]"},
        Row{"b64enc \"ab\"", "YWI="}, Row{"b64dec \"YWI=\"", "ab"},
        Row{"b64dec \"!!\"", "illegal base64 data at input byte 0"},
        Row{"b32dec \"ME======\"", "a"},
        Row{"sha1sum \"a\"", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"},
        Row{"adler32sum \"a\"", "6422626"}, Row{"regexMatch \"^a\" \"ab\"", "true"},
        Row{"regexFind \"[0-9]+\" \"ab12c3\"", "12"},
        Row{"regexFindAll \"[0-9]\" \"1a2\" -1", "[1 2]"},
        Row{"regexReplaceAll \"(a)(b)\" \"ab\" \"${2}${1}\"", "ba"},
        Row{"regexReplaceAllLiteral \"a\" \"aa\" \"$1\"", "$1$1"},
        Row{"regexSplit \"[,;]\" \"a,b;c\" -1", "[a b c]"}, Row{"regexQuoteMeta \"a.b\"", "a\\.b"},
        Row{"base \"/a/b.c\"", "b.c"}, Row{"dir \"/a/b\"", "/a"}, Row{"ext \"a.b\"", ".b"},
        Row{"clean \"/a//b/../c\"", "/a/c"},
        Row{"(urlParse \"https://u:p@h:99/a?b=c#d\").hostname", "h"},
        Row{"urlJoin (urlParse \"https://u:p@h:99/a?b=c#d\")", "https://u:p@h:99/a?b=c#d"},
        Row{"(semver \"1.2.3\").Minor", "2"}, Row{"semverCompare \"^1.2.0\" \"1.9.0\"", "true"},
        Row{"semverCompare \">=2, <3 || 1.x\" \"3.1.0\"", "false"},
        Row{"duration \"3725\"", "1h2m5s"}, Row{"durationRound \"2h10m5s\"", "2h"},
        Row{"dateInZone \"Mon 2 Jan 2006 15:04\" (toDate \"2006-01-02\" \"2026-02-03\") \"UTC\"",
            "Tue 3 Feb 2026 00:00"}));

INSTANTIATE_TEST_SUITE_P(
    Formats, Function,
    ::testing::Values(
        Row{"printf \"%5d|%-5d|%05d|%x|%X|%o|%b|%c|%U|%+d\" 42 42 42 255 255 8 5 65 65 7",
            "   42|42   |00042|ff|FF|10|101|A|U+0041|+7"},
        Row{"printf \"%5s|%-5s|%.2s|%x\" \"ab\" \"ab\" \"abc\" \"hi\"", "   ab|ab   |ab|6869"},
        Row{"printf \"%f|%.2f|%8.3f|%e|%g|%G\" 3.14159 3.14159 3.14159 1234.5 1234.5 1e21",
            "3.141590|3.14|   3.142|1.234500e+03|1234.5|1E+21"},
        Row{"printf \"%d\" .f", "%!d(float64=1.5)"}, Row{"printf \"%d\"", "%!d(MISSING)"},
        Row{"printf \"%s\" 1 2", "%!s(int=1)%!(EXTRA int=2)"},
        Row{"printf \"%s %[1]s %[3]d\" \"a\" \"b\" 3", "a a 3"},
        Row{"printf \"%*d\" 5 42", "   42"},
        Row{"printf \"%v|%+v|%+v\" .map .map 7", "map[k:1]|map[k:1]|7"},
        Row{"printf \"%v|%d\" .list .list", "[1 x]|[%!d(float64=1) %!d(string=x)]"},
        Row{"printf \"%\"", "%!(NOVERB)"}, Row{"printf \"%T\" 1", "int"}));

}  // namespace
}  // namespace ropewalk::config::templates
