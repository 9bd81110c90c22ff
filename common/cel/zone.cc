#include "common/cel/zone.h"

#include "common/cel/time.h"
#include "common/files.h"

#include <algorithm>
#include <charconv>

namespace ropewalk::cel {
namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
constexpr std::size_t kMostTransitions = 10'000;

// Names come from expressions and, where they compute one, from requests: no way out of the folder.
bool harmless(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

std::optional<int> number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "CET", "<+03>"
bool skip_name(std::string_view& text) {
  if (take(text, '<')) {
    const std::size_t end = text.find('>');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
    return true;
  }
  const std::size_t end = text.find_first_of("0123456789+-,");
  const std::size_t length = std::min(end, text.size());
  text.remove_prefix(length);
  return length >= 3;
}

// "-1", "5:30", "+2:00:00"
std::optional<std::int64_t> clock(std::string_view& text) {
  std::int64_t sign = 1;
  if (take(text, '-'))
    sign = -1;
  else
    take(text, '+');
  std::int64_t seconds = 0;
  for (const std::int64_t unit : {3600, 60, 1}) {
    const auto value = number(text);
    if (!value) return std::nullopt;
    seconds += *value * unit;
    if (!take(text, ':')) break;
  }
  return sign * seconds;
}

}  // namespace

// One file, version 2 or newer.
class ZoneFile {
 public:
  explicit ZoneFile(std::string_view bytes) : bytes_(bytes) {}

  std::optional<Zone> read() {
    // The first block has 32-bit times; what follows it counts.
    const auto old = header();
    if (!old) return std::nullopt;
    at_ += size(*old, 4);
    const auto head = header();
    if (!head || head->transitions > kMostTransitions || head->types == 0 ||
        bytes_.size() - at_ < size(*head, 8))
      return std::nullopt;
    Zone zone;
    const std::size_t kinds = at_ + head->transitions * 8;
    const std::size_t types = kinds + head->transitions;
    const auto type_offset = [&](std::size_t type) {
      return static_cast<std::int64_t>(
          static_cast<std::int32_t>(static_cast<std::uint32_t>(integer(types + type * 6, 4))));
    };
    zone.first_ = type_offset(0);
    for (std::size_t i = 0; i < head->transitions; ++i) {
      const auto type = static_cast<std::size_t>(integer(kinds + i, 1));
      if (type >= head->types) return std::nullopt;
      zone.times_.push_back(static_cast<std::int64_t>(integer(at_ + i * 8, 8)));
      zone.offsets_.push_back(type_offset(type));
    }
    std::string_view footer = bytes_.substr(at_ + size(*head, 8));
    if (take(footer, '\n')) zone.rule_ = rule(footer.substr(0, footer.find('\n')));
    return zone;
  }

 private:
  struct Head {
    std::size_t marks, standards, leaps, transitions, types, letters;
  };

  std::uint64_t integer(std::size_t at, std::size_t width) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
      value = (value << 8) | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }

  std::optional<Head> header() {
    if (bytes_.size() - at_ < 44 || bytes_.substr(at_, 4) != "TZif" || bytes_[at_ + 4] < '2')
      return std::nullopt;
    const auto field = [&](std::size_t i) {
      return static_cast<std::size_t>(integer(at_ + 20 + i * 4, 4));
    };
    const Head out{field(0), field(1), field(2), field(3), field(4), field(5)};
    at_ += 44;
    for (const std::size_t count :
         {out.marks, out.standards, out.leaps, out.transitions, out.types, out.letters})
      if (count > bytes_.size()) return std::nullopt;
    if (bytes_.size() - at_ < size(out, 4)) return std::nullopt;
    return out;
  }

  static std::size_t size(const Head& head, std::size_t width) {
    return head.transitions * (width + 1) + head.types * 6 + head.letters +
           head.leaps * (width + 4) + head.standards + head.marks;
  }

