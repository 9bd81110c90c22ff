// extra_config."backend/http/client" of a backend: redirects, TLS and the proxy on the way to it.
// One thread.
#pragma once

#include "common/error.h"
#include "config/endpoint.h"
#include "config/extra.h"
#include "ropewalk/config/v1/config.pb.h"

#include <string>
#include <string_view>

namespace ropewalk::config {

// client_tls takes the place of the service's, as a whole. Where hosts come from Services, so does
// their TLS, and a proxy would be a way to other hosts: both keys are refused there.
// Returns what travels in Backend.extra_config: the proxy, "" without.
std::string read_http_client(const ExtraValue& extra, const BackendDefaults& defaults,
                             v1::Backend& out, Diagnostics& diagnostics);

// The proxy in such a text. Errors: Kind::config; they never show the text.
Result<v1::HostSet::Host> parse_http_client(std::string_view text);
// "http://user:password@proxy.example.com:3128" as a host; a path is dropped. Errors: Kind::config,
// without the text, which may hold a password.
Result<v1::HostSet::Host> parse_proxy_address(std::string_view text);

}  // namespace ropewalk::config
