// The signature algorithms of RFC 7518 3.1 and RFC 8037, without "none". Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ropewalk::jose {

enum class Algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa
};
enum class Family : std::uint8_t { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa };
enum class KeyType : std::uint8_t { oct, rsa, ec, ed25519 };

// Case-sensitive.
std::optional<Algorithm> parse_algorithm(std::string_view name);
std::string_view to_string(Algorithm algorithm);
Family family_of(Algorithm algorithm);
// The one type of key that the algorithm works with.
KeyType key_type_of(Algorithm algorithm);
// "SHA256"; "" for EdDSA.
const char* digest_of(Algorithm algorithm);
// Bytes of one coordinate of the curve that an ECDSA algorithm demands, 0 for the others.
std::size_t coordinate_size(Algorithm algorithm);
// Every name, for error messages.
std::string_view algorithm_names();

}  // namespace ropewalk::jose
