// auth/signer: members of an endpoint's answer become signed tokens. A filter signs; a gate takes
// away what KrakenD's signer does not write (X-Krakend, X-Krakend-Completed, Cache-Control).
// Without a key every request is answered 401, whatever goes wrong behind it 400, both empty.
#pragma once

#include "common/jose/algorithm.h"
#include "common/jose/key.h"
#include "common/json/value.h"
#include "dataplane/pipeline/factory.h"
#include "dataplane/pipeline/filter.h"
#include "dataplane/pipeline/gate.h"

#include <memory>
#include <string>
#include <vector>

namespace ropewalk::auth {

struct SignerSettings {
  jose::Algorithm algorithm = jose::Algorithm::rs256;
  std::string kid;
  std::string typ;
  bool full = false;
  std::vector<std::string> names;  // members of the answer
};

// Objects under those names give way to tokens; everything else stays. Errors of jose::sign.
Result<void> sign_members(const SignerSettings& settings, const jose::Key& key, json::Value& data);

// Errors: Kind::config.
Result<std::shared_ptr<const pipeline::Filter>> make_signer(const pipeline::Site& site);
Result<std::shared_ptr<const pipeline::Gate>> make_signer_gate(const pipeline::Site& site);

// Takes away the lines of one field, by its name in any letter case.
void erase_line(std::string& fields, std::string_view name);

}  // namespace ropewalk::auth
