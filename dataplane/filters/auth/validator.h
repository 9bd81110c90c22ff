// The gate of auth/validator: a request passes with a token whose signature, times, issuer,
// audience, roles and scopes are good. Otherwise 401, or 403 where only roles or scopes are
// missing; both without a body.
#pragma once

#include "common/jose/algorithm.h"
#include "common/jose/claims.h"
#include "common/jose/token.h"
#include "dataplane/filters/auth/key_source.h"
#include "dataplane/filters/auth/revoker.h"
#include "dataplane/filters/auth/token_cache.h"
#include "dataplane/filters/auth/token_place.h"
#include "dataplane/pipeline/factory.h"
#include "dataplane/pipeline/gate.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::auth {

struct ValidatorSettings {
  jose::Algorithm algorithm = jose::Algorithm::rs256;
  jose::KeyNaming naming = jose::KeyNaming::kid;
  jose::Expected expected;
  std::vector<std::string> roles;
  std::string roles_key;
  bool roles_nested = false;
  std::vector<std::string> scopes;
  std::string scopes_key;
  jose::Match scopes_match = jose::Match::any;
  TokenPlace place;
  struct Propagated {
    std::string claim;
    bool nested = false;
    std::string field;
  };
  std::vector<Propagated> propagated;
  bool preserve_array = false;
  bool keeps_keys = false;  // of key servers
  bool debug = false;
};

// Errors: Kind::config.
Result<std::shared_ptr<const pipeline::Gate>> make_validator(const pipeline::Site& site);

}  // namespace ropewalk::auth
