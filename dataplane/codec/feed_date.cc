#include "dataplane/codec/feed_text.h"

#include "common/strings.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>

namespace ropewalk::codec {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kMonths =
    std::to_array<std::string_view>({"january", "february", "march", "april", "may", "june", "july",
                                     "august", "september", "october", "november", "december"});
constexpr auto kWeekdays = std::to_array<std::string_view>(
    {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"});

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i)
    if (word == names[i] || word == names[i].substr(0, 3)) return static_cast<int>(i);
  return -1;
}

// Pieces of a date: numbers with their digits counted, words in lower case, other characters.
struct Piece {
  enum class Kind : std::uint8_t { number, word, sign } kind;
  std::string text;
  bool after_blank;
  int value = 0;
};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<std::vector<Piece>> pieces_of(std::string_view text) {
  std::vector<Piece> out;
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    const auto run = [&](auto belongs) {
      while (end < text.size() && belongs(text[end])) ++end;
      return std::string(text.substr(at, end - at));
    };
    if (text[at] == ' ') {
      blank = true;
      at = end;
      continue;
    }
    if (digit(text[at])) {
      Piece piece{Piece::Kind::number, run(digit), blank};
      if (piece.text.size() > 9) return std::nullopt;
      piece.value = std::stoi(piece.text);
      out.push_back(std::move(piece));
    } else if (letter(text[at])) {
      out.push_back({Piece::Kind::word, to_lower(run(letter)), blank});
    } else {
      out.push_back({Piece::Kind::sign, std::string(1, text[at]), blank});
    }
    blank = false;
    at = end;
  }
  return out;
}

