// Tokens, claims and key sets of strangers: nothing crashes, and what is accepted can be used.
#include "common/jose/claim_text.h"
#include "common/jose/claims.h"
#include "common/jose/jwk.h"
#include "common/jose/signature.h"
#include "common/jose/token.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace ropewalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto token = jose::parse_token(text)) {
    for (const auto naming : {jose::KeyNaming::kid, jose::KeyNaming::x5t, jose::KeyNaming::x5t_s256,
                              jose::KeyNaming::kid_x5t})
      jose::key_name(*token, naming);
    jose::parse_claims(token->payload);
  }
  if (const auto claims = jose::parse_claims(text)) {
    if (!claims->all.is_object()) std::abort();
    jose::claim_text(claims->all);
    jose::check(*claims, {.issuer = "i", .audience = {"a"}}, 0);
  }
  if (const auto keys = jose::parse_key_set(text))
    for (const auto& key : *keys)
      for (const auto algorithm : {jose::Algorithm::rs256, jose::Algorithm::es256,
                                   jose::Algorithm::eddsa, jose::Algorithm::hs256})
        if (jose::verify(algorithm, *key, text, text)) std::abort();
  return 0;
}
