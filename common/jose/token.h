// A signed token as it comes from a client: compact (RFC 7515 7.1), or with one signature as JSON
// (7.2). Nothing in it is trusted: keys that it carries or points to are not looked at. Pure; any
// thread.
#pragma once

#include "common/error.h"
#include "common/jose/key.h"
#include "common/json/value.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace ropewalk::jose {

constexpr std::size_t kMostTokenBytes = 64 * 1024;

struct Token {
  std::string alg;
  json::Value header;         // protected and unprotected members
  std::string signing_input;  // what the signature is over
  std::string payload;        // decoded
  std::string signature;      // decoded
};

// White space anywhere is skipped, as in KrakenD. Refused: more than kMostTokenBytes, encryption,
// repeated names, extensions that must be understood (crit), an unencoded payload (RFC 7797),
// private keys in the header. Errors: Kind::decode, one line without any of the text.
Result<Token> parse_token(std::string_view text);

// How a token names its key and a key set its keys (key_identify_strategy).
enum class KeyNaming : std::uint8_t { kid, x5t, x5t_s256, kid_x5t };
KeyNaming parse_key_naming(std::string_view strategy);  // unknown ones: kid
// A token without the thumbprint falls back to its kid.
std::string key_name(const Token& token, KeyNaming naming);
std::string key_name(const Key& key, KeyNaming naming);

// {"alg":..,"kid":..,"typ":..} as KrakenD's signer writes it, the payload and the signature.
// `full`: flattened JSON. Errors of sign().
Result<std::string> make_token(Algorithm algorithm, const Key& key, std::string_view typ,
                               std::string_view payload, bool full);

}  // namespace ropewalk::jose
