// The gate of auth/api-keys: a request passes with a key that was handed out and has one of the
// roles of the endpoint. Otherwise 401; over the rate of its key 429; both without a body.
#pragma once

#include "dataplane/pipeline/factory.h"
#include "dataplane/pipeline/gate.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::auth {

// How keys are stored: plain, fnv128, sha1 or sha256 of salt and key, in hexadecimal.
std::string stored_form(std::string_view hash, std::string_view salt, std::string_view key);

// The first value of a query parameter, decoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// Of an endpoint, with the keys of the service. Errors (Kind::config): the service has none.
Result<std::shared_ptr<const pipeline::Gate>> make_api_keys(const pipeline::Site& site);

}  // namespace ropewalk::auth
