#include "common/log_output.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>

namespace ropewalk::log {
namespace {

constexpr std::array<std::string_view, 24> kFacilities{
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "",       "",       "",       "",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<const char*, 12> kMonths{"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};
constexpr std::array<const char*, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                           "Thursday", "Friday", "Saturday"};

std::string_view upper_name(Level level) {
  switch (level) {
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "INFO";
    case Level::warning:
      return "WARNING";
    default:
      return "ERROR";
  }
}

std::string padded(int value, int width) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%0*d", width, value);
  return text.data();
}

struct Token {
  std::string_view layout;
  std::string (*text)(const std::tm&, int ms);
};

// The longest of those that begin alike first.
const std::array kTokens = std::to_array<Token>({
    {"2006", [](const std::tm& t, int) { return padded(t.tm_year + 1900, 4); }},
    {"January", [](const std::tm& t, int) { return std::string(kMonths[t.tm_mon]); }},
    {"Jan", [](const std::tm& t, int) { return std::string(kMonths[t.tm_mon], 3); }},
    {"Monday", [](const std::tm& t, int) { return std::string(kDays[t.tm_wday]); }},
    {"Mon", [](const std::tm& t, int) { return std::string(kDays[t.tm_wday], 3); }},
    {"MST", [](const std::tm&, int) { return std::string("UTC"); }},
    {"PM", [](const std::tm& t, int) { return std::string(t.tm_hour < 12 ? "AM" : "PM"); }},
    {"Z07:00", [](const std::tm&, int) { return std::string("Z"); }},
    {"-07:00", [](const std::tm&, int) { return std::string("+00:00"); }},
    {"-0700", [](const std::tm&, int) { return std::string("+0000"); }},
    {".000000", [](const std::tm&, int ms) { return "." + padded(ms, 3) + "000"; }},
    {".000", [](const std::tm&, int ms) { return "." + padded(ms, 3); }},
    {"01", [](const std::tm& t, int) { return padded(t.tm_mon + 1, 2); }},
    {"02", [](const std::tm& t, int) { return padded(t.tm_mday, 2); }},
    {"_2",
     [](const std::tm& t, int) { return (t.tm_mday < 10 ? " " : "") + padded(t.tm_mday, 1); }},
    {"03", [](const std::tm& t, int) { return padded((t.tm_hour + 11) % 12 + 1, 2); }},
    {"04", [](const std::tm& t, int) { return padded(t.tm_min, 2); }},
    {"05", [](const std::tm& t, int) { return padded(t.tm_sec, 2); }},
    {"06", [](const std::tm& t, int) { return padded(t.tm_year % 100, 2); }},
    {"15", [](const std::tm& t, int) { return padded(t.tm_hour, 2); }},
    {"2", [](const std::tm& t, int) { return padded(t.tm_mday, 1); }},
    {"3", [](const std::tm& t, int) { return padded((t.tm_hour + 11) % 12 + 1, 1); }},
    {"4", [](const std::tm& t, int) { return padded(t.tm_min, 1); }},
    {"5", [](const std::tm& t, int) { return padded(t.tm_sec, 1); }},
    {"1", [](const std::tm& t, int) { return padded(t.tm_mon + 1, 1); }},
});

std::string with_fields(std::string_view message, const std::vector<Field>& fields) {
  std::string out(message);
  for (const Field& field : fields) append_text_field(out, field.key, field.value);
  return out;
}

// "[KRAKEND]" -> "KRAKEND".
std::string module(const std::string& prefix) {
  std::string out;
  for (const char c : prefix)
    if (c != '[' && c != ']' && c != ' ') out += c;
  return out.empty() ? "ROPEWALK" : out;
}

std::string logstash(const Output& output, Level level, std::int64_t ms, std::string_view message,
                     const std::vector<Field>& fields) {
  std::string out = "{\"@timestamp\":\"" + format_time("2006-01-02T15:04:05.000-07:00", ms) +
                    "\",\"@version\":1,\"level\":\"";
  out += upper_name(level);
  out += "\",\"message\":";
  append_json_string(out, message);
  out += ",\"module\":";
  append_json_string(out, module(output.prefix));
  for (const Field& field : fields) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    append_json_string(out, field.value);
  }
  return out + "}";
}

// The argument of a text variable is a format of Go: ".4s" cuts.
std::string cut(std::string_view text, const std::string& argument) {
  if (argument.size() > 2 && argument.front() == '.' && argument.back() == 's')
    return std::string(text.substr(0, static_cast<std::size_t>(std::atoi(argument.c_str() + 1))));
  return std::string(text);
}

std::string by_pattern(const Output& output, Level level, std::int64_t ms, std::string_view message,
                       const std::vector<Field>& fields) {
  std::string out;
  for (const Piece& piece : parse_pattern(output.pattern).value_or(std::vector<Piece>())) {
    if (piece.name.empty()) out += piece.text;
    if (piece.name == "message") out += cut(with_fields(message, fields), piece.text);
    if (piece.name == "level") out += cut(upper_name(level), piece.text);
    if (piece.name == "time")
      out += format_time(piece.text.empty() ? "2006-01-02T15:04:05.000Z07:00" : piece.text, ms);
    if (piece.name == "module") out += cut(module(output.prefix), piece.text);
    if (piece.name == "pid") out += std::to_string(::getpid());
    if (piece.name == "program") out += "ropewalk";
  }
  return out;
}

}  // namespace

