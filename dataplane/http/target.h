// Paths and queries by the rules of Go's net/url, which KrakenD's users see. Pure.
#pragma once

#include "common/error.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::http {

// Decodes %XX; '+' stays. Fails on a broken escape.
Result<std::string> decode_path(std::string_view text);
// Decodes a query component: %XX and '+' as a blank.
Result<std::string> decode_query(std::string_view text);

// Appends `value` percent-encoded for one path segment: what Go's EscapedPath encodes, and / ? # %
// and controls (design 7.2).
void append_path_segment(std::string& out, std::string_view value);
// Appends `value` as url.QueryEscape does (blank -> '+').
void append_query_escaped(std::string& out, std::string_view value);

// The parameters of a query in order, as url.ParseQuery: those with ';' or a broken escape are
// dropped, `a` becomes `a=`.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

// A target or URL for a log or a dump: in its query the values are "***" of which `hidden` says so.
// It gets name and value as written; a parameter without '=' has no value and stays.
std::string masked_query(
    std::string_view target,
    const std::function<bool(std::string_view name, std::string_view value)>& hidden);
// The same for the values of these parameters, however their names are written.
std::string masked_query(std::string_view target, const std::vector<std::string>& names);

// What KrakenD answers 400 to: a path parameter (one raw segment) that still decodes to something
// else after decoding, fails to decode, or contains '?' or '#'. Returns the decoded value
// otherwise. The message is what KrakenD prints after "error: ".
Result<std::string> path_parameter(std::string_view raw_segment);

// "." or "..": what no decoded parameter may be that goes into the path of a backend (design 7.2).
bool is_dot_segment(std::string_view decoded);

// The tail of a wildcard route (raw, no leading slash) as it may go to a backend: the same text,
// with bytes that no path may hold percent-encoded. Refused (400): a broken escape, and a segment
// "." or ".." however it is written ("%2e", between "%2F", "\\" or "%5C"), which would climb out.
Result<std::string> path_tail(std::string_view raw_tail);

// The whole path as Go's default encoding writes it (URL.EscapedPath of a decoded path).
std::string escape_path(std::string_view decoded);

}  // namespace ropewalk::http
