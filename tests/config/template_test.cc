// The language of templates: what Go's text/template does with the same text.
#include "config/template/engine.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace ropewalk::config::templates {
namespace {

using ::testing::HasSubstr;

const char* const kData = R"({
  "shop": {"name": "north", "n": 5, "big": 1000000, "half": 0.5, "null": null, "list": ["a", "b"],
           "empty": [], "on": true, "inner": {"deep": {"x": "y"}}},
  "shop.dev": {"a": 1}})";

std::string rendered(const std::string& text, Environment environment = {}) {
  Engine engine(std::move(environment));
  if (const auto added = engine.add("main", "krakend.json", text); !added)
    return "ERROR " + added.error().message;
  const auto out = engine.execute("main", nlohmann::json::parse(kData));
  return out ? *out : "ERROR " + out.error().message;
}

struct TemplateRow {
  const char* text;
  const char* output;
};

class Language : public ::testing::TestWithParam<TemplateRow> {};

TEST_P(Language, Writes) {
  EXPECT_EQ(rendered(GetParam().text), GetParam().output) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Values, Language,
    ::testing::Values(
        TemplateRow{"plain {id} text", "plain {id} text"}, TemplateRow{"{{ .shop.name }}", "north"},
        TemplateRow{"{{ .shop.n }} {{ .shop.big }} {{ .shop.half }}", "5 1e+06 0.5"},
        TemplateRow{"{{ .shop.on }}{{ .shop.list }}{{ .shop.empty }}", "true[a b][]"},
        TemplateRow{"{{ .shop.none }} {{ .none.deeper }} {{ .shop.null }}",
                    "<no value> <no value> <no value>"},
        TemplateRow{"{{ .shop.inner }}", "map[deep:map[x:y]]"},
        TemplateRow{"{{ .shop.inner.deep.x }}{{ (.shop.inner).deep.x }}{{ $.shop.name }}",
                    "yynorth"},
        TemplateRow{"{{ 5 }} {{ -3 }} {{ 0x10 }} {{ 1_000 }} {{ 1.50 }} {{ 1e3 }} {{ 'a' }}",
                    "5 -3 16 1000 1.5 1000 97"},
        TemplateRow{"{{ \"a\\n\\u00fc\\x41\\101\" }}{{ `raw \\n` }}",
                    "a\n\u00fc"
                    "AAraw \\n"},
        TemplateRow{"{{ true }}{{ false }}", "truefalse"},
        TemplateRow{"{{ index . \"shop.dev\" | len }}{{ (index . \"shop.dev\").a }}", "11"},
        TemplateRow{"{{/* nothing */}}a {{- /* trims */ -}} b", "ab"},
        TemplateRow{"a {{- 1 -}} b {{ 2 -}}  \n c", "a1b 2c"}, TemplateRow{"{{- -3 }}", "-3"}));

INSTANTIATE_TEST_SUITE_P(
    Branches, Language,
    ::testing::Values(
        TemplateRow{"{{ if .shop.on }}1{{ else }}2{{ end }}", "1"},
        TemplateRow{
            "{{ if .shop.empty }}1{{ else if eq .shop.name \"north\" }}2{{ else }}3{{ end }}", "2"},
        TemplateRow{
            "{{ if 0 }}1{{ end }}{{ if 0.0 }}2{{ end }}{{ if \"\" }}3{{ end }}{{ if .x }}4{{ end "
            "}}",
            ""},
        TemplateRow{"{{ with .shop.inner }}{{ .deep.x }}{{ $.shop.name }}{{ end }}", "ynorth"},
        TemplateRow{"{{ with .none }}1{{ else }}2{{ end }}", "2"},
        TemplateRow{"{{ with .none }}1{{ else with .shop.name }}{{ . }}{{ end }}", "north"},
        TemplateRow{"{{ with $x := .shop.name }}{{ $x }}{{ end }}", "north"},
        TemplateRow{"{{ range .shop.list }}<{{ . }}>{{ end }}", "<a><b>"},
        TemplateRow{"{{ range $e := .shop.list }}<{{ $e }}>{{ end }}", "<a><b>"},
        TemplateRow{
            "{{ range $i, $e := .shop.list }}{{ if $i }},{{ end }}{{ $i }}{{ $e }}{{ end }}",
            "0a,1b"},
        TemplateRow{"{{ range $k, $v := .shop.inner.deep }}{{ $k }}={{ $v }}{{ end }}", "x=y"},
        TemplateRow{"{{ range .shop.empty }}1{{ else }}none{{ end }}", "none"},
        TemplateRow{"{{ range .none }}1{{ else }}none{{ end }}", "none"},
        TemplateRow{"{{ range 3 }}{{ . }}{{ end }}", "012"},
        TemplateRow{"{{ range list 1 2 3 4 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if eq . 4 }}"
                    "{{ break }}{{ end }}{{ . }}{{ end }}",
                    "13"},
        TemplateRow{"{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"},
        TemplateRow{"{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"},
        TemplateRow{"{{ $x := 0 }}{{ range $x = list 7 8 }}{{ end }}{{ $x }}", "8"}));