  static std::optional<Zone::Change> change(std::string_view& text) {
    Zone::Change out;
    if (!take(text, 'M')) return std::nullopt;
    const auto month = number(text);
    if (!month || !take(text, '.')) return std::nullopt;
    const auto week = number(text);
    if (!week || !take(text, '.')) return std::nullopt;
    const auto weekday = number(text);
    if (!weekday) return std::nullopt;
    out.month = *month;
    out.week = *week;
    out.weekday = *weekday;
    if (take(text, '/')) {
      const auto seconds = clock(text);
      if (!seconds) return std::nullopt;
      out.seconds = *seconds;
    }
    const bool valid = out.month >= 1 && out.month <= 12 && out.week >= 1 && out.week <= 5 &&
                       out.weekday >= 0 && out.weekday <= 6;
    return valid ? std::optional(out) : std::nullopt;
  }

  // "CET-1CEST,M3.5.0,M10.5.0/3": hours west of Greenwich.
  static std::optional<Zone::Rule> rule(std::string_view text) {
    Zone::Rule out;
    if (!skip_name(text)) return std::nullopt;
    const auto standard = clock(text);
    if (!standard) return std::nullopt;
    out.standard = -*standard;
    if (text.empty()) return out;
    if (!skip_name(text)) return std::nullopt;
    out.summer = out.standard + 3600;
    if (!text.starts_with(',')) {
      const auto summer = clock(text);
      if (!summer) return std::nullopt;
      out.summer = -*summer;
    }
    if (!take(text, ',')) return std::nullopt;
    out.begin = change(text);
    if (!out.begin || !take(text, ',')) return std::nullopt;
    out.end = change(text);
    return out.end ? std::optional(out) : std::nullopt;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

std::optional<Zone> Zone::by_offset(std::string_view text) {
  const bool west = text.front() == '-';
  if (west || text.front() == '+') text.remove_prefix(1);
  const auto hours = number(text);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = number(text);
  if (!minutes || !text.empty() || *hours < 0 || *hours > 24 || *minutes < 0 || *minutes > 59)
    return std::nullopt;
  Zone out;
  out.first_ = (*hours * 3600 + *minutes * 60) * (west ? -1 : 1);
  return out;
}

std::optional<Zone> Zone::find(std::string_view name) {
  if (name.empty() || name == "UTC") return Zone();
  if (name.contains(':')) return by_offset(name);
  if (!harmless(name)) return std::nullopt;
  const auto bytes = read_file(std::string(kFolder) + std::string(name));
  if (!bytes) return std::nullopt;
  return ZoneFile(*bytes).read();
}

std::int64_t Zone::offset(std::int64_t utc_seconds) const {
  const auto after = std::ranges::upper_bound(times_, utc_seconds);
  if (after == times_.end() && rule_) return by_rule(utc_seconds);
  if (after == times_.begin()) return first_;
  return offsets_[static_cast<std::size_t>(after - times_.begin()) - 1];
}

std::int64_t Zone::by_rule(std::int64_t utc_seconds) const {
  if (!rule_->begin) return rule_->standard;
  const int year = civil_time(utc_seconds + rule_->standard).year;
  const auto moment = [&](const Change& change, std::int64_t before) {
    const std::int64_t first = days_of(year, change.month, 1);
    const auto weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);
    std::int64_t day = first + (change.weekday - weekday + 7) % 7 + (change.week - 1) * 7;
    const std::int64_t next_month =
        change.month == 12 ? days_of(year + 1, 1, 1) : days_of(year, change.month + 1, 1);
    while (day >= next_month) day -= 7;
    return day * 86400 + change.seconds - before;
  };
  const std::int64_t begin = moment(*rule_->begin, rule_->standard);
  const std::int64_t end = moment(*rule_->end, rule_->summer);
  const bool summer = begin < end ? utc_seconds >= begin && utc_seconds < end
                                  : utc_seconds >= begin || utc_seconds < end;
  return summer ? rule_->summer : rule_->standard;
}

}  // namespace ropewalk::cel
