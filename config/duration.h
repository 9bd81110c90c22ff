// Durations as Go writes them: "300ms", "1m30s", "-1.5h"; units ns us µs ms s m h; "0" alone needs
// none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ropewalk::config {

// Nanoseconds; nothing for text that Go's time.ParseDuration refuses (empty text, no unit,
// overflow).
std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace ropewalk::config