INSTANTIATE_TEST_SUITE_P(
    Templates, Language,
    ::testing::Values(
        TemplateRow{
            "{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" .shop.name }}{{ template \"t\" "
            "}}",
            "[north][<no value>]"},
        TemplateRow{"{{ block \"b\" .shop.list }}{{ len . }}{{ end }}", "2"},
        TemplateRow{"{{ define \"t\" }}{{ $.x }}{{ end }}{{ template \"t\" (dict \"x\" 7) }}", "7"},
        TemplateRow{"{{ define \"a\" }}a{{ template \"b\" . }}{{ end }}{{ define \"b\" }}b{{ end }}"
                    "{{ template \"a\" }}",
                    "ab"}));

INSTANTIATE_TEST_SUITE_P(
    Functions, Language,
    ::testing::Values(
        TemplateRow{"{{ \"a\" | printf \"%s-%s\" \"b\" }}", "b-a"},
        TemplateRow{"{{ printf \"%q\" (print 1 2 \"x\") }}", "\"1 2x\""},
        TemplateRow{"{{ and 1 0 2 }}{{ or 0 \"\" 3 }}{{ not 1 }}{{ and 1 2 }}", "03false2"},
        TemplateRow{"{{ or true (fail \"not asked\") }}", "true"},
        TemplateRow{
            "{{ eq 1 1 }}{{ eq 1 2 1 }}{{ ne \"a\" \"b\" }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt 1.5 0.5 }}"
            "{{ ge \"b\" \"a\" }}",
            "truetruetruetruetruetruetrue"},
        TemplateRow{"{{ eq .none nil }}{{ eq .shop.name nil }}", "truefalse"},
        TemplateRow{"{{ len \"abc\" }}{{ len .shop.list }}{{ index .shop.list 1 }}", "32b"},
        TemplateRow{"{{ html \"<a&'\\\">\" }} {{ urlquery \"a b&\" }} {{ js \"'<\" }}",
                    "&lt;a&amp;&#39;&#34;&gt; a+b%26 \\'\\u003C"}));

TEST(Template, SaysWhereAMistakeIs) {
  const TemplateRow rows[] = {
      {"{\n  {{ nosuch }}", "krakend.json:2:6: template: function \"nosuch\" not defined"},
      {"{{ $x }}", "undefined variable \"$x\""},
      {"{{ if .a }}", "krakend.json:1:1: template: this action has no {{end}}"},
      {"{{ end }}", "unexpected {{end}}"},
      {"{{ else }}", "unexpected {{else}}"},
      {"{{ .a", "unclosed action"},
      {"{{ \"a }}", "unterminated text"},
      {"{{ (1 }}", "unclosed left parenthesis"},
      {"{{ 1) }}", "unexpected right parenthesis"},
      {"{{ /* a }}", "unexpected"},
      {"{{/* a }}", "unclosed comment"},
      {"{{ }}", "missing value"},
      {"{{ nil }}", "nil is not a command"},
      {"{{ 1 | 2 }}", "cannot take what is piped"},
      {"{{ .shop.name 1 }}", "can't give argument"},
      {"{{ break }}", "outside {{range}}"},
      {"{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}", "{{define}} inside"},
      {"{{ template \"none.tmpl\" . }}", "template \"none.tmpl\" not defined"},
      {"{{ .shop.name.x }}", "can't evaluate field x in type string"},
      {"{{ .shop.null.x }}", "nil pointer evaluating interface {}.x"},
      {"{{ eq .shop.n 5 }}", "incompatible types for comparison"},
      {"{{ lt nil 5 }}", "invalid type for comparison"},
      {"{{ upper .shop.none }}", "expected string"},
      {"{{ upper 1 }}", "expected string; got int"},
      {"{{ until .shop.n }}", "expected int; got float64"},
      {"{{ trunc \"a\" \"b\" }}", "expected int; got string"},
      {"{{ upper }}", "wrong number of args for upper: want 1 got 0"},
      {"{{ index .shop.list 2 }}", "index out of range: 2"},
      {"{{ range .shop.name }}{{ end }}", "range can't iterate over a string"},
      {"{{ fail \"no name\" }}", "error calling fail: no name"},
      {"{{ readFile \"x\" }}", "function \"readFile\" not defined"},
  };
  for (const TemplateRow& row : rows)
    EXPECT_THAT(rendered(row.text), HasSubstr(row.output)) << row.text;
}

