// Letter case and words: title, initials, snake case, wrapping.
#include "common/strings.h"
#include "config/template/functions.h"

#include <algorithm>
#include <array>
#include <random>

namespace ropewalk::config::templates {
namespace {

bool upper_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool lower_letter(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char raised(char c) { return lower_letter(c) ? static_cast<char>(c - 32) : c; }
char lowered(char c) { return upper_letter(c) ? static_cast<char>(c + 32) : c; }
bool in_word(char c) {
  return upper_letter(c) || lower_letter(c) || digit(c) || c == '_' || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

Answer title(Context&, Arguments& a) {
  std::string text = a[0].text();
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i == 0 || !in_word(text[i - 1])) text[i] = raised(text[i]);
  return Value::of(std::move(text));
}
Answer untitle(Context&, Arguments& a) {
  std::string text = a[0].text();
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i == 0 || blank(text[i - 1])) text[i] = lowered(text[i]);
  return Value::of(std::move(text));
}
// Lower case becomes title case at the beginning of a word, upper case elsewhere.
Answer swap_case(Context&, Arguments& a) {
  std::string text = a[0].text();
  for (char& c : text) c = upper_letter(c) ? lowered(c) : raised(c);
  return Value::of(std::move(text));
}
Answer initials(Context&, Arguments& a) {
  const std::string& text = a[0].text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!blank(text[i]) && (i == 0 || blank(text[i - 1]))) out += text[i];
  return Value::of(std::move(out));
}
Answer abbreviate(Context&, Arguments& a) {
  const std::int64_t width = a[0].integer();
  const std::string& text = a[1].text();
  if (width < 4 || static_cast<std::int64_t>(text.size()) <= width) return a[1];
  return Value::of(text.substr(0, static_cast<std::size_t>(width - 3)) + "...");
}
Answer abbreviate_both(Context&, Arguments& a) {
  std::int64_t left = a[0].integer();
  const std::int64_t width = a[1].integer();
  const std::string& text = a[2].text();
  const auto size = static_cast<std::int64_t>(text.size());
  if (width < 4 || (left > 0 && width < 7) || size <= width) return a[2];
  left = std::min(left, size);
  if (size - left <= width - 3) left = size - (width - 3);
  if (left <= 4) return Value::of(text.substr(0, static_cast<std::size_t>(width - 3)) + "...");
  if (left + width - 3 < size)
    return Value::of(
        "..." + text.substr(static_cast<std::size_t>(left), static_cast<std::size_t>(width - 6)) +
        "...");
  return Value::of("..." + text.substr(static_cast<std::size_t>(size - (width - 3))));
}

bool separator(char c) { return c == '_' || c == '-' || c == '.' || blank(c); }

// Words of FirstName, HTTPServer, http_server, Http2Server.
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) out.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (separator(c)) {
      end();
      continue;
    }
    const char before = i > 0 ? text[i - 1] : '_';
    const char after = i + 1 < text.size() ? text[i + 1] : '_';
    const bool begins = upper_letter(c) && (lower_letter(before) || digit(before) ||
                                            (upper_letter(before) && lower_letter(after)));
    const bool number = digit(c) && (lower_letter(before) || upper_letter(before));
    if (begins || number) end();
    word += c;
  }
  end();
  return out;
}
std::string connected(const std::string& text, std::string_view with) {
  std::vector<std::string> parts = words(text);
  for (std::string& part : parts) part = to_lower(part);
  return ropewalk::join(parts, with);
}
Answer snake_case(Context&, Arguments& a) { return Value::of(connected(a[0].text(), "_")); }
Answer kebab_case(Context&, Arguments& a) { return Value::of(connected(a[0].text(), "-")); }
Answer camel_case(Context&, Arguments& a) {
  std::string out;
  bool begins = true;
  for (const char c : a[0].text()) {
    if (separator(c)) {
      begins = true;
      continue;
    }
    out += begins ? raised(c) : c;
    begins = false;
  }
  return Value::of(std::move(out));
}

// Lines of at most `width`, cut at blanks; a longer word stays whole unless `cut`.
std::string wrapped(const std::string& text, std::int64_t wanted, const std::string& line_end,
                    bool cut) {
  const auto width = static_cast<std::size_t>(std::max<std::int64_t>(1, wanted));
  std::string out;
  std::size_t at = 0;
  while (text.size() - at > width) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t space = text.rfind(' ', at + width);
    if (space != std::string::npos && space >= at) {
      out += text.substr(at, space - at) + line_end;
      at = space + 1;
    } else if (cut) {
      out += text.substr(at, width) + line_end;
      at += width;
    } else {
      const std::size_t next = text.find(' ', at + width);
      if (next == std::string::npos) break;
      out += text.substr(at, next - at) + line_end;
      at = next + 1;
    }
  }
  return out + text.substr(at);
}
Answer wrap(Context&, Arguments& a) {
  return Value::of(wrapped(a[1].text(), a[0].integer(), "\n", false));
}
Answer wrap_with(Context& context, Arguments& a) {
  if (!context.budget.affords(a[2].text().size() * (a[1].text().size() + 1)))
    return refuse("the text would be too large");
  return Value::of(wrapped(a[2].text(), a[0].integer(), a[1].text(), true));
}
Answer shuffle(Context&, Arguments& a) {
  std::string text = a[0].text();
  std::ranges::shuffle(text, std::mt19937(std::random_device()()));
  return Value::of(std::move(text));
}

constexpr auto kWordsFunctions = std::to_array<Function>({
    {"abbrev", "is", abbreviate},
    {"abbrevboth", "iis", abbreviate_both},
    {"camelcase", "s", camel_case},
    {"initials", "s", initials},
    {"kebabcase", "s", kebab_case},
    {"shuffle", "s", shuffle},
    {"snakecase", "s", snake_case},
    {"swapcase", "s", swap_case},
    {"title", "s", title},
    {"untitle", "s", untitle},
    {"wrap", "is", wrap},
    {"wrapWith", "iss", wrap_with},
});

}  // namespace

std::span<const Function> word_functions() { return kWordsFunctions; }

}  // namespace ropewalk::config::templates
