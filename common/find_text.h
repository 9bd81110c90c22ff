// A text in a text, in linear time whatever both are: what std::string_view::find is not, which
// somebody who chooses both can make as slow as the product of their sizes. Pure.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace ropewalk {

// Where `wanted` begins first, at or behind `from`; npos where it does not.
inline std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from = 0) {
  if (from > text.size()) return std::string_view::npos;
  if (wanted.empty()) return from;
  const void* const found =
      memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data())
               : std::string_view::npos;
}

}  // namespace ropewalk