TEST(Template, HasLimits) {
  Environment small;
  small.most_output = 10'000;
  small.most_made = 10'000;
  small.most_steps = 10'000;
  EXPECT_THAT(rendered("{{ range 100000 }}x{{ end }}", small), HasSubstr("steps"));
  EXPECT_THAT(rendered("{{ range 1000 }}{{ printf \"%100d\" 1 }}{{ end }}", small),
              HasSubstr("larger than 10000 bytes"));
  EXPECT_THAT(rendered("{{ repeat 1000000000 \"abc\" }}", small), HasSubstr("too large"));
  EXPECT_THAT(rendered("{{ until 1000000000 }}", small), HasSubstr("too long"));
  EXPECT_THAT(rendered("{{ $x := \"ab\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}", small),
              HasSubstr("larger than"));
  EXPECT_THAT(
      rendered("{{ define \"t\" }}{{ template \"t\" . }}{{ end }}{{ template \"t\" . }}", small),
      HasSubstr("levels"));
  const std::string deep(200, '(');
  EXPECT_THAT(rendered("{{ " + deep + "1" + std::string(200, ')') + " }}", small),
              HasSubstr("levels"));
}

// Each list holds the one before twice: small in memory, 2^24 entries when it is walked over.
TEST(Template, SharedListsAreBounded) {
  const std::string shared =
      "{{ $x := list 1 }}{{ $y := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}"
      "{{ $y = list $y $y }}{{ end }}";
  EXPECT_THAT(rendered(shared + "{{ $x }}"), HasSubstr("large"));
  EXPECT_THAT(rendered(shared + "{{ deepEqual $x $y }}"), HasSubstr("large"));
  Environment small;
  small.most_made = 100'000;
  for (const char* use :
       {"{{ $x }}", "{{ print $x }}", "{{ printf \"%v\" $x }}", "{{ printf \"a\" $x }}",
        "{{ toJson $x }}", "{{ toPrettyJson $x }}", "{{ toString $x }}", "{{ quote $x }}",
        "{{ join \",\" (list $x) }}", "{{ deepEqual $x $y }}", "{{ has $x (list $y) }}",
        "{{ deepCopy $x }}", "{{ dict $x 1 | len }}", "{{ html $x }}"})
    EXPECT_THAT(rendered(shared + use, small), HasSubstr("large")) << use;
}

TEST(Template, OnlyWhatIsMadeIsCharged) {
  EXPECT_EQ(rendered("{{ $l := list }}{{ range $i := until 1300 }}{{ $l = append $l $i }}{{ end }}"
                     "{{ len $l }}"),
            "1300");
  Environment small;
  small.most_made = 20'000;
  EXPECT_EQ(
      rendered("{{ $l := until 100 }}{{ range 100 }}{{ $_ := first (list $l) }}{{ end }}ok", small),
      "ok");
  EXPECT_EQ(rendered("{{ $d := dict }}{{ range 100 }}{{ $_ := set $d \"a\" . }}{{ end }}ok", small),
            "ok");
  EXPECT_THAT(
      rendered("{{ $d := dict }}{{ range 1000 }}{{ $_ := set $d (print .) . }}{{ end }}", small),
      HasSubstr("larger than 20000 bytes"));
}

