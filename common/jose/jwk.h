// JSON Web Keys (RFC 7517, RFC 7518 6, RFC 8037). Pure; any thread. Errors are Kind::decode and
// never show key material.
#pragma once

#include "common/error.h"
#include "common/jose/key.h"
#include "common/json/value.h"

#include <memory>
#include <string_view>
#include <vector>

namespace ropewalk::jose {

// RSA, EC on P-256, P-384 and P-521, OKP on Ed25519, oct. `use`, `alg` and `key_ops` are not looked
// at, as in KrakenD.
Result<Key> parse_jwk(const json::Value& jwk);

// {"keys": [...]}, at most 1000; the name in any letter case, text after the document is ignored,
// and one key that cannot be used spoils the set: all as in KrakenD.
Result<std::vector<std::shared_ptr<const Key>>> parse_key_set(std::string_view text);

}  // namespace ropewalk::jose
