// What a connection keeps of its strings between two requests: it may be idle for hours, and there
// are thousands of it.
#pragma once

#include <cstddef>
#include <string>

namespace ropewalk::runtime {

// Ordinary bodies, also three of 20 kB in one answer and a string that has grown to twice its
// content, keep their memory for the next request; beyond it, handling the body costs far more than
// allocating for it anew. Less than a worker keeps for all of its requests (json::Scratch): this is
// once for each string of each connection.
inline constexpr std::size_t kKeptByConnection = 128 * 1024;

// Of a string whose content nobody looks at any more.
inline void release_if_large(std::string& text) {
  if (text.capacity() > kKeptByConnection) std::string().swap(text);
}

}  // namespace ropewalk::runtime
