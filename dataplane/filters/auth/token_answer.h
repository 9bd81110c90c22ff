// The answer of an OAuth2 token endpoint (RFC 6749 5), read as KrakenD reads it. Pure.
#pragma once

#include "common/error.h"
#include "dataplane/pipeline/services.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::auth {

struct AccessToken {
  std::string authorization;                 // value of the field: "Bearer ..."
  std::optional<std::chrono::seconds> life;  // nothing: for ever
};

// Form-encoded for those two types of content, else JSON whose names have any letter case. Errors
// carry what the server said in `error` and `error_description`, never a credential of ours.
Result<AccessToken> parse_token_answer(const pipeline::FetchAnswer& answer);

// As Go's QueryEscape and Values.Encode write it; `pairs` in the order given.
std::string form_escape(std::string_view text);
std::string form_encode(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace ropewalk::auth
