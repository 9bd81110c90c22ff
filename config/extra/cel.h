// extra_config."validation/cel" of an endpoint or a backend: expressions that a request, an answer
// or a token has to satisfy. Also what they may name, which the data plane gives values to.
#pragma once

#include "common/cel/program.h"
#include "common/error.h"
#include "config/extra.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

// Places in cel::Bindings.
enum class CelName : std::uint8_t {
  now,  // RFC 3339
  req_method,
  req_path,
  req_params,
  req_headers,
  req_querystring,
  resp_completed,
  resp_metadata_status,
  resp_metadata_headers,
  resp_data,
  jwt,
  count,
};

// By when they are evaluated, in the order of the configuration. One that names req and resp is in
// both: that is how KrakenD finds out, by the letters anywhere in the text.
struct CelChecks {
  std::vector<cel::Program> request;
  std::vector<cel::Program> response;
  std::vector<cel::Program> token;
};

// From a document: the text that travels in extra_config, "" when there is nothing to check. An
// expression that does not compile is refused with its column, whatever KrakenD makes of it.
// `tokens`: whether a validator of tokens stands before.
std::string read_cel(const ExtraValue& extra, bool tokens, Diagnostics& diagnostics);
// The reverse, for the data plane. Errors: Kind::config.
Result<CelChecks> parse_cel(std::string_view text);

}  // namespace ropewalk::config
