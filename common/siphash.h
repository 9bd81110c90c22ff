// SipHash-1-3: a keyed hash for tables whose keys strangers choose. With a secret key nobody can
// make keys that collide. Pure.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ropewalk {

struct SipKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// From the system's source of randomness.
SipKey random_sip_key();
// One for the whole process, drawn at its first use.
const SipKey& process_sip_key();

namespace detail {

struct SipState {
  std::uint64_t a, b, c, d;

  explicit SipState(const SipKey& key)
      : a(key.first ^ 0x736f6d6570736575ULL),
        b(key.second ^ 0x646f72616e646f6dULL),
        c(key.first ^ 0x6c7967656e657261ULL),
        d(key.second ^ 0x7465646279746573ULL) {}

  void round() {
    a += b;
    b = std::rotl(b, 13) ^ a;
    a = std::rotl(a, 32);
    c += d;
    d = std::rotl(d, 16) ^ c;
    a += d;
    d = std::rotl(d, 21) ^ a;
    c += b;
    b = std::rotl(b, 17) ^ c;
    c = std::rotl(c, 32);
  }
  void absorb(std::uint64_t word) {
    d ^= word;
    round();
    a ^= word;
  }
};

}  // namespace detail

inline std::uint64_t siphash(const SipKey& key, std::string_view text) {
  detail::SipState state(key);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state.absorb(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56U;
  std::array<unsigned char, 8> rest{};
  if (left > 0) std::memcpy(rest.data(), at, left);
  for (std::size_t i = 0; i < left; ++i) last |= static_cast<std::uint64_t>(rest[i]) << (8 * i);
  state.absorb(last);
  state.c ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

}  // namespace ropewalk
