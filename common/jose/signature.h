// Signatures of RFC 7518 3 and RFC 8037 by OpenSSL. Any thread.
#pragma once

#include "common/error.h"
#include "common/jose/key.h"

#include <string>
#include <string_view>

namespace ropewalk::jose {

// False for a key that does not fit the algorithm or, as in KrakenD, is a private one; oct keys are
// compared in constant time.
bool verify(Algorithm algorithm, const Key& key, std::string_view input,
            std::string_view signature);

// The raw bytes of the signature. Errors: Kind::config for a key that does not fit or is public,
// else Kind::internal.
Result<std::string> sign(Algorithm algorithm, const Key& key, std::string_view input);

}  // namespace ropewalk::jose
