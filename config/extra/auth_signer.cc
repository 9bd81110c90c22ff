#include "config/extra/auth_signer.h"

#include "common/jose/signature.h"
#include "config/extra/jwk_source.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// The last of equal names counts, as everywhere in a key set.
const jose::Key* find_key(const JwkSource& source, const std::string& kid) {
  const jose::Key* found = nullptr;
  for (const auto& key : source.keys)
    if (key->kid == kid) found = key.get();
  return found;
}

void check_local_key(StrictReader& reader, const JwkSource& source, jose::Algorithm algorithm,
                     const std::string& kid) {
  const jose::Key* key = find_key(source, kid);
  if (!key) {
    reader.refuse("kid", "the key file has no key " + shown(json(kid)));
  } else if (const auto trial = jose::sign(algorithm, *key, "trial"); !trial) {
    reader.refuse("kid",
                  "the key " + shown(json(kid)) + " cannot be used: " + trial.error().message);
  }
}

}  // namespace

std::string read_signer(const ExtraValue& extra, Files* files, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  json out = json::object();
  const std::string alg = reader.text("alg");
  const auto algorithm = jose::parse_algorithm(alg);
  if (!algorithm)
    reader.refuse("alg",
                  "expected " + std::string(jose::algorithm_names()) + ", got " + shown(json(alg)));
  out["alg"] = alg;
  const std::string kid = reader.text("kid");
  out["kid"] = kid;
  const std::string typ = reader.text("typ");
  out["typ"] = typ.empty() ? "JWT" : typ;
  out["full"] = reader.flag("full");
  const auto names = reader.texts("keys_to_sign");
  if (names.empty()) reader.warn("keys_to_sign", "empty: nothing is signed");
  out["sign"] = names;
  const JwkSource source = read_jwk_source(reader, files, out);
  if (algorithm && out.contains("keys")) check_local_key(reader, source, *algorithm, kid);
  reader.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
