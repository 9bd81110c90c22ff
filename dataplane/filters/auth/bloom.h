// A set of texts that forgets: a text is found for at least one TTL and at most two after it was
// added, and others are found by mistake at the configured rate. Time is an argument. Not
// thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ropewalk::auth {

class RotatingFilter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Shape {
    std::uint64_t elements = 1;
    double false_positives = 0.01;  // 1: everything is found, as in KrakenD
    std::chrono::seconds ttl{1};
  };
  RotatingFilter(const Shape& shape, TimePoint now);

  void add(std::string_view text, TimePoint now);
  bool contains(std::string_view text, TimePoint now);

  std::size_t bits() const { return bits_; }
  std::size_t hashes() const { return hashes_; }

 private:
  using Bits = std::vector<std::uint64_t>;
  void rotate(TimePoint now);
  bool all_set(const Bits& in, std::uint64_t first, std::uint64_t second) const;

  std::size_t bits_;
  std::size_t hashes_;
  std::chrono::seconds ttl_;
  TimePoint began_;  // of `current_`
  Bits current_;
  Bits previous_;  // empty: nothing in it
};

}  // namespace ropewalk::auth
