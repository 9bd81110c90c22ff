// Names of encodings -> the model. Pure.
#pragma once

#include "common/error.h"
#include "ropewalk/config/v1/config.pb.h"

#include <string_view>

namespace ropewalk::config {

// `encoding` of a backend: names match in any case, only the exact "no-op" proxies, unknown names
// and "" mean json, as in KrakenD. Error: a decoder that this build lacks.
Result<v1::Encoding> parse_backend_encoding(std::string_view name);

// `output_encoding`: exact names; ENCODING_UNSPECIFIED for unknown ones, whose meaning depends on
// the backends (see render_of). Error: an encoder that this build lacks.
Result<v1::Encoding> parse_output_encoding(std::string_view name);

// What an endpoint with an unknown output_encoding and one backend renders: the encoder that bears
// the name of the backend's encoding, else json.
Result<v1::Encoding> render_of(std::string_view backend_encoding);

}  // namespace ropewalk::config
