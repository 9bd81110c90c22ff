// max_payload of the router and of an endpoint's proxy block: the bytes of a request's body. It
// protects: a wrong value is refused (design 7.1). Pure.
#pragma once

#include "common/error.h"
#include "config/reader.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::config {

// A whole number of bytes; 0, as without the key, is no limit.
std::uint64_t read_max_payload(Reader& reader);

// The text that travels in Service.extra_config "router"; "" without a limit.
std::string payload_text(std::uint64_t max_payload);
// The reverse, for the data plane. Errors: Kind::config.
Result<std::uint64_t> parse_payload(std::string_view text);

}  // namespace ropewalk::config