class DateParser {
 public:
  explicit DateParser(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  bool run() {
    if (word_in(kWeekdays) >= 0) {
      ++at_;
      take_sign(",");
      take_sign(",");
    }
    if (!date()) return false;
    if (year_ < 0 && !time()) return false;
    if (year_ < 0 && !late_year()) return false;
    take_sign(",");
    if (hour_ < 0 && !over() && !time()) return false;
    if (!over() && !zone()) return false;
    return over();
  }

  std::string text(bool utc) const {
    const std::chrono::year_month_day date{std::chrono::year(year_),
                                           std::chrono::month(static_cast<unsigned>(month_)),
                                           std::chrono::day(static_cast<unsigned>(day_))};
    if (!date.ok() || hour_ > 23 || minute_ > 59 || second_ > 59) return {};
    auto moment = std::chrono::sys_seconds(std::chrono::sys_days(date)) +
                  std::chrono::hours(std::max(hour_, 0)) + minutes(minute_) + seconds(second_);
    if (utc) moment -= minutes(zone_);
    const auto day = std::chrono::floor<days>(moment);
    const std::chrono::year_month_day shown(day);
    const std::chrono::hh_mm_ss clock(moment - day);
    std::string out =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(shown.year()),
                    static_cast<unsigned>(shown.month()), static_cast<unsigned>(shown.day()),
                    clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    out += fraction_;
    if (utc || zone_ == 0) return out + "Z";
    const int off = std::abs(zone_);
    return out + fmt::format("{}{:02}:{:02}", zone_ < 0 ? '-' : '+', off / 60, off % 60);
  }

 private:
  bool over() const { return at_ >= pieces_.size(); }
  const Piece* peek(std::size_t ahead = 0) const {
    return at_ + ahead < pieces_.size() ? &pieces_[at_ + ahead] : nullptr;
  }
  bool is_number(std::size_t ahead = 0) const {
    return peek(ahead) && peek(ahead)->kind == Piece::Kind::number;
  }
  bool is_sign(std::string_view sign, std::size_t ahead = 0) const {
    return peek(ahead) && peek(ahead)->kind == Piece::Kind::sign && peek(ahead)->text == sign;
  }
  bool take_sign(std::string_view sign) {
    if (!is_sign(sign)) return false;
    ++at_;
    return true;
  }
  template <std::size_t N>
  int word_in(const std::array<std::string_view, N>& names) const {
    return peek() && peek()->kind == Piece::Kind::word ? index_of(names, peek()->text) : -1;
  }

  static int full_year(const Piece& piece) {
    if (piece.text.size() == 4) return piece.value;
    if (piece.text.size() != 2) return -1;
    return piece.value + (piece.value >= 69 ? 1900 : 2000);
  }

  bool date() {
    if (is_number() && peek()->text.size() == 4) return year_first();
    if (const int month = word_in(kMonths); month >= 0) {  // January 2, 2006
      month_ = month + 1;
      ++at_;
      if (!is_number()) return false;
      day_ = pieces_[at_++].value;
      take_sign(",");
      if (is_number() && peek()->text.size() == 4 && !is_sign(":", 1)) year_ = pieces_[at_++].value;
      return true;
    }
    if (!is_number()) return false;
    if (peek(1) && peek(1)->kind == Piece::Kind::sign && !is_sign(",", 1) && is_number(2))
      return numeric();
    day_ = pieces_[at_++].value;
    take_sign(",");
    const int month = word_in(kMonths);
    if (month < 0) return false;
    month_ = month + 1;
    ++at_;
    if (!is_number()) return false;
    year_ = full_year(pieces_[at_++]);
    return year_ >= 0;
  }

  // 2006-01-02, 2006/01/02
  bool year_first() {
    year_ = pieces_[at_++].value;
    const bool dashed = take_sign("-");
    if ((!dashed && !take_sign("/")) || !is_number()) return false;
    month_ = pieces_[at_++].value;
    if (!take_sign(dashed ? "-" : "/") || !is_number()) return false;
    day_ = pieces_[at_++].value;
    if (const Piece* t = peek(); t && t->kind == Piece::Kind::word && t->text == "t") {
      ++at_;
      return time();
    }
    return true;
  }

  // 02.01.2006, 2/1/2006; the month first where the second number is no month.
  bool numeric() {
    const Piece first = pieces_[at_];
    const std::string sign = pieces_[at_ + 1].text;
    const Piece second = pieces_[at_ + 2];
    at_ += 3;
    if ((sign != "." && sign != "/" && sign != "-") || !take_sign(sign) || !is_number())
      return false;
    year_ = full_year(pieces_[at_++]);
    const bool month_first = second.value > 12 && sign != ".";
    day_ = (month_first ? second : first).value;
    month_ = (month_first ? first : second).value;
    return year_ >= 0;
  }

  // 15:04, 15:04:05.123, 3:04 PM
  bool time() {
    if (!is_number() || peek()->text.size() > 2) return false;
    hour_ = pieces_[at_++].value;
    if (!take_sign(":") || !is_number()) return false;
    minute_ = pieces_[at_++].value;
    if (is_sign(":") && is_number(1)) {
      second_ = pieces_[at_ + 1].value;
      at_ += 2;
      if (is_sign(".") && is_number(1)) {
        fraction_ = "." + pieces_[at_ + 1].text;
        while (fraction_.ends_with('0')) fraction_.pop_back();
        if (fraction_ == ".") fraction_.clear();
        at_ += 2;
      }
    }
    if (const Piece* half = peek(); half && (half->text == "pm" || half->text == "am")) {
      if (hour_ < 1 || hour_ > 12) return false;
      hour_ = hour_ % 12 + (half->text == "pm" ? 12 : 0);
      ++at_;
    }
    return true;
  }

  // Mon Jan 2 15:04:05 [MST] 2006
  bool late_year() {
    if (peek() && peek()->kind == Piece::Kind::word) {
      ++at_;
    } else if ((is_sign("+") || is_sign("-")) && !zone()) {
      return false;
    }
    if (!is_number() || peek()->text.size() != 4) return false;
    year_ = pieces_[at_++].value;
    return true;
  }

  // Z, GMT, EST, +0100, -07:00, GMT+0100
  bool zone() {
    if (peek()->kind == Piece::Kind::word) {
      if (peek()->text.size() > 5) return false;
      ++at_;
      if (over()) return true;
    }
    const bool minus = is_sign("-");
    if (!minus && !is_sign("+")) return false;
    ++at_;
    if (!is_number()) return false;
    const Piece& digits = pieces_[at_++];
    int hours = digits.value;
    int rest = 0;
    if (digits.text.size() == 4) {
      rest = hours % 100;
      hours /= 100;
    } else if (digits.text.size() > 2) {
      return false;
    } else if (is_sign(":") && is_number(1)) {
      rest = pieces_[at_ + 1].value;
      at_ += 2;
    }
    if (hours > 24 || rest > 59) return false;
    zone_ = (minus ? -1 : 1) * (hours * 60 + rest);
    if (peek() && peek()->kind == Piece::Kind::word) ++at_;  // +0000 UTC
    return true;
  }

  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  int year_ = -1, month_ = 0, day_ = 0, hour_ = -1, minute_ = 0, second_ = 0;
  int zone_ = 0;  // minutes east of UTC
  std::string fraction_;
};

}  // namespace

std::string parse_feed_date(std::string_view text, bool utc) {
  text = trim(text, " \t\r\n");
  if (text.empty() || text.size() > 100) return {};
  auto pieces = pieces_of(text);
  if (!pieces) return {};
  DateParser parser(std::move(*pieces));
  return parser.run() ? parser.text(utc) : std::string();
}

}  // namespace ropewalk::codec
