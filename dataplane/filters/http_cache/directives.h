// Cache-Control and dates, read as KrakenD's cache reads them: the first line only, names in lower
// case only.
//
// Pure: the time is an argument, in nanoseconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::http_cache {

using Nanoseconds = std::int64_t;

// Views into the line.
class Directives {
 public:
  explicit Directives(std::string_view line);
  bool empty() const { return list_.empty(); }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // The value, "" for none; null when the directive is absent.
  const std::string_view* find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> list_;
};

// "Mon, 02 Jan 2006 15:04:05 GMT"; any other name of a zone counts as GMT.
std::optional<Nanoseconds> parse_date(std::string_view text);
// Delta seconds, with sign and fraction; nothing for what is none or does not fit.
std::optional<Nanoseconds> parse_seconds(std::string_view text);

// How long an answer may serve, worked out once when it is stored.
struct Lifetime {
  enum class OnError : std::uint8_t { no, always, within };

  std::optional<Nanoseconds> date;  // without one nothing is ever fresh
  Nanoseconds lifetime = 0;         // by max-age, else Expires minus Date
  bool no_cache = false;
  bool unreadable_on_error = false;  // stale-if-error with a value that is no number
  OnError on_error = OnError::no;
  Nanoseconds error_window = 0;  // age up to which an error is covered

  static Lifetime of(const Directives& answer, std::string_view date, std::string_view expires);
};

enum class Freshness : std::uint8_t {
  fresh,
  stale,        // to be asked for again, with the validators of the stored answer
  transparent,  // to be asked for again, as the client wrote it
};

Freshness judge(const Lifetime& stored, const Directives& request, Nanoseconds now);
// Whether a stored answer may stand in for an error of the backend.
bool covers_error(const Lifetime& stored, const Directives& request, Nanoseconds now);

}  // namespace ropewalk::http_cache
