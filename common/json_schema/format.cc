#include "common/json_schema/format.h"

#include "common/strings.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

namespace ropewalk::json_schema {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool all(std::string_view text, bool (*test)(char)) { return std::ranges::all_of(text, test); }

// Exactly so many digits as a number.
std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 4 || !all(text, digit)) return std::nullopt;
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

const char* json_pointer(std::string_view text) {
  if (text.empty()) return nullptr;
  if (!text.starts_with('/')) return "not starting with /";
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
      return "~ must be followed by 0 or 1";
  return nullptr;
}

const char* relative_json_pointer(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return "must start with non-negative integer";
  if (digits > 1 && text.starts_with('0')) return "starts with zero";
  text.remove_prefix(digits);
  return text == "#" ? nullptr : json_pointer(text);
}

const char* uuid(std::string_view text) {
  constexpr std::array<std::size_t, 5> kLengths{8, 4, 4, 4, 12};
  const auto groups = split(text, '-');
  if (groups.size() != kLengths.size()) return "must have 5 elements";
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (groups[i].size() != kLengths[i] || !all(groups[i], hex)) return "an element is malformed";
  return nullptr;
}

const char* duration(std::string_view text) {
  if (!text.starts_with('P')) return "must start with P";
  text.remove_prefix(1);
  if (text.empty()) return "nothing after P";
  if (text.ends_with('W')) {
    text.remove_suffix(1);
    return text.empty() || !all(text, digit) ? "invalid week" : nullptr;
  }
  const auto halves = split(text, 'T');
  if (halves.size() > 2) return "more than one T";
  if (halves.size() == 2 && halves[1].empty()) return "no time elements";
  for (std::size_t i = 0; i < halves.size(); ++i) {
    std::string_view units = i == 0 ? "YMD" : "HMS";
    std::string_view rest = halves[i];
    while (!rest.empty()) {
      const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
      if (digits == 0) return "missing number";
      if (digits == rest.size()) return "missing unit";
      const std::size_t place = units.find(rest[digits]);
      if (place == std::string_view::npos) return "invalid unit";
      units.remove_prefix(place + 1);
      rest.remove_prefix(digits + 1);
    }
  }
  return nullptr;
}

const char* ipv4(std::string_view text) {
  const auto groups = split(text, '.');
  if (groups.size() != 4) return "expected four decimals";
  for (const std::string_view group : groups) {
    if (group.size() > 1 && group.starts_with('0')) return "leading zeros";
    const auto value = number(group);
    if (!value || *value > 255) return "decimal must be between 0 and 255";
  }
  return nullptr;
}

const char* ipv6(std::string_view text) {
  constexpr const char* kWrong = "not an IPv6 address";
  if (!text.contains(':')) return "missing colon";
  const std::size_t gap = text.find("::");
  if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos)
    return kWrong;
  std::size_t groups = 0;
  const auto count = [&](std::string_view side, bool last) {
    if (side.empty()) return true;
    const auto parts = split(side, ':');
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (last && i + 1 == parts.size() && parts[i].contains('.')) {
        if (ipv4(parts[i])) return false;
        groups += 2;
      } else {
        if (parts[i].empty() || parts[i].size() > 4 || !all(parts[i], hex)) return false;
        ++groups;
      }
    }
    return true;
  };
  if (gap == std::string_view::npos) return count(text, true) && groups == 8 ? nullptr : kWrong;
  const bool fine = count(text.substr(0, gap), false) && count(text.substr(gap + 2), true);
  return fine && groups < 8 ? nullptr : kWrong;
}

const char* hostname(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253) return "more than 253 characters long";
  for (const std::string_view label : split(text, '.')) {
    if (label.empty() || label.size() > 63) return "label must be 1 to 63 characters long";
    if (label.starts_with('-')) return "label starts with hyphen";
    if (label.ends_with('-')) return "label ends with hyphen";
    if (!all(label, [](char c) { return letter(c) || digit(c) || c == '-'; }))
      return "invalid character";
  }
  return nullptr;
}

const char* local_part(std::string_view text) {
  if (text.size() > 64) return "local part more than 64 characters long";
  if (text.size() > 1 && text.starts_with('"')) {
    const std::string_view inner = text.substr(1, text.size() - 2);
    return inner.find_first_of("\\\"") == std::string_view::npos
               ? nullptr
               : "backslash and quote are not allowed within quoted local part";
  }
  if (text.starts_with('.')) return "starts with dot";
  if (text.ends_with('.')) return "ends with dot";
  if (text.contains("..")) return "consecutive dots";
  constexpr auto kAllowed = [](char c) {
    return letter(c) || digit(c) || std::string_view(".!#$%&'*+-/=?^_`{|}~").contains(c);
  };
  return all(text, kAllowed) ? nullptr : "invalid character";
}

const char* email(std::string_view text) {
  if (text.size() > 254) return "more than 255 characters long";
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return "missing @";
  if (const char* wrong = local_part(text.substr(0, at))) return wrong;
  std::string_view domain = text.substr(at + 1);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    return domain.starts_with("IPv6:") ? ipv6(domain.substr(5)) : ipv4(domain);
  }
  return hostname(domain) ? "invalid domain" : nullptr;
}

const char* date(std::string_view text) {
  constexpr const char* kWrong = "not a date";
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return kWrong;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return kWrong;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  return *day > kDays[*month - 1] + (*month == 2 && leap ? 1 : 0) ? "day out of range" : nullptr;
}

