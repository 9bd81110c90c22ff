#include "dataplane/json/escape.h"

#include "dataplane/json/projection.h"

#include <gtest/gtest.h>

namespace ropewalk::json {
namespace {

using namespace std::string_literals;

// Expectations from Go 1.26: json.Marshal of the same bytes.
TEST(AppendString, EscapesAsGoDoes) {
  const std::pair<std::string, const char*> cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c/d", R"("a\"b\\c/d")"},
      {"<b>&amp;", R"("\u003cb\u003e\u0026amp;")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"\0\x01\x1F\x7F"s, "\"\\u0000\\u0001\\u001f\x7F\""},
      {"\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", "\"\\u2028\\u2029\xE2\x80\xAA\""},
      {"Zo\xC3\xAB \xF0\x9F\x98\x80", "\"Zo\xC3\xAB \xF0\x9F\x98\x80\""},
      {"\xFFx\xE2\x82y", "\"\\ufffdx\\ufffd\\ufffdy\""},
      {"\xED\xA0\x80", R"("\ufffd\ufffd\ufffd")"},
      {"\xC0\x80", R"("\ufffd\ufffd")"},
      {"\xF4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")"},
  };
  for (const auto& [text, expected] : cases) {
    std::string out = ">";
    append_string(out, text);
    EXPECT_EQ(out, ">"s + expected);
  }
}

TEST(Decode, EveryEscape) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"", ""},
      {"plain", "plain"},
      {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      {R"(\u0041\u00e9\u20AC\uFFFF)", "A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"},
      {R"(\u0000)", "\0"s},
      {R"(\uD83D\uDE00)", "\xF0\x9F\x98\x80"},
      {R"(\uDBFF\uDFFF)", "\xF4\x8F\xBF\xBF"},
      {R"(a\ud800b)",
       "a\xEF\xBF\xBD"
       "b"},
      {R"(\ud800\ud800\udc00)", "\xEF\xBF\xBD\xF0\x90\x80\x80"},
      {R"(\udc00\ud800)", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {R"(\ud800A)",
       "\xEF\xBF\xBD"
       "A"},
  };
  for (const auto& [text, expected] : cases) {
    std::string out(text.size(), '?');
    out.resize(decode(text, out.data()));
    EXPECT_EQ(out, expected) << text;
  }
}

TEST(CheckEscapes, TellsLoneSurrogatesFromBrokenEscapes) {
  const std::pair<std::string_view, Escapes> cases[] = {
      {R"(no escape)", Escapes::valid},
      {R"(\\ud800)", Escapes::valid},
      {R"(\uD83D\uDE00)", Escapes::valid},
      {R"(\ud800)", Escapes::lone_surrogate},
      {R"(\udc00 \n)", Escapes::lone_surrogate},
      {R"(\ud800\n)", Escapes::lone_surrogate},
      {R"(\ud800 \x)", Escapes::malformed},
      {R"(\)", Escapes::malformed},
      {R"(\u12)", Escapes::malformed},
      {R"(\u12g4)", Escapes::malformed},
      {R"(\U0041)", Escapes::malformed},
      {R"(\ud800\u12)", Escapes::malformed},
      {R"(\')", Escapes::malformed},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(check_escapes(text), expected) << text;
}

}  // namespace
}  // namespace ropewalk::json
