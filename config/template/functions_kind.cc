// Defaults, kinds and equality, the environment.
#include "config/template/equal.h"
#include "config/template/format.h"
#include "config/template/functions.h"
#include "config/template/print.h"

#include <array>

namespace ropewalk::config::templates {
namespace {

bool empty(const Value& value) { return !value.truth(); }

Answer default_value(Context&, Arguments& a) {
  if (a.size() < 2 || empty(a[1])) return a[0];
  return a[1];
}
Answer is_empty(Context&, Arguments& a) { return Value::of(empty(a[0])); }
Answer coalesce(Context&, Arguments& a) {
  for (const Value& value : a)
    if (!empty(value)) return value;
  return Value::nil();
}
Answer all(Context&, Arguments& a) {
  for (const Value& value : a)
    if (empty(value)) return Value::of(false);
  return Value::of(true);
}
Answer any(Context&, Arguments& a) {
  for (const Value& value : a)
    if (!empty(value)) return Value::of(true);
  return Value::of(false);
}
Answer ternary(Context&, Arguments& a) { return a[2].boolean() ? a[0] : a[1]; }
Answer fail_with(Context&, Arguments& a) { return refuse(a[0].text()); }

Answer type_of(Context&, Arguments& a) { return Value::of(type_name(a[0])); }
Answer kind_of(Context&, Arguments& a) { return Value::of(kind_name(a[0])); }
Answer type_is(Context&, Arguments& a) { return Value::of(type_name(a[1]) == a[0].text()); }
Answer type_is_like(Context&, Arguments& a) {
  const std::string name = type_name(a[1]);
  return Value::of(name == a[0].text() || name == "*" + a[0].text());
}
Answer kind_is(Context&, Arguments& a) { return Value::of(kind_name(a[1]) == a[0].text()); }
Answer deep_equal(Context& context, Arguments& a) {
  return Value::of(equal_deeply(a[0], a[1], context.budget));
}

Answer environment(Context& context, Arguments& a) {
  return Value::of(context.environment.variable
                       ? context.environment.variable(a[0].text()).value_or("")
                       : std::string());
}

// os.ExpandEnv: $NAME and ${NAME}.
Answer expand(Context& context, Arguments& a) {
  const std::string& text = a[0].text();
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    std::size_t begin = i + 1;
    std::size_t end = begin;
    std::size_t after = begin;
    if (text[begin] == '{') {
      ++begin;
      end = text.find('}', begin);
      if (end == std::string::npos) return refuse("a ${ is not closed");
      after = end + 1;
    } else {
      while (end < text.size() && word(text[end])) ++end;
      after = end;
    }
    if (end == begin) {
      out += text[i];
      continue;
    }
    if (context.environment.variable)
      out += context.environment.variable(text.substr(begin, end - begin)).value_or("");
    i = after - 1;
  }
  return Value::of(std::move(out));
}

Answer include(Context& context, Arguments& a) {
  return Value::of(context.environment.include ? context.environment.include(a[0].text())
                                               : std::string());
}

constexpr auto kKindFunctions = std::to_array<Function>({
    {"all", "a*", all},
    {"any", "a*", any},
    {"coalesce", "a*", coalesce},
    {"deepEqual", "aa", deep_equal},
    {"default", "aa*", default_value},
    {"empty", "a", is_empty},
    {"env", "s", environment},
    {"expandenv", "s", expand},
    {"fail", "s", fail_with},
    {"include", "s", include},
    {"kindIs", "sa", kind_is},
    {"kindOf", "a", kind_of},
    {"ternary", "aab", ternary},
    {"typeIs", "sa", type_is},
    {"typeIsLike", "sa", type_is_like},
    {"typeOf", "a", type_of},
});

}  // namespace

std::span<const Function> kind_functions() { return kKindFunctions; }

}  // namespace ropewalk::config::templates
