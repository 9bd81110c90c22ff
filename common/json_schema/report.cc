#include "common/json_schema/report.h"

#include "common/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace ropewalk::json_schema {
namespace {

// A hostile body must not make a report of any size.
constexpr std::size_t kLongestReport = std::size_t{64} << 10;

void tell(std::string& out, const Problem& problem, std::size_t indent) {
  if (out.size() > kLongestReport) return;
  const bool skipped = problem.form == Problem::Form::reference && problem.causes.size() == 1;
  if (!skipped) {
    if (!out.empty()) out += '\n';
    out.append(indent * 2, ' ');
    out += "- at " + quoted(problem.where) + ": " + problem.what;
    ++indent;
  }
  for (const Problem& cause : problem.causes) tell(out, cause, indent);
}

// What Go does not print as it is: controls, odd spaces, private and unused ranges.
bool printable(std::uint32_t point) {
  constexpr std::pair<std::uint32_t, std::uint32_t> kHidden[] = {
      {0x00, 0x1F},     {0x7F, 0xA0},     {0xAD, 0xAD},       {0x61C, 0x61C},
      {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200F},   {0x2028, 0x202F},
      {0x205F, 0x206F}, {0x3000, 0x3000}, {0xD800, 0xF8FF},   {0xFEFF, 0xFEFF},
      {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE00FF}, {0xE01F0, 0x10FFFF}};
  return std::ranges::none_of(
      kHidden, [&](const auto& range) { return point >= range.first && point <= range.second; });
}

std::string escape(std::uint32_t point) {
  constexpr std::string_view kControls = "\a\b\f\n\r\t\v";
  constexpr std::string_view kLetters = "abfnrtv";
  if (point < 0x80)
    if (const auto known = kControls.find(static_cast<char>(point));
        point != 0 && known != std::string_view::npos)
      return std::string("\\") + kLetters[known];
  char text[16];
  if (point < 0x80)
    std::snprintf(text, sizeof text, "\\x%02x", point);
  else if (point < 0x10000)
    std::snprintf(text, sizeof text, "\\u%04x", point);
  else
    std::snprintf(text, sizeof text, "\\U%08x", point);
  return text;
}

std::string grouped(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string raised(int exponent) {
  constexpr std::string_view kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  char text[16];
  std::snprintf(text, sizeof text, "%02d", std::abs(exponent));
  std::string out = exponent < 0 ? "⁻" : "";
  for (const char* digit = text; *digit != '\0'; ++digit) out += kDigits[*digit - '0'];
  return out;
}

}  // namespace

std::string report(const Problem& problem) {
  std::string out;
  if (problem.form != Problem::Form::group) {
    tell(out, problem, 0);
  } else {
    for (const Problem& cause : problem.causes) tell(out, cause, 0);
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  while (!text.empty()) {
    const Character next = decode_utf8(text);
    const std::size_t length = std::max<std::size_t>(1, next.length);
    if (next.code == '\'')
      out += "\\'";
    else if (next.code == '\\')
      out += "\\\\";
    else if (printable(next.code))
      out += text.substr(0, length);
    else
      out += escape(next.code);
    text.remove_prefix(length);
  }
  return out + "'";
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += ", ";
    out += quoted(text);
  }
  return out;
}

std::string shown(const json::Value& value) {
  if (value.is_string()) return quoted(value.string());
  if (value.is_null()) return "<nil>";
  if (value.is_list() || value.is_object()) return "value";
  return json::to_string(value);
}

std::string counted(std::size_t value) { return grouped(std::to_string(value)); }

std::string measured(double value) {
  if (std::isinf(value)) return value < 0 ? "-∞" : "∞";
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific)
          .ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  const int exponent = std::stoi(std::string(text.substr(e + 1)));
  const std::string sign = std::signbit(value) ? "-" : "";
  if (exponent < -4 || exponent >= 6)
    return sign + std::string(text.substr(0, e)) + "×10" + raised(exponent);
  const auto fixed =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::fixed).ptr;
  const std::string_view plain(buffer, static_cast<std::size_t>(fixed - buffer));
  const std::size_t point = std::min(plain.find('.'), plain.size());
  return sign + grouped(plain.substr(0, point)) + std::string(plain.substr(point));
}

std::string escaped_token(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

}  // namespace ropewalk::json_schema
