// A key that verifies or signs. Immutable and shared; any thread may use it.
#pragma once

#include "common/jose/algorithm.h"

#include <cstddef>
#include <memory>
#include <string>

typedef struct evp_pkey_st EVP_PKEY;

namespace ropewalk::jose {

struct FreePkey {
  void operator()(EVP_PKEY* key) const;
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, FreePkey>;

struct Key {
  KeyType type = KeyType::oct;
  bool is_private = false;  // oct: counts as both
  std::string kid;          // "" without one
  std::string x5t;          // thumbprints as base64url, "" without
  std::string x5t_s256;
  std::size_t coordinate = 0;  // bytes, ec only
  PkeyPtr pkey;                // all but oct
  std::string secret;          // oct only
  std::string fingerprint;     // SHA-256 over the key's material: equal keys are one key
};

// Whether `key` may be used with `algorithm`: type, and for ECDSA the curve.
bool fits(const Key& key, Algorithm algorithm);

}  // namespace ropewalk::jose
