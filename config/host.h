// Hosts of backends as KrakenD writes them -> addresses. Pure; any thread may call.
#pragma once

#include "common/error.h"
#include "ropewalk/config/v1/config.pb.h"

#include <string>
#include <string_view>

namespace ropewalk::config {

// KrakenD's own rule: one name or IPv4 address with optional http:// or https:// and port (2 to 6
// digits) is searched in the text, what surrounds it is dropped. Errors: no match or several (a
// path, user information, another scheme, an IPv6 literal). An error of kind connect is a port that
// does not exist: KrakenD starts with it, and every call fails.
Result<v1::HostSet::Host> sanitise_host(std::string_view text);
// What to say of a text that sanitise_host took, where it dropped more than blanks and slashes: how
// it is read. "" otherwise.
std::string sanitised_remark(std::string_view text);

// disable_host_sanitize: [http(s)://][user:password@]host[:port][/prefix], also IPv6 literals in
// brackets. Errors name what makes calls to it impossible; never a password.
Result<v1::HostSet::Host> parse_host(std::string_view text);

// "https://127.0.0.1:9002/prefix", without user information: for names of resources and logs.
std::string host_text(const v1::HostSet::Host& host);

}  // namespace ropewalk::config
