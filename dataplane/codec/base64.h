// Base64 with padding (RFC 4648 4). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::codec {

// Line breaks are passed over; nothing for anything else that is no base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace ropewalk::codec