TEST(Template, StepsEndAtTheLastNumber) {
  EXPECT_EQ(rendered("{{ untilStep 9223372036854775806 9223372036854775807 5 }}"),
            "[9223372036854775806]");
  EXPECT_EQ(rendered("{{ untilStep -9223372036854775806 -9223372036854775807 -5 }}"),
            "[-9223372036854775806]");
  EXPECT_EQ(rendered("{{ untilStep 1 10 3 }}{{ untilStep 1 11 3 }}{{ untilStep 5 0 -2 }}"),
            "[1 4 7][1 4 7 10][5 3 1]");
  EXPECT_EQ(rendered("{{ seq 2 }}|{{ seq 1 2 6 }}|{{ seq 1 2 7 }}|{{ seq 3 1 }}|{{ seq 1 1 }}"),
            "1 2|1 3 5|1 3 5 7|3 2 1|1");
  EXPECT_THAT(rendered("{{ untilStep -9223372036854775807 9223372036854775807 1 }}"),
              HasSubstr("too long"));
}

TEST(Template, AChainOfElseIfsIsOneLevel) {
  const auto chain = [](int count) {
    std::string text = "{{ $x := " + std::to_string(count) + " }}{{ if eq $x 0 }}0";
    for (int i = 1; i <= count; ++i)
      text += "{{ else if eq $x " + std::to_string(i) + " }}" + std::to_string(i);
    return text + "{{ else }}none{{ end }}{{ with false }}a{{ else with $x }}{{ . }}{{ end }}";
  };
  EXPECT_EQ(rendered(chain(109)), "109109");
  EXPECT_EQ(rendered(chain(900)), "900900");
  EXPECT_THAT(rendered(chain(2000)), HasSubstr("more than 1000"));
  EXPECT_EQ(rendered("{{ if false }}a{{ else if $y := 1 }}{{ $y }}{{ else }}b{{ end }}"), "1");
  EXPECT_EQ(rendered("{{ if false }}a{{ else }}{{ if false }}b{{ else }}c{{ end }}d{{ end }}"),
            "cd");
}

TEST(Template, AValueMayHoldItself) {
  EXPECT_THAT(rendered("{{ $d := dict \"a\" 1 }}{{ $_ := set $d \"d\" $d }}{{ $d }}"),
              HasSubstr("map[a:1 d:map[a:1"));
  EXPECT_THAT(rendered("{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ marshal $d }}"),
              HasSubstr("null"));
  EXPECT_THAT(rendered("{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}"),
              HasSubstr("holds itself"));
}

TEST(Template, LaterTemplatesOfANameWin) {
  Engine engine({});
  ASSERT_TRUE(engine.add("a.tmpl", "t/a.tmpl", "old"));
  ASSERT_TRUE(engine.add("a.tmpl", "t/a.tmpl", "new"));
  ASSERT_TRUE(engine.add("main", "main", "{{ template \"a.tmpl\" }}"));
  EXPECT_EQ(engine.execute("main", nlohmann::json::object()).value_or("?"), "new");
}

TEST(Template, EmptyTemplatesReplaceNothing) {
  Engine engine({});
  ASSERT_TRUE(engine.add("a.tmpl", "t/a.tmpl", "{{ define \"x\" }}kept{{ end }}a"));
  ASSERT_TRUE(engine.add("b.tmpl", "t/b.tmpl", "{{ define \"x\" }} \n{{/* none */}}{{ end }}"));
  ASSERT_TRUE(engine.add("a.tmpl", "u/a.tmpl", " {{ define \"y\" }}y{{ end }}"));
  ASSERT_TRUE(
      engine.add("main", "main", R"({{ template "x" }}{{ template "a.tmpl" }}{{ template "y" }})"));
  EXPECT_EQ(engine.execute("main", nlohmann::json::object()).value_or("?"), "keptay");
}

TEST(Template, AMistakeInACalledTemplateNamesItsFile) {
  Engine engine({});
  ASSERT_TRUE(engine.add("a.tmpl", "t/a.tmpl", "\n{{ fail \"here\" }}"));
  ASSERT_TRUE(engine.add("main", "main", "{{ template \"a.tmpl\" }}"));
  const auto out = engine.execute("main", nlohmann::json::object());
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().message, HasSubstr("t/a.tmpl:2:4: template: error calling fail: here"));
}

}  // namespace
}  // namespace ropewalk::config::templates
