// Escapes in JSON strings, by the rules of Go's encoding/json. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ropewalk::json {

// What the backslashes of a text mean, every one of which must stand inside a string.
enum class Escapes { valid, lone_surrogate, malformed };
Escapes check_escapes(std::string_view text);

// One escape sequence at the beginning of `text`, which starts with a backslash.
struct Escape {
  std::size_t length = 0;  // 0: malformed
  char32_t code = 0;
  bool lone = false;  // a surrogate without partner; `code` is U+FFFD
};
Escape parse_escape(std::string_view text);

// Decodes the inside of a valid JSON string to `out`, which must have room for `text.size()` bytes.
// Never longer than the text.
std::size_t decode(std::string_view text, char* out);

}  // namespace ropewalk::json
