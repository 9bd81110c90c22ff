// The gate of auth/basic: a request passes with the name and password of a known user (RFC 7617).
// Otherwise 401 with WWW-Authenticate; 503 when too many passwords wait to be checked.
#pragma once

#include "dataplane/pipeline/factory.h"
#include "dataplane/pipeline/gate.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::auth {

struct Credentials {
  std::string name;
  std::string password;
};
// Of an Authorization field with the scheme Basic.
std::optional<Credentials> parse_basic(std::string_view value);

// Of an endpoint: its own users and those of the service. Errors (Kind::config): there are none.
Result<std::shared_ptr<const pipeline::Gate>> make_basic(const pipeline::Site& site);

}  // namespace ropewalk::auth
