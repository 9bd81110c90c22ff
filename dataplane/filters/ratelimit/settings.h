// The texts of config/extra/ratelimit.h, read back.
#pragma once

#include "common/error.h"
#include "dataplane/filters/ratelimit/bucket.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::ratelimit {

enum class Strategy : std::uint8_t { ip, header, param };

struct ClientLimit {
  Rate rate;
  Strategy strategy = Strategy::ip;
  std::string key;  // header or placeholder; with ip a header that names the client, "" for none
};

struct Settings {
  std::optional<Rate> all;
  std::optional<ClientLimit> client;
  bool headers = false;  // RateLimit-* and Retry-After on answers
};

// Errors: Kind::config.
Result<Settings> parse_settings(std::string_view text);

}  // namespace ropewalk::ratelimit
