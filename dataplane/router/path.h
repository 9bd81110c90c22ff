// Route patterns and request paths, taken apart. Pure.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::router {

// A route's path as a row of static texts and parameters. A parameter ends before '/' or at the
// end.
struct Token {
  bool parameter = false;
  std::string text;  // the name of a parameter
};
struct Pattern {
  std::vector<Token> tokens;
  bool wildcard = false;       // the last static text ends in '/', the tail follows
  std::size_t parameters = 0;  // with the tail
};
Result<Pattern> parse_pattern(std::string_view path, bool wildcard);

// A path with its escapes decoded, and where each byte came from. A broken escape is text.
class DecodedPath {
 public:
  explicit DecodedPath(std::string_view raw);
  std::string_view text() const { return text_; }
  // The raw text of a piece of text().
  std::string_view raw(std::string_view piece) const {
    const std::size_t at = static_cast<std::size_t>(piece.data() - text_.data());
    return raw_.substr(origin_[at], origin_[at + piece.size()] - origin_[at]);
  }

 private:
  std::string_view raw_;
  std::string text_;
  std::vector<std::uint32_t> origin_;
};

// "//", "." and ".." resolved; keeps a slash at the end, and so does a "." or ".." there. Of text
// that is decoded already.
std::string clean_decoded(std::string_view path);

}  // namespace ropewalk::router
