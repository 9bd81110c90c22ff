// extra_config."backend/http" of a backend: what a client sees of an error status.
#pragma once

#include "common/error.h"
#include "config/extra.h"

#include <string>
#include <string_view>

namespace ropewalk::config {

struct BackendHttp {
  bool return_error_code = false;
  std::string return_error_details;  // the <name> of error_<name>, "" for none; wins over the code
};

// From a document, with KrakenD's leniency: what has the wrong type is a warning and counts as
// absent; return_error_details disables return_error_code whenever it is present.
BackendHttp read_backend_http(const ExtraValue& extra, Diagnostics& diagnostics);

// The text that travels in Backend.extra_config; "" when the block has no effect.
std::string to_text(const BackendHttp& options);
// The reverse, for the data plane. Errors: Kind::config.
Result<BackendHttp> parse_backend_http(std::string_view text);

}  // namespace ropewalk::config
