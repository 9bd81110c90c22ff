// Where the keys of a validator or signer come from; the keys that both have in common. Files are
// read here and travel as text. One thread.
#pragma once

#include "common/jose/key.h"
#include "config/files.h"
#include "config/strict.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <vector>

namespace ropewalk::config {

struct JwkSource {
  bool local = false;
  // Of the file; empty when the keys are fetched.
  std::vector<std::shared_ptr<const jose::Key>> keys;
};

// Adds "urls", "keys" (text of the file), "insecure", "ca", "pins" and "ciphers" to `out`, absent
// where they are empty. `files` null: what names a file is refused.
//
// Refused: no source at all; a jwk_url that is neither https nor allowed by disable_jwk_security,
// a local file without that flag too, as KrakenD has it; files that cannot be read or used; pins
// that are no SHA-256 in padded base64url; secret_url and cypher_key.
JwkSource read_jwk_source(StrictReader& reader, Files* files, nlohmann::json& out);

}  // namespace ropewalk::config
