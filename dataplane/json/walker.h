// A cursor over the tokens of one JSON text that validates what it passes: grammar, numbers and
// literals. What strings hold was checked before (`Structure`, `check_escapes`). Pure.
#pragma once

#include "dataplane/json/projection.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ropewalk::json {

// Whether a number or a literal begins at `text` that ends before a space, comma or closing
// bracket. Another token must follow: every loop ends at that token at the latest.
bool valid_scalar(const char* text);

class Walker {
 public:
  // `tokens` begin the tokens of `text`, which may be followed by anything. `levels` is working
  // memory.
  Walker(std::string_view text, std::span<const std::uint32_t> tokens, std::size_t max_depth,
         std::vector<char>& levels)
      : text_(text.data()),
        at_(tokens.data()),
        end_(tokens.data() + tokens.size()),
        max_depth_(max_depth),
        levels_(levels) {}

  // First byte of the next token, 0 at the end.
  char peek() const { return at_ == end_ ? '\0' : text_[*at_]; }
  std::uint32_t offset() const { return *at_; }
  void next() { ++at_; }

  // Passes the bracket that opens an object; false when the levels are used up.
  bool enter() {
    ++at_;
    return ++depth_ <= max_depth_;
  }
  void leave() {
    ++at_;
    --depth_;
  }
  std::size_t depth() const { return depth_; }

  // Passes one value inside an array or object. False: not JSON, or nested too deeply.
  bool skip() {
    if (end_ - at_ < 2) return false;
    switch (text_[*at_]) {
      case '"':
        ++at_;
        return true;
      case '{':
      case '[':
        return skip_container();
      default:
        return valid_scalar(text_ + *at_++);
    }
  }

  // Passes the value after a key and returns its text; empty: not JSON.
  std::string_view take() {
    const char* const first = text_ + *at_;
    if (!skip() || at_ == end_) return {};
    const char* last = text_ + *at_;
    while (space(last[-1])) --last;
    return {first, last};
  }

  // Passes the object that the next token opens and appends its members to `members`, keys as they
  // stand between the quotes. False: not JSON.
  bool take_object(std::vector<Member>& members);

  // Passes a key and its colon and returns what stands between the quotes; data() is null when
  // there is no key.
  std::string_view key() {
    if (end_ - at_ < 3 || text_[at_[0]] != '"' || text_[at_[1]] != ':') return {};
    const char* const first = text_ + at_[0] + 1;
    const char* last = text_ + at_[1];
    do --last;
    while (*last != '"');
    at_ += 2;
    return {first, last};
  }

  // The end of the last token passed, a bracket.
  std::uint32_t after_bracket() const { return at_[-1] + 1; }

 private:
  // For a byte between two tokens: other control characters would be tokens themselves.
  static bool space(char c) { return static_cast<unsigned char>(c) <= ' '; }
  bool skip_container();

  const char* text_;
  const std::uint32_t* at_;
  const std::uint32_t* end_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
  std::vector<char>& levels_;
};

}  // namespace ropewalk::json
