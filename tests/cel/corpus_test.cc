// The conformance tests of CEL (tests/corpora/cel): every one that needs no protobuf message.
#include "common/cel/program.h"
#include "common/json/value.h"
#include "tests/files/source_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

namespace ropewalk::cel {
namespace {

// Left out, with the reason.
struct LeftOut {
  std::string_view test;  // section/name
  std::string_view reason;
};
constexpr std::string_view kConverted =
    "the conversion to JSON took the escapes of the expression away";
constexpr auto kLeftOut = std::to_array<LeftOut>({
    {"bytes_literals/triple_single_quoted_unescaped_punctuation", kConverted},
    {"bytes_literals/triple_double_quoted_unescaped_punctuation", kConverted},
});

// A gateway's data is JSON: messages of protobuf do not exist in it.
bool needs_messages(const std::string& test) {
  constexpr std::string_view kMarks[] = {"object_value", "google.protobuf.", "TestAllTypes",
                                         "message_type", "cel. expr",        "cel.// @"};
  return std::ranges::any_of(kMarks, [&](auto mark) { return test.contains(mark); });
}

std::string base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char c : text) {
    const auto place = kAlphabet.find(c);
    if (place == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(place);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return out;
}

double number_of(const json::Value& value) {
  if (value.is_number()) return value.as_double();
  if (value.string() == "NaN") return std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  return value.string() == "-Infinity" ? -infinity : infinity;
}

std::string text_of(const json::Value& value) {
  return value.is_string() ? value.string() : value.number_text();
}

Value value_of(const json::Value& document) {
  const json::Value::Member& member = document.members().at(0);
  const json::Value& value = member.value;
  if (member.key == "bool_value") return Value::boolean(value.boolean());
  if (member.key == "int64_value") return Value::integer(std::stoll(text_of(value)));
  if (member.key == "uint64_value") return Value::uinteger(std::stoull(text_of(value)));
  if (member.key == "double_value") return Value::number(number_of(value));
  if (member.key == "string_value") return Value::text(value.string());
  if (member.key == "bytes_value") return Value::bytes(base64(value.string()));
  if (member.key == "null_value") return {};
  if (member.key == "type_value") return Value::type(value.string());
  if (member.key == "list_value") {
    List out;
    if (const auto* values = value.find("values"))
      for (const auto& element : values->elements()) out.push_back(value_of(element));
    return Value::list(out);
  }
  EXPECT_EQ(member.key, "map_value");
  Map out;
  if (const auto* entries = value.find("entries"))
    for (const auto& entry : entries->elements())
      out.emplace_back(value_of(*entry.find("key")), value_of(*entry.find("value")));
  return Value::map(out);
}

Type type_of(const json::Value& document) {
  const json::Value::Member& member = document.members().at(0);
  if (member.key == "null") return plain(Kind::null);
  if (member.key == "list_type") return list_of(type_of(*member.value.find("elem_type")));
  if (member.key == "map_type")
    return map_of(type_of(*member.value.find("key_type")),
                  type_of(*member.value.find("value_type")));
  const std::pair<std::string_view, Kind> kNames[] = {
      {"BOOL", Kind::boolean},  {"INT64", Kind::integer}, {"UINT64", Kind::uinteger},
      {"DOUBLE", Kind::number}, {"STRING", Kind::text},   {"BYTES", Kind::bytes}};
  for (const auto& [name, kind] : kNames)
    if (member.value.string() == name) return plain(kind);
  ADD_FAILURE() << "unknown type " << json::to_string(document);
  return dyn();
}

// The conversion kept \u and \U of expected texts as they stood in the text form.
std::string decoded(const std::string& text) {
  if (!text.contains("\\u") && !text.contains("\\U")) return text;
  const auto program = compile({}, "\"\"\"" + text + "\"\"\"");
  if (!program) return text;
  const auto value = program->evaluate({});
  return value ? std::string(value->as_text()) : text;
}

bool same(const Value& actual, const Value& expected) {
  Meter meter{Limits{}};
  if (actual.kind() != expected.kind()) return false;
  if (actual.is(Kind::number)) {
    const double a = actual.as_number();
    const double b = expected.as_number();
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  }
  if (actual.is(Kind::text) && actual.as_text() == decoded(std::string(expected.as_text())))
    return true;
  return equal(actual, expected, meter);
}

struct Test {
  Environment environment;
  Bindings bindings;
};

Test prepare_test(const json::Value& test) {
  Test out;
  out.environment.syntax.two_variables = true;
  if (const auto* container = test.find("container"))
    out.environment.container = container->string();
  if (const auto* unchecked = test.find("disable_check"))
    out.environment.check_types = !unchecked->boolean();
  if (const auto* types = test.find("type_env"))
    for (const auto& entry : types->elements())
      out.environment.variables.push_back(
          {entry.find("name")->string(), type_of(*entry.find("ident")->find("type"))});
  const auto* bindings = test.find("bindings");
  if (!bindings) return out;
  for (const auto& binding : bindings->members()) {
    auto& variables = out.environment.variables;
    auto place = std::ranges::find(variables, binding.key, &Environment::Variable::name);
    if (place == variables.end()) place = variables.insert(variables.end(), {binding.key, dyn()});
    out.bindings.resize(variables.size());
    out.bindings[static_cast<std::size_t>(place - variables.begin())] =
        value_of(*binding.value.find("value"));
  }
  return out;
}

void run(const std::string& name, const json::Value& test) {
  const std::string& text = test.find("expr")->string();
  SCOPED_TRACE(name + ": " + text);
  const Test prepared = prepare_test(test);
  const auto program = compile(prepared.environment, text);
  const auto* expected = test.find("value");
  if (!program) {
    EXPECT_FALSE(expected) << program.error().message;
    return;
  }
  const auto result = program->evaluate(prepared.bindings);
  if (!expected) {
    EXPECT_FALSE(result.has_value()) << "expected an error";
    return;
  }
  ASSERT_TRUE(result.has_value()) << result.error().what;
  EXPECT_TRUE(same(*result, value_of(*expected))) << "got a " << type_name(result->kind());
}

TEST(CelCorpus, EveryTestWithoutMessages) {
  std::size_t passed = 0;
  std::size_t messages = 0;
  const std::filesystem::path folder = source_dir() / "tests/corpora/cel";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto document = json::parse(text.str());
    ASSERT_TRUE(document) << file.path();
    for (const auto& section : document->find("section")->elements()) {
      for (const auto& test : section.find("test")->elements()) {
        const std::string name = section.find("name")->string() + "/" + test.find("name")->string();
        if (std::ranges::find(kLeftOut, name, &LeftOut::test) != kLeftOut.end()) continue;
        if (needs_messages(json::to_string(test))) {
          ++messages;
          continue;
        }
        run(name, test);
        ++passed;
      }
    }
  }
  // So that no mark takes away more than it should.
  EXPECT_EQ(messages, 103U);
  EXPECT_EQ(passed, 1238U - messages - kLeftOut.size());
}

}  // namespace
}  // namespace ropewalk::cel
