// Names of encodings -> the model. Pure.
#pragma once

#include "ropewalk/config/v1/config.pb.h"

#include <string_view>

namespace ropewalk::config {

// `encoding` of a backend: names match in any case, but only the exact "no-op" proxies; unknown
// names, yaml among them, and "" mean json, as in KrakenD.
v1::Encoding parse_backend_encoding(std::string_view name);
// "NO-OP" and the like: whatever the body is, it gives no data. Such a body is read as a text that
// is thrown away (see read_backend).
bool decodes_to_nothing(std::string_view name);
// Whether that name means what it says.
bool known_backend_encoding(std::string_view name);

// `output_encoding`: exact names; ENCODING_UNSPECIFIED for unknown ones, whose meaning depends on
// the backends (see render_of).
v1::Encoding parse_output_encoding(std::string_view name);

// What an endpoint with an unknown output_encoding and one backend renders: the encoder that bears
// the name of the backend's encoding, else json.
v1::Encoding render_of(std::string_view backend_encoding);

}  // namespace ropewalk::config
