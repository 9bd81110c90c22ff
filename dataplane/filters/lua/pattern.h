// Lua patterns (Lua 5.1 manual 5.4.1) with a budget: matching is counted, because it can take
// exponential time and no hook of the interpreter fires inside. Pure.
#pragma once

#include "common/error.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ropewalk::lua {

class Pattern {
 public:
  static constexpr std::size_t kMostCaptures = 32;
  struct Capture {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool position = false;  // "()": begin is the value, from 0
    bool open = false;
  };

  // Both outlive the pattern.
  Pattern(std::string_view pattern, std::string_view subject)
      : anchored_(pattern.starts_with('^')),
        pattern_(anchored_ ? pattern.substr(1) : pattern),
        subject_(subject) {}

  // The first match at or behind `from`; its begin and end. Errors (config): a malformed pattern;
  // (too_large): more steps than `budget`, too many nested repetitions.
  Result<std::optional<std::pair<std::size_t, std::size_t>>> find(std::size_t from,
                                                                  std::uint64_t budget);
  bool anchored() const { return anchored_; }
  std::uint64_t steps() const { return steps_; }  // taken so far
  std::size_t captures() const { return level_; }
  const Capture& capture(std::size_t index) const { return captures_[index]; }

 private:
  using Position = std::optional<std::size_t>;  // where the match ends; none: no match

  Position match(std::size_t at, std::size_t p);
  Position repeat_most(std::size_t at, std::size_t p, std::size_t next);
  Position repeat_least(std::size_t at, std::size_t p, std::size_t next);
  Position open_capture(std::size_t at, std::size_t p, bool position);
  Position close_capture(std::size_t at, std::size_t p);
  Position balance(std::size_t at, std::size_t p) const;
  Position back_reference(std::size_t at, char digit);
  bool single(std::size_t at, std::size_t p, std::size_t next);
  bool in_set(unsigned char c, std::size_t p, std::size_t closing) const;
  std::size_t item_end(std::size_t p);
  Position broken(Kind kind, const char* why);

  bool anchored_;
  std::string_view pattern_;
  std::string_view subject_;
  std::array<Capture, kMostCaptures> captures_{};
  std::size_t level_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t budget_ = 0;
  int depth_ = 0;
  std::optional<Error> error_;
};

}  // namespace ropewalk::lua
