// Which host gets a call, and when a broken answer is good enough. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ropewalk::backend {

struct Candidate {
  bool ejected = false;
  bool tried = false;       // by this very call
  std::uint32_t calls = 0;  // under way
};

struct ChoiceRules {
  bool least_request = false;
  std::uint32_t max_ejected_percent = 50;  // beyond, ejections do not count
};

// Of `hosts` (at least one): in turn, or the least busy, equals in turn; those tried and those
// ejected only where there is no other.
std::size_t choose(std::span<const Candidate> hosts, std::size_t turn, const ChoiceRules& rules);

// Where the first object or list of a text ends, behind its bracket; npos while it has not ended,
// and for every other text.
std::size_t first_value_end(std::string_view text);

}  // namespace ropewalk::backend
