// gzip decoding with bounds against bombs. One per body; not thread-safe.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ropewalk::codec {

struct GunzipLimits {
  std::uint64_t max_bytes = 64ull << 20;  // decoded
  std::uint32_t max_ratio = 100;          // decoded / encoded, checked above 64 KiB
};

class Gunzip {
 public:
  explicit Gunzip(const GunzipLimits& limits);
  Gunzip(Gunzip&&) noexcept;
  Gunzip& operator=(Gunzip&&) noexcept;
  ~Gunzip();

  // Appends the decoded bytes of `input`. Several members in a row are one body, as in RFC 1952.
  // Errors: Kind::decode (not gzip, wrong checksum), Kind::too_large.
  Result<void> feed(std::string_view input, std::string& out);
  // After the last piece: an error when the stream is cut.
  Result<void> finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ropewalk::codec
