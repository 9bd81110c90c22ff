#include "dataplane/codec/yaml_scalar.h"

#include "common/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace ropewalk::codec {
namespace {

// What YAML 1.1 and 1.2 read as null, a boolean, or no number; << merges, and = is a default.
constexpr auto kReserved = std::to_array<std::string_view>({
    "null",  "Null",  "NULL", "~",    "true", "True", "TRUE", "false", "False", "FALSE", "y",
    "Y",     "yes",   "Yes",  "YES",  "n",    "N",    "no",   "No",    "NO",    "on",    "On",
    "ON",    "off",   "Off",  "OFF",  ".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", "+.inf",
    "+.Inf", "+.INF", ".nan", ".NaN", ".NAN", "-",    "?",    "<<",
});

bool digits(std::string_view text, char last) {
  return !text.empty() &&
         std::ranges::all_of(text, [last](char c) { return c >= '0' && c <= last; });
}

bool hexadecimal(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// 1.5, .5, 5., 1.5e-3
bool decimal_fraction(std::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view part = mantissa.substr(point + 1);
  if (whole.empty() && part.empty()) return false;
  if ((!whole.empty() && !digits(whole, '9')) || (!part.empty() && !digits(part, '9')))
    return false;
  if (exponent == std::string_view::npos) return true;
  std::string_view power = text.substr(exponent + 1);
  if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
  return digits(power, '9');
}

bool number(std::string_view text) {
  if (text.starts_with('_')) return false;
  const auto points = std::ranges::count(text, '.');
  if (points > 1) return false;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('-')) text.remove_prefix(1);
  std::string plain(text);
  std::erase(plain, '_');
  const std::string_view rest(plain);
  if (rest.starts_with("0x")) return hexadecimal(rest.substr(2));
  if (rest.starts_with("0o")) return digits(rest.substr(2), '7');
  if (rest.starts_with("0b")) return digits(rest.substr(2), '1');
  if (points == 1) return rest.find('.') != std::string_view::npos && decimal_fraction(rest);
  return digits(rest, rest.size() > 1 && rest.starts_with('0') ? '7' : '9');
}

// Reads times as a scanner over their text.
struct Clock {
  std::string_view text;

  bool take(char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  }
  // The number of `least` to `most` digits that the text begins with, -1 without one.
  int take_number(std::size_t least, std::size_t most) {
    std::size_t length = 0;
    int value = 0;
    for (; length < most && length < text.size() && text[length] >= '0' && text[length] <= '9';
         ++length)
      value = value * 10 + (text[length] - '0');
    if (length < least) return -1;
    text.remove_prefix(length);
    return value;
  }
  bool take_within(std::size_t least, int first, int last) {
    const int value = take_number(least, 2);
    return value >= first && value <= last;
  }
  bool take_date() {
    const int year = take_number(4, 4);
    if (year < 0 || !take('-')) return false;
    const int month = take_number(2, 2);
    if (month < 1 || month > 12 || !take('-')) return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int days = month == 2                                              ? 28 + leap
                     : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                             : 31;
    return take_within(2, 1, days);
  }
  bool take_time() {
    if (!take_within(1, 0, 23) || !take(':') || !take_within(2, 0, 59) || !take(':') ||
        !take_within(2, 0, 59))
      return false;
    return !(take('.') || take(',')) || take_number(1, 9) >= 0;
  }
  bool take_zone() {
    if (take('Z')) return true;
    return (take('+') || take('-')) && take_within(2, 0, 24) && take(':') && take_within(2, 0, 60);
  }
};

bool timestamp(std::string_view text) {
  if (text.size() < 3 || text[0] < '0' || text[0] > '9') return false;
  Clock clock{text};
  if (clock.take_within(1, 0, 23) && clock.take(':') && clock.take_within(1, 0, 59) &&
      clock.text.empty())
    return true;
  clock = Clock{text};
  if (!clock.take_date()) return false;
  if (clock.text.empty()) return true;
  if (clock.take(' ')) return clock.take_time() && clock.text.empty();
  return (clock.take('T') || clock.take('t')) && clock.take_time() && clock.take_zone() &&
         clock.text.empty();
}

bool printable(char32_t c) {
  return !(c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || (c >= 0x2000 && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
           (c >= 0xe000 && c <= 0xf8ff) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           c == 0xfffe || c == 0xffff);
}

// A literal block cannot begin with blanks, and what only breaks lines would be lost.
bool block_would_change(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\n');
  return first == std::string_view::npos ||
         (text.find('\n') != std::string_view::npos && (text[first] == ' ' || text[first] == '\t'));
}

void append_hex(std::string& out, char32_t value, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  while (digits-- > 0) out += kDigits[(value >> (4 * digits)) & 0xf];
}

}  // namespace

bool yaml_needs_quotes(std::string_view text) {
  if (text.empty() || std::ranges::find(kReserved, text) != kReserved.end() || number(text) ||
      timestamp(text))
    return true;
  constexpr std::string_view kFirst = "*&[{}],!|>%'\"@ `\t";
  if (kFirst.find(text.front()) != std::string_view::npos || text.starts_with("? ")) return true;
  if (text.back() == ':' || text.back() == ' ' || text.back() == '\t') return true;
  if (block_would_change(text)) return true;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '#' || c == '\\') return true;
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if ((c == ':' && (next == ' ' || next == '\t' || next == '\n')) || (c == '-' && next == ' '))
      return true;
    const auto [character, length] = decode_utf8(text.substr(at, 4));
    if (!printable(character) && c != '\n' && c != '\t') return true;
    at += std::max<std::size_t>(length, 1);
  }
  return false;
}

std::string yaml_quoted(std::string_view text) {
  constexpr std::string_view kShort = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  std::string out = "\"";
  while (!text.empty()) {
    const auto [character, length] = decode_utf8(text);
    const std::size_t known =
        character != 0 && character < 0x80 ? kShort.find(text.front()) : std::string_view::npos;
    if (known != std::string_view::npos) {
      out += '\\';
      out += kLetters[known];
    } else if (character == ' ' || printable(character)) {
      out += text.substr(0, length);
    } else {
      out += character < 0x80 ? "\\x" : character < 0x10000 ? "\\u" : "\\U";
      append_hex(out, character, character < 0x80 ? 2 : character < 0x10000 ? 4 : 8);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out += '"';
}

std::string yaml_float(double value) {
  std::array<char, 32> buffer;
  const auto write = [&](std::chars_format format) {
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    return std::string(buffer.data(), end);
  };
  // Go's shortest %g: an exponent below -4 and from 6 on.
  std::string scientific = write(std::chars_format::scientific);
  int exponent = 0;
  const std::size_t at = scientific.find('e') + 1;
  const char* const sign = scientific.data() + at;
  std::from_chars(*sign == '+' ? sign + 1 : sign, scientific.data() + scientific.size(), exponent);
  if (exponent < -4 || exponent >= 6) return scientific;
  std::string out = write(std::chars_format::fixed);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

}  // namespace ropewalk::codec
