// URLs and fields as scripts read and write them. Pure.
#pragma once

#include "dataplane/pipeline/message.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::lua {

// RFC 9110 5.6.2 and 5.5.
bool is_token(std::string_view text);
bool is_field_value(std::string_view text);

// Sorted by name, as Go's url.Values.Encode.
std::string encode_query(std::vector<std::pair<std::string, std::string>> query);

// A path as sent ("/a%20b?x=1"), decoded up to its query.
std::string shown_path(std::string_view path);

// The URL of a backend call; `host` stands where the request names no destination of its own.
std::string call_url(const pipeline::Request& request, std::string_view host);

// Sends the call to another URL (absolute, or a path). False for what is no http URL.
bool redirect_call(pipeline::Request& request, std::string_view url);

// Where a Location field leads from `base`; nothing for what is no http URL.
std::optional<std::string> resolve_url(std::string_view base, std::string_view location);
// "http://host:port"
std::string_view origin_of(std::string_view url);

}  // namespace ropewalk::lua
