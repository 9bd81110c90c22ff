#include "dataplane/filters/auth/bloom.h"

#include <openssl/sha.h>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

namespace ropewalk::auth {
namespace {

std::size_t bits_for(const RotatingFilter::Shape& shape) {
  const double ln2 = std::numbers::ln2;
  return static_cast<std::size_t>(std::ceil(-static_cast<double>(shape.elements) *
                                            std::log(shape.false_positives) / (ln2 * ln2)));
}

std::size_t hashes_for(std::size_t bits, std::uint64_t elements) {
  return static_cast<std::size_t>(
      std::ceil(std::numbers::ln2 * static_cast<double>(bits) / static_cast<double>(elements)));
}

// Two independent numbers; the positions are first + i * second.
std::pair<std::uint64_t, std::uint64_t> numbers_of(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::pair<std::uint64_t, std::uint64_t> out;
  std::memcpy(&out.first, digest, 8);
  std::memcpy(&out.second, digest + 8, 8);
  out.second |= 1;
  return out;
}

}  // namespace

RotatingFilter::RotatingFilter(const Shape& shape, TimePoint now)
    : bits_(bits_for(shape)),
      hashes_(hashes_for(bits_, shape.elements)),
      ttl_(shape.ttl),
      began_(now) {}

void RotatingFilter::rotate(TimePoint now) {
  if (now - began_ < ttl_) return;
  const bool recent = now - began_ < 2 * ttl_;
  previous_ = recent ? std::move(current_) : Bits();
  current_.clear();
  began_ = recent ? began_ + ttl_ : now;
}

void RotatingFilter::add(std::string_view text, TimePoint now) {
  rotate(now);
  if (hashes_ == 0) return;
  if (current_.empty()) current_.assign((bits_ + 63) / 64, 0);
  const auto [first, second] = numbers_of(text);
  for (std::size_t i = 0; i < hashes_; ++i) {
    const std::uint64_t bit = (first + i * second) % bits_;
    current_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
}

bool RotatingFilter::all_set(const Bits& in, std::uint64_t first, std::uint64_t second) const {
  if (in.empty()) return false;
  for (std::size_t i = 0; i < hashes_; ++i) {
    const std::uint64_t bit = (first + i * second) % bits_;
    if (!(in[bit / 64] >> bit % 64 & 1)) return false;
  }
  return true;
}

bool RotatingFilter::contains(std::string_view text, TimePoint now) {
  rotate(now);
  if (hashes_ == 0) return true;
  if (current_.empty() && previous_.empty()) return false;
  const auto [first, second] = numbers_of(text);
  return all_set(current_, first, second) || all_set(previous_, first, second);
}

}  // namespace ropewalk::auth
