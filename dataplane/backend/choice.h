// Which host gets a call. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

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

}  // namespace ropewalk::backend
