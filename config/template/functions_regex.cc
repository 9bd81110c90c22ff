// Regular expressions: RE2, the engine behind Go's.
#include "config/template/functions.h"

#include <re2/re2.h>

#include <array>
#include <memory>

namespace ropewalk::config::templates {
namespace {

using Expression = std::expected<std::unique_ptr<re2::RE2>, std::string>;

Expression compiled(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20);
  auto out = std::make_unique<re2::RE2>(text, options);
  if (!out->ok()) return refuse("error parsing regexp: " + out->error());
  return out;
}

struct Found {
  std::vector<re2::StringPiece> groups;  // the whole match first
};

// As Go finds them: an empty match beside the one before does not count.
std::vector<Found> matches(const re2::RE2& expression, const std::string& text,
                           std::int64_t limit) {
  std::vector<Found> out;
  std::size_t at = 0;
  std::size_t before = std::string::npos;
  const int groups = expression.NumberOfCapturingGroups() + 1;
  while (at <= text.size() && (limit < 0 || static_cast<std::int64_t>(out.size()) < limit)) {
    Found found;
    found.groups.resize(static_cast<std::size_t>(groups));
    if (!expression.Match(text, at, text.size(), re2::RE2::UNANCHORED, found.groups.data(), groups))
      break;
    const auto begin = static_cast<std::size_t>(found.groups[0].data() - text.data());
    const std::size_t size = found.groups[0].size();
    const bool counts = size > 0 || begin != before;
    before = begin + size;
    at = before + (size == 0 ? 1 : 0);
    if (counts) out.push_back(std::move(found));
  }
  return out;
}

Answer is_match(Context&, Arguments& a) {
  const auto expression = compiled(a[0].text());
  return expression ? Value::of(re2::RE2::PartialMatch(a[1].text(), **expression))
                    : Value::of(false);
}
Answer must_match(Context&, Arguments& a) {
  const auto expression = compiled(a[0].text());
  if (!expression) return refuse(expression.error());
  return Value::of(re2::RE2::PartialMatch(a[1].text(), **expression));
}
Answer find(Context&, Arguments& a) {
  const auto expression = compiled(a[0].text());
  if (!expression) return refuse(expression.error());
  const auto found = matches(**expression, a[1].text(), 1);
  return found.empty() ? Value::of("") : Value::of(found[0].groups[0].as_string());
}
Answer find_all(Context& context, Arguments& a) {
  const auto expression = compiled(a[0].text());
  if (!expression) return refuse(expression.error());
  std::vector<std::string> out;
  for (const Found& found : matches(**expression, a[1].text(), a[2].integer()))
    out.push_back(found.groups[0].as_string());
  return context.text_list(out);
}
Answer split_at(Context& context, Arguments& a) {
  const auto expression = compiled(a[0].text());
  if (!expression) return refuse(expression.error());
  const std::string& text = a[1].text();
  const std::int64_t limit = a[2].integer();
  std::vector<std::string> out;
  if (limit == 0) return context.text_list(out);
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const Found& found : matches(**expression, text, limit)) {
    if (limit > 0 && static_cast<std::int64_t>(out.size()) == limit - 1) break;
    end = static_cast<std::size_t>(found.groups[0].data() - text.data());
    if (end + found.groups[0].size() != 0) out.push_back(text.substr(begin, end - begin));
    begin = end + found.groups[0].size();
  }
  if (end != text.size()) out.push_back(text.substr(begin));
  return context.text_list(out);
}

bool word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// $1, ${1}, $name, ${name}, $$: what names no group is "".
std::string expanded(const std::string& form, const re2::RE2& expression, const Found& found) {
  std::string out;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '$' || i + 1 >= form.size()) {
      out += form[i];
      continue;
    }
    if (form[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    const bool braced = form[i + 1] == '{';
    std::size_t end = i + (braced ? 2 : 1);
    const std::size_t begin = end;
    while (end < form.size() && word(form[end])) ++end;
    if (end == begin || (braced && (end >= form.size() || form[end] != '}'))) {
      out += form[i];
      continue;
    }
    const std::string name = form.substr(begin, end - begin);
    std::size_t group = found.groups.size();
    if (name.find_first_not_of("0123456789") == std::string::npos && name.size() < 6)
      group = static_cast<std::size_t>(std::stoul(name));
    else if (const auto known = expression.NamedCapturingGroups().find(name);
             known != expression.NamedCapturingGroups().end())
      group = static_cast<std::size_t>(known->second);
    if (group < found.groups.size()) out += found.groups[group].as_string();
    i = braced ? end : end - 1;
  }
  return out;
}

std::size_t most_expanded(const std::string& form, const Found& found) {
  std::size_t longest = 0;
  for (const auto& group : found.groups) longest = std::max<std::size_t>(longest, group.size());
  return form.size() + static_cast<std::size_t>(std::ranges::count(form, '$')) * longest;
}

Answer replace(Context& context, Arguments& a, bool literally) {
  const auto expression = compiled(a[0].text());
  if (!expression) return refuse(expression.error());
  const std::string& text = a[1].text();
  std::string out;
  std::size_t at = 0;
  for (const Found& found : matches(**expression, text, -1)) {
    const auto begin = static_cast<std::size_t>(found.groups[0].data() - text.data());
    out += text.substr(at, begin - at);
    if (!context.budget.affords(out.size() + most_expanded(a[2].text(), found)))
      return refuse("the text would be too large");
    out += literally ? a[2].text() : expanded(a[2].text(), **expression, found);
    at = begin + found.groups[0].size();
    if (!context.budget.affords(out.size())) return refuse("the text would be too large");
  }
  return Value::of(out + text.substr(at));
}
Answer replace_all(Context& context, Arguments& a) { return replace(context, a, false); }
Answer replace_literally(Context& context, Arguments& a) { return replace(context, a, true); }

Answer quote_meta(Context&, Arguments& a) {
  std::string out;
  for (const char c : a[0].text()) {
    if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return Value::of(std::move(out));
}

constexpr auto kRegexFunctions = std::to_array<Function>({
    {"mustRegexFind", "ss", find},
    {"mustRegexFindAll", "ssi", find_all},
    {"mustRegexMatch", "ss", must_match},
    {"mustRegexReplaceAll", "sss", replace_all},
    {"mustRegexReplaceAllLiteral", "sss", replace_literally},
    {"mustRegexSplit", "ssi", split_at},
    {"regexFind", "ss", find},
    {"regexFindAll", "ssi", find_all},
    {"regexMatch", "ss", is_match},
    {"regexQuoteMeta", "s", quote_meta},
    {"regexReplaceAll", "sss", replace_all},
    {"regexReplaceAllLiteral", "sss", replace_literally},
    {"regexSplit", "ssi", split_at},
});

}  // namespace

std::span<const Function> regex_functions() { return kRegexFunctions; }

}  // namespace ropewalk::config::templates
