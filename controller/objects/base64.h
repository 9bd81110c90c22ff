// Base64 as Kubernetes writes it (standard alphabet, padded). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::controller {

// Line breaks are skipped; anything else that is not base64 gives nothing.
std::optional<std::string> decode_base64(std::string_view in);
std::string encode_base64(std::string_view bytes);

}  // namespace ropewalk::controller
