// Base64 of RFC 4648. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::jose {

// Without padding.
std::string base64url(std::string_view bytes);
// Padding at the end is allowed, any other character outside the alphabet is not. As in Go, bits
// that belong to no byte do not matter.
std::optional<std::string> from_base64url(std::string_view text);

// The alphabet with + and /, padded.
std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ropewalk::jose
