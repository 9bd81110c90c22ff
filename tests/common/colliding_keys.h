// Keys that have one and the same std::hash (libstdc++'s: MurmurHash64A with a seed that everybody
// knows), as somebody would send who wants a table to be slow.
#pragma once

#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace ropewalk::hostile {

// ASCII letters, digits, signs and control characters; 16 bytes each. The rounds of the hash are
// run backwards to find the second half for a first half.
inline std::vector<std::string> colliding_keys(std::size_t count, std::uint64_t target = 42) {
  constexpr std::uint64_t kMul = 0xc6a4a7935bd1e995ULL;
  constexpr std::uint64_t kSeed = 0xc70f6907;
  constexpr std::size_t kSize = 16;
  std::uint64_t inverse = 1;
  for (int i = 0; i < 6; ++i) inverse *= 2 - kMul * inverse;
  const auto shift = [](std::uint64_t v) { return v ^ (v >> 47); };  // its own inverse
  const auto block = [&](std::uint64_t v) { return shift(v * kMul) * kMul; };
  // What the state must be behind both halves.
  const std::uint64_t end = shift(shift(target) * inverse) * inverse;
  std::vector<std::string> out;
  out.reserve(count);
  for (std::uint64_t number = 0; out.size() < count; ++number) {
    std::uint64_t first = 0;  // 16 letters for the digits of the number
    for (unsigned i = 0; i < 8; ++i) first |= ('a' + (number >> (4 * i) & 15)) << (8 * i);
    const std::uint64_t state = ((kSeed ^ kSize * kMul) ^ block(first)) * kMul;
    const std::uint64_t second = shift((state ^ end) * inverse) * inverse;
    if ((second & 0x8080808080808080ULL) != 0) continue;
    std::string key(kSize, '\0');
    std::memcpy(key.data(), &first, 8);
    std::memcpy(key.data() + 8, &second, 8);
    out.push_back(std::move(key));
  }
  return out;
}

// CPU time of this thread: what other programs do does not count.
template <class Work>
double seconds_of(Work work) {
  const auto now = [] {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
  };
  const double begin = now();
  work();
  return now() - begin;
}

}  // namespace ropewalk::hostile
