#include "common/jose/algorithm.h"

#include <algorithm>
#include <array>

namespace ropewalk::jose {
namespace {

struct Row {
  std::string_view name;
  Algorithm algorithm;
  Family family;
  const char* digest;
  std::size_t coordinate;
};

constexpr auto kRows = std::to_array<Row>({
    {"HS256", Algorithm::hs256, Family::hmac, "SHA256", 0},
    {"HS384", Algorithm::hs384, Family::hmac, "SHA384", 0},
    {"HS512", Algorithm::hs512, Family::hmac, "SHA512", 0},
    {"RS256", Algorithm::rs256, Family::rsa_pkcs1, "SHA256", 0},
    {"RS384", Algorithm::rs384, Family::rsa_pkcs1, "SHA384", 0},
    {"RS512", Algorithm::rs512, Family::rsa_pkcs1, "SHA512", 0},
    {"PS256", Algorithm::ps256, Family::rsa_pss, "SHA256", 0},
    {"PS384", Algorithm::ps384, Family::rsa_pss, "SHA384", 0},
    {"PS512", Algorithm::ps512, Family::rsa_pss, "SHA512", 0},
    {"ES256", Algorithm::es256, Family::ecdsa, "SHA256", 32},
    {"ES384", Algorithm::es384, Family::ecdsa, "SHA384", 48},
    {"ES512", Algorithm::es512, Family::ecdsa, "SHA512", 66},
    {"EdDSA", Algorithm::eddsa, Family::eddsa, "", 0},
});

const Row& row_of(Algorithm algorithm) { return kRows[static_cast<std::size_t>(algorithm)]; }

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  const auto* found = std::ranges::find(kRows, name, &Row::name);
  if (found == kRows.end()) return std::nullopt;
  return found->algorithm;
}

std::string_view to_string(Algorithm algorithm) { return row_of(algorithm).name; }
Family family_of(Algorithm algorithm) { return row_of(algorithm).family; }
const char* digest_of(Algorithm algorithm) { return row_of(algorithm).digest; }
std::size_t coordinate_size(Algorithm algorithm) { return row_of(algorithm).coordinate; }

KeyType key_type_of(Algorithm algorithm) {
  switch (family_of(algorithm)) {
    case Family::hmac:
      return KeyType::oct;
    case Family::rsa_pkcs1:
    case Family::rsa_pss:
      return KeyType::rsa;
    case Family::ecdsa:
      return KeyType::ec;
    case Family::eddsa:
      return KeyType::ed25519;
  }
  return KeyType::oct;
}

std::string_view algorithm_names() {
  return "EdDSA, HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384 or "
         "PS512";
}

}  // namespace ropewalk::jose
