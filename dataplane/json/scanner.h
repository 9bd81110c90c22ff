// The reference for what is JSON: one value at the beginning of a text, by the rules of Go's
// encoding/json decoder. Decides what the structural index refuses, names the errors, and repairs
// what Go repairs. No recursion. Pure.
#pragma once

#include "common/error.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace ropewalk::json {

struct Scanned {
  std::string_view value;         // without surrounding space; what follows it is ignored
  std::size_t invalid_bytes = 0;  // bytes inside strings that are no UTF-8
  bool lone_surrogates = false;   // some \uD800 without partner
};

// `levels` is working memory. Error: Kind::decode, Origin::backend; the message names the byte.
Result<Scanned> scan(std::string_view text, std::size_t max_depth, std::vector<char>& levels);

// Length of what `repair` writes.
std::size_t repaired_size(const Scanned& scanned);

// Writes the value with U+FFFD for every invalid byte and every lone surrogate.
void repair(const Scanned& scanned, char* out);

}  // namespace ropewalk::json
