// Absolute URLs and references relative to them (RFC 3986), as far as a gateway follows them: http
// and https. Pure.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::http {

struct Url {
  bool tls = false;
  std::string host;  // lower case, IPv6 without brackets
  std::uint16_t port = 0;
  std::string authority;  // as a Host field has it: without the default port
  std::string user_info;  // "user:password", "" for none
  std::string target;     // path and query, begins with '/'; bytes that no target may hold escaped
  std::string text() const;  // "https://host:8443/path?query", without user info
};

// Errors (protocol): no http or https URL, or one without host.
Result<Url> parse_url(std::string_view text);
// `reference` as seen from `base`; a fragment is dropped.
Result<Url> resolve_reference(const Url& base, std::string_view reference);

// A path with query that came as data ("/page?n=2", "page"), as the target of a request to the same
// server (design 7.2). Errors (protocol): another scheme or server, a segment "..", control
// characters.
Result<std::string> relative_target(std::string_view text);

}  // namespace ropewalk::http
