// Cutting, padding, quoting, joining of texts, as Sprig does it.
#include "common/strings.h"
#include "config/template/format.h"
#include "config/template/functions.h"
#include "config/template/print.h"

#include <algorithm>
#include <array>

namespace ropewalk::config::templates {
namespace {

constexpr std::string_view kTextBlanks = " \t\n\v\f\r";

Answer upper(Context&, Arguments& a) { return Value::of(to_upper(a[0].text())); }
Answer lower_case(Context&, Arguments& a) { return Value::of(to_lower(a[0].text())); }
Answer trim_blank(Context&, Arguments& a) {
  return Value::of(ropewalk::trim(a[0].text(), kTextBlanks));
}
Answer trim_all(Context&, Arguments& a) {
  return Value::of(ropewalk::trim(a[1].text(), a[0].text()));
}
Answer trim_suffix(Context&, Arguments& a) {
  std::string_view text = a[1].text();
  if (text.ends_with(a[0].text())) text.remove_suffix(a[0].text().size());
  return Value::of(text);
}
Answer trim_prefix(Context&, Arguments& a) {
  std::string_view text = a[1].text();
  if (text.starts_with(a[0].text())) text.remove_prefix(a[0].text().size());
  return Value::of(text);
}
Answer no_space(Context&, Arguments& a) {
  std::string text = a[0].text();
  std::erase_if(text, [](char c) { return kTextBlanks.find(c) != std::string_view::npos; });
  return Value::of(std::move(text));
}
Answer truncate(Context&, Arguments& a) {
  const std::int64_t count = a[0].integer();
  const std::string& text = a[1].text();
  const auto size = static_cast<std::int64_t>(text.size());
  if (count < 0 && size + count > 0)
    return Value::of(text.substr(static_cast<std::size_t>(size + count)));
  if (count >= 0 && size > count) return Value::of(text.substr(0, static_cast<std::size_t>(count)));
  return Value::of(text);
}
Answer substring(Context&, Arguments& a) {
  const auto size = static_cast<std::int64_t>(a[2].text().size());
  const std::int64_t begin = std::max<std::int64_t>(0, a[0].integer());
  std::int64_t end = a[1].integer();
  if (end < 0 || end > size) end = size;
  if (begin > end) return refuse("slice bounds out of range");
  return Value::of(
      a[2].text().substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}
Answer repeat(Context& context, Arguments& a) {
  if (a[0].integer() < 0) return refuse("negative Repeat count");
  const auto count = static_cast<std::size_t>(a[0].integer());
  const std::string& text = a[1].text();
  if (!text.empty() &&
      !context.budget.affords(count > (std::size_t{1} << 40) ? SIZE_MAX / 2 : count * text.size()))
    return refuse("the text would be too large");
  std::string out;
  if (!text.empty())
    for (std::size_t i = 0; i < count; ++i) out += text;
  return Value::of(std::move(out));
}
Answer contains(Context&, Arguments& a) {
  return Value::of(a[1].text().find(a[0].text()) != std::string::npos);
}
Answer has_prefix(Context&, Arguments& a) {
  return Value::of(a[1].text().starts_with(a[0].text()));
}
Answer has_suffix(Context&, Arguments& a) { return Value::of(a[1].text().ends_with(a[0].text())); }

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
  std::string out;
  if (from.empty()) return text;
  std::size_t at = 0;
  for (std::size_t found; (found = text.find(from, at)) != std::string::npos;
       at = found + from.size())
    out += text.substr(at, found - at) + to;
  return out + text.substr(at);
}

Answer replace(Context& context, Arguments& a) {
  if (!a[0].text().empty() &&
      !context.budget.affords(a[2].text().size() / a[0].text().size() * a[1].text().size()))
    return refuse("the text would be too large");
  return Value::of(replaced(a[2].text(), a[0].text(), a[1].text()));
}
std::expected<std::string, std::string> indented(Context& context, Arguments& a) {
  if (a[0].integer() < 0) return refuse("negative Repeat count");
  const auto lines = static_cast<std::size_t>(std::ranges::count(a[1].text(), '\n')) + 1;
  constexpr std::int64_t kWidest = 1'000'000'000;
  if (!context.budget.affords(
          a[0].integer() > kWidest ? SIZE_MAX : lines * static_cast<std::size_t>(a[0].integer())))
    return refuse("the text would be too large");
  const std::string pad(static_cast<std::size_t>(a[0].integer()), ' ');
  return pad + replaced(a[1].text(), "\n", "\n" + pad);
}
Answer indent(Context& context, Arguments& a) {
  auto text = indented(context, a);
  if (!text) return refuse(text.error());
  return Value::of(std::move(*text));
}
Answer new_line_indent(Context& context, Arguments& a) {
  auto text = indented(context, a);
  if (!text) return refuse(text.error());
  return Value::of("\n" + *text);
}

template <class Show>
std::string each(const Arguments& a, Show show) {
  std::string out;
  for (const Value& value : a) {
    if (value.is_nil()) continue;
    if (!out.empty()) out += ' ';
    out += show(value);
  }
  return out;
}
Answer quote(Context& context, Arguments& a) {
  return Value::of(each(a, [&](const Value& value) { return in_quotes(to_text(context, value)); }));
}
Answer single_quote(Context& context, Arguments& a) {
  return Value::of(
      each(a, [&](const Value& value) { return "'" + to_text(context, value) + "'"; }));
}
Answer concatenate(Context& context, Arguments& a) {
  return Value::of(each(a, [&](const Value& value) { return to_text(context, value); }));
}
Answer make_text(Context& context, Arguments& a) { return Value::of(to_text(context, a[0])); }

// What Sprig takes for a list of texts: nil entries are left out, a single value is one text.
std::vector<std::string> texts_of(Context& context, const Value& value) {
  std::vector<std::string> out;
  if (value.is_nil()) return out;
  if (value.type() != Type::list) return {to_text(context, value)};
  for (const Value& item : value.list().items)
    if (!item.is_nil()) out.push_back(to_text(context, item));
  return out;
}
Answer join_texts(Context& context, Arguments& a) {
  return Value::of(ropewalk::join(texts_of(context, a[1]), a[0].text()));
}
Answer to_texts(Context& context, Arguments& a) {
  return context.text_list(texts_of(context, a[0]));
}
Answer sort_alpha(Context& context, Arguments& a) {
  std::vector<std::string> texts = texts_of(context, a[0]);
  std::ranges::sort(texts);
  return context.text_list(texts);
}

// strings.SplitN; below zero: without limit. An empty separator cuts into characters.
std::vector<std::string> pieces(const std::string& text, const std::string& separator,
                                std::int64_t limit) {
  std::vector<std::string> out;
  if (limit == 0) return out;
  std::size_t at = 0;
  while (limit < 0 || static_cast<std::int64_t>(out.size()) + 1 < limit) {
    std::size_t found = text.find(separator, at);
    if (separator.empty()) {
      found = at + 1;
      while (found < text.size() && (static_cast<unsigned char>(text[found]) & 0xc0) == 0x80)
        ++found;
      if (found >= text.size()) found = std::string::npos;
    }
    if (found == std::string::npos) break;
    out.push_back(text.substr(at, found - at));
    at = found + separator.size();
  }
  if (!separator.empty() || at < text.size()) out.push_back(text.substr(at));
  return out;
}
Value numbered(Context& context, const std::vector<std::string>& texts) {
  Map& map = context.heap.map("string");
  for (std::size_t i = 0; i < texts.size(); ++i)
    map.items["_" + std::to_string(i)] = Value::of(texts[i]);
  return Value::of(&map);
}
Answer split_map(Context& context, Arguments& a) {
  return numbered(context, pieces(a[1].text(), a[0].text(), -1));
}
Answer split_some(Context& context, Arguments& a) {
  return numbered(context, pieces(a[2].text(), a[0].text(), a[1].integer()));
}
Answer split_list(Context& context, Arguments& a) {
  return context.text_list(pieces(a[1].text(), a[0].text(), -1));
}
Answer plural(Context&, Arguments& a) { return a[2].integer() == 1 ? a[0] : a[1]; }

constexpr auto kTextFunctions = std::to_array<Function>({
    {"cat", "a*", concatenate},
    {"contains", "ss", contains},
    {"hasPrefix", "ss", has_prefix},
    {"hasSuffix", "ss", has_suffix},
    {"indent", "is", indent},
    {"join", "sa", join_texts},
    {"lower", "s", lower_case},
    {"nindent", "is", new_line_indent},
    {"nospace", "s", no_space},
    {"plural", "ssi", plural},
    {"quote", "a*", quote},
    {"repeat", "is", repeat},
    {"replace", "sss", replace},
    {"sortAlpha", "a", sort_alpha},
    {"split", "ss", split_map},
    {"splitList", "ss", split_list},
    {"splitn", "sis", split_some},
    {"squote", "a*", single_quote},
    {"substr", "iis", substring},
    {"toString", "a", make_text},
    {"toStrings", "a", to_texts},
    {"trim", "s", trim_blank},
    {"trimAll", "ss", trim_all},
    {"trimPrefix", "ss", trim_prefix},
    {"trimSuffix", "ss", trim_suffix},
    {"trimall", "ss", trim_all},
    {"trunc", "is", truncate},
    {"upper", "s", upper},
});

}  // namespace

std::span<const Function> text_functions() { return kTextFunctions; }

}  // namespace ropewalk::config::templates