const char* time(std::string_view text) {
  if (text.size() < 9) return "less than 9 characters long";
  if (text[2] != ':' || text[5] != ':') return "missing colon in correct place";
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3, 2));
  const auto second = number(text.substr(6, 2));
  if (!hour || !minute || !second) return "invalid hour/min/sec";
  if (*hour > 23 || *minute > 59 || *second > 60) return "hour/min/sec out of range";
  text.remove_prefix(8);
  if (text.starts_with('.')) {
    const std::size_t end = text.find_first_not_of("0123456789", 1);
    if (end == 1 || text.size() == 1) return "no digits in second fraction";
    text.remove_prefix(std::min(end, text.size()));
  }
  int minutes = *hour * 60 + *minute;
  if (text != "z" && text != "Z") {
    if (text.size() != 6) return "offset must be 6 characters long";
    if ((text[0] != '+' && text[0] != '-') || text[3] != ':') return "malformed offset";
    const auto hours_off = number(text.substr(1, 2));
    const auto minutes_off = number(text.substr(4, 2));
    if (!hours_off || !minutes_off || *hours_off > 23 || *minutes_off > 59)
      return "hour/min in offset out of range";
    const int offset = *hours_off * 60 + *minutes_off;
    minutes = ((minutes - (text[0] == '+' ? offset : -offset)) + 1440) % 1440;
  }
  return *second == 60 && minutes != 1439 ? "invalid leap second" : nullptr;
}

const char* date_time(std::string_view text) {
  if (text.size() < 20) return "less than 20 characters long";
  if (text[10] != 't' && text[10] != 'T') return "11th character must be t or T";
  if (const char* wrong = date(text.substr(0, 10))) return wrong;
  return time(text.substr(11));
}

// What Go's url.Parse refuses: controls, broken escapes, a malformed host or port.
const char* reference(std::string_view text, bool& absolute) {
  if (!std::ranges::all_of(
          text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; }))
    return "invalid control character";
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon != std::string_view::npos && text[colon] == ':') {
    const std::string_view scheme = text.substr(0, colon);
    if (scheme.empty()) return "missing protocol scheme";
    absolute = letter(scheme.front()) && all(scheme, [](char c) {
                 return letter(c) || digit(c) || c == '+' || c == '-' || c == '.';
               });
    if (!absolute) return "first path segment contains colon";
    text.remove_prefix(colon + 1);
  }
  text = text.substr(0, text.find('#'));
  const std::string_view before_query = text.substr(0, text.find('?'));
  for (std::size_t i = 0; i < before_query.size(); ++i)
    if (before_query[i] == '%' &&
        (i + 2 >= before_query.size() || !hex(before_query[i + 1]) || !hex(before_query[i + 2])))
      return "invalid URL escape";
  if (!before_query.starts_with("//")) return nullptr;
  std::string_view host = before_query.substr(2);
  host = host.substr(0, host.find('/'));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return "missing ']' in host";
    if (ipv6(host.substr(1, close - 1))) return "invalid ipv6 address";
    host.remove_prefix(close + 1);
  } else {
    if (host.find_first_of(" <>\"{}|\\^`") != std::string_view::npos)
      return "invalid character in host name";
    const std::size_t port = host.find(':');
    if (port != std::string_view::npos && host.find(':', port + 1) != std::string_view::npos)
      return "ipv6 address not enclosed in brackets";
    host.remove_prefix(std::min(port, host.size()));
  }
  if (!host.empty() && (host.front() != ':' || !all(host.substr(1), digit))) return "invalid port";
  return nullptr;
}

const char* uri(std::string_view text) {
  bool absolute = false;
  if (const char* wrong = reference(text, absolute)) return wrong;
  return absolute ? nullptr : "relative url";
}

const char* uri_reference(std::string_view text) {
  bool absolute = false;
  if (text.contains('\\')) return "contains \\";
  return reference(text, absolute);
}

const char* uri_template(std::string_view text) {
  bool absolute = false;
  if (const char* wrong = reference(text, absolute)) return wrong;
  bool open = false;
  for (const char c : text) {
    if (c != '{' && c != '}') continue;
    if (open == (c == '{')) return "nested curly braces";
    open = !open;
  }
  return open ? "no matching closing brace" : nullptr;
}

const char* regex(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return re2::RE2(re2::StringPiece(text.data(), text.size()), options).ok()
             ? nullptr
             : "not a regular expression";
}

const char* period(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return "missing slash";
  const std::string_view begin = text.substr(0, slash);
  const std::string_view end = text.substr(slash + 1);
  if (begin.starts_with('P')) {
    if (const char* wrong = duration(begin)) return wrong;
    return date_time(end);
  }
  if (const char* wrong = date_time(begin)) return wrong;
  return end.starts_with('P') ? duration(end) : date_time(end);
}

const char* semver(std::string_view text) {
  static const re2::RE2 kVersion(
      R"((0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*))"
      R"((-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?)"
      R"((\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?)");
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kVersion)
             ? nullptr
             : "not a version";
}

constexpr auto kFormats = std::to_array<Format>({
    {"json-pointer", json_pointer},
    {"relative-json-pointer", relative_json_pointer},
    {"uuid", uuid},
    {"duration", duration},
    {"period", period},
    {"ipv4", ipv4},
    {"ipv6", ipv6},
    {"hostname", hostname},
    {"email", email},
    {"date", date},
    {"time", time},
    {"date-time", date_time},
    {"uri", uri},
    {"iri", uri},
    {"uri-reference", uri_reference},
    {"iri-reference", uri_reference},
    {"uri-template", uri_template},
    {"regex", regex},
    {"semver", semver},
});

}  // namespace

const Format* find_format(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : found;
}

}  // namespace ropewalk::json_schema
