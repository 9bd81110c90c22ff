// extra_config."modifier/response-headers" of the service or of an endpoint. One thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in extra_config: rename (name -> name), replace and add (name -> list of
// values), delete (list of names); names in canonical case.
std::string read_response_headers(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