std::optional<int> parse_facility(std::string_view name) {
  for (std::size_t i = 0; i < kFacilities.size(); ++i)
    if (!name.empty() && kFacilities[i] == name) return static_cast<int>(i);
  return std::nullopt;
}

std::string format_time(std::string_view layout, std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::string out;
  while (!layout.empty()) {
    const Token* found = nullptr;
    for (const Token& token : kTokens)
      if (!found && layout.starts_with(token.layout)) found = &token;
    if (found)
      out += found->text(parts, static_cast<int>(ms % 1000));
    else
      out += layout.front();
    layout.remove_prefix(found ? found->layout.size() : 1);
  }
  return out;
}

std::optional<std::vector<Piece>> parse_pattern(std::string_view pattern) {
  std::vector<Piece> out;
  while (!pattern.empty()) {
    const auto begin = pattern.find("%{");
    if (begin != 0) out.push_back({"", std::string(pattern.substr(0, begin))});
    if (begin == std::string_view::npos) break;
    const auto end = pattern.find('}', begin);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = pattern.substr(begin + 2, end - begin - 2);
    const auto colon = inside.find(':');
    out.push_back({std::string(inside.substr(0, colon)),
                   colon == std::string_view::npos ? "" : std::string(inside.substr(colon + 1))});
    pattern.remove_prefix(end + 1);
  }
  return out;
}

std::string render(const Output& output, Level level, std::int64_t ms, std::string_view message,
                   const std::vector<Field>& fields) {
  if (output.style == Style::logstash) return logstash(output, level, ms, message, fields);
  if (output.style == Style::pattern) return by_pattern(output, level, ms, message, fields);
  std::string out = output.prefix.empty() ? "" : output.prefix + " ";
  out += format_time("2006/01/02 - 15:04:05.000", ms);
  out += " \xe2\x96\xb6 ";
  out += upper_name(level);
  out += ' ';
  return out + with_fields(message, fields);
}

std::string syslog_message(int facility, Level level, std::int64_t ms, std::string_view tag,
                           int pid, std::string_view text) {
  constexpr int kSeverities[] = {7, 6, 4, 3};
  std::string out = "<" + std::to_string(facility * 8 + kSeverities[static_cast<int>(level)]) + ">";
  out += format_time("Jan _2 15:04:05", ms);
  out += ' ';
  out += tag;
  out += '[' + std::to_string(pid) + "]: ";
  out += text;
  return out;
}

}  // namespace ropewalk::log
