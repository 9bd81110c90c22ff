#include "dataplane/filters/http_cache/directives.h"

#include "common/strings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace ropewalk::http_cache {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr std::int64_t kMostSeconds = 9'223'372'036;

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || text.front() == '-') return std::nullopt;
  return value;
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found =
      std::ranges::find_if(kNames, [&](std::string_view month) { return iequals(month, name); });
  if (found == kNames.end()) return std::nullopt;
  return static_cast<unsigned>(found - kNames.begin()) + 1;
}

// Both ends saturate: an age before the year 1700 is as good as infinite.
Nanoseconds minus(Nanoseconds a, Nanoseconds b) {
  Nanoseconds out = 0;
  if (__builtin_sub_overflow(a, b, &out)) return b < 0 ? INT64_MAX : INT64_MIN;
  return out;
}

Nanoseconds plus(Nanoseconds a, Nanoseconds b) {
  Nanoseconds out = 0;
  if (__builtin_add_overflow(a, b, &out)) return b > 0 ? INT64_MAX : INT64_MIN;
  return out;
}

}  // namespace

Directives::Directives(std::string_view line) {
  while (!line.empty()) {
    const std::size_t comma = line.find(',');
    const std::string_view part = trim(line.substr(0, comma), " ");
    line = comma == std::string_view::npos ? std::string_view{} : line.substr(comma + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      list_.emplace_back(part, std::string_view{});
    else
      list_.emplace_back(trim(part.substr(0, equals), " "), part.substr(equals + 1));
  }
}

// Of equal names the last counts.
const std::string_view* Directives::find(std::string_view name) const {
  for (auto it = list_.rbegin(); it != list_.rend(); ++it)
    if (it->first == name) return &it->second;
  return nullptr;
}

std::optional<Nanoseconds> parse_date(std::string_view text) {
  constexpr std::size_t kLength = 29;
  if (text.size() != kLength || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text[25] != ' ')
    return std::nullopt;
  const auto day = digits(text.substr(5, 2));
  const auto month = month_of(text.substr(8, 3));
  const auto year = digits(text.substr(12, 4));
  const auto hour = digits(text.substr(17, 2));
  const auto minute = digits(text.substr(20, 2));
  const auto second = digits(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
  if (seconds > kMostSeconds || seconds < -kMostSeconds) return std::nullopt;
  return seconds * kSecond;
}

std::optional<Nanoseconds> parse_seconds(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  std::int64_t whole = 0;
  std::size_t seen = 0;
  for (const char c : text.substr(0, dot)) {
    if (c < '0' || c > '9') return std::nullopt;
    whole = whole * 10 + (c - '0');
    if (whole >= kMostSeconds) return std::nullopt;
    ++seen;
  }
  Nanoseconds fraction = 0;
  Nanoseconds unit = kSecond / 10;
  for (const char c : text.substr(std::min(dot + 1, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    fraction += unit * (c - '0');
    unit /= 10;
    ++seen;
  }
  if (seen == 0) return std::nullopt;
  const Nanoseconds total = whole * kSecond + fraction;
  return negative ? -total : total;
}

Lifetime Lifetime::of(const Directives& answer, std::string_view date, std::string_view expires) {
  Lifetime out;
  out.date = parse_date(date);
  out.no_cache = answer.has("no-cache");
  if (const std::string_view* max_age = answer.find("max-age"))
    out.lifetime = parse_seconds(*max_age).value_or(0);
  else if (const auto end = parse_date(expires); end && out.date)
    out.lifetime = minus(*end, *out.date);
  if (const std::string_view* window = answer.find("stale-if-error")) {
    const auto time = parse_seconds(*window);
    if (window->empty()) {
      out.on_error = OnError::always;
    } else if (time) {
      out.on_error = OnError::within;
      out.error_window = *time;
    } else {
      out.unreadable_on_error = true;
    }
  }
  return out;
}

Freshness judge(const Lifetime& stored, const Directives& request, Nanoseconds now) {
  if (request.has("no-cache")) return Freshness::transparent;
  if (stored.no_cache) return Freshness::stale;
  if (request.has("only-if-cached")) return Freshness::fresh;
  if (!stored.date) return Freshness::stale;
  Nanoseconds age = minus(now, *stored.date);
  Nanoseconds lifetime = stored.lifetime;
  if (const std::string_view* max_age = request.find("max-age"))
    lifetime = parse_seconds(*max_age).value_or(0);
  if (const std::string_view* least = request.find("min-fresh"))
    age = plus(age, parse_seconds(*least).value_or(0));
  if (const std::string_view* most = request.find("max-stale")) {
    if (most->empty()) return Freshness::fresh;
    age = minus(age, parse_seconds(*most).value_or(0));
  }
  return lifetime > age ? Freshness::fresh : Freshness::stale;
}

bool covers_error(const Lifetime& stored, const Directives& request, Nanoseconds now) {
  if (stored.unreadable_on_error) return false;
  if (stored.on_error == Lifetime::OnError::always) return true;
  std::optional<Nanoseconds> window;
  if (stored.on_error == Lifetime::OnError::within) window = stored.error_window;
  if (const std::string_view* asked = request.find("stale-if-error")) {
    if (asked->empty()) return true;
    window = parse_seconds(*asked);
    if (!window) return false;
  }
  return window && stored.date && *window > minus(now, *stored.date);
}

}  // namespace ropewalk::http_cache
