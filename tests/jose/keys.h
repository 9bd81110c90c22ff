// Keys made by OpenSSL for tests, as JSON Web Keys.
#pragma once

#include <string>

namespace ropewalk::jose_testing {

struct Pair {
  std::string public_jwk;  // for oct the same as the private one
  std::string private_jwk;
};

// `kind`: rsa (2048 bits), P-256, P-384, P-521, ed25519, oct (64 bytes). Made once per process.
const Pair& key_pair(const std::string& kind, const std::string& kid = "k1");
// {"keys":[jwk,...]}
std::string key_set(std::initializer_list<std::string> jwks);

}  // namespace ropewalk::jose_testing
