// Values of annotations -> typed values. Pure. The error is what was expected ("a duration with a
// unit such as 800ms"); the caller adds key and value.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::controller {

template <class T>
using Value = std::expected<T, std::string>;
using Mapping = std::vector<std::pair<std::string, std::string>>;  // from, to; as written

Value<bool> parse_boolean(std::string_view text);  // in any letter case
Value<int> parse_integer(std::string_view text);
Value<std::string> parse_text(std::string_view text);               // no control characters
Value<std::string> parse_positive_duration(std::string_view text);  // as written; Go's syntax
Value<std::vector<std::string>> parse_list(std::string_view text);
Value<Mapping> parse_mapping(std::string_view text);

Value<std::string> parse_endpoint_method(std::string_view text);  // upper case
Value<std::string> parse_backend_method(std::string_view text);   // upper case
Value<std::string> parse_scheme(std::string_view text);
Value<std::string> parse_path(std::string_view text);           // begins with one '/'
Value<std::string> parse_endpoint_path(std::string_view text);  // likewise; no brace alone
Value<std::string> parse_object_name(std::string_view text);    // a name of a Kubernetes object
Value<std::string> parse_host_name(std::string_view text);      // lower case, no port
Value<std::string> parse_host_pattern(std::string_view text);   // also "*.example.com"
Value<std::vector<std::string>> parse_host_patterns(std::string_view text);
Value<std::string> parse_host_header(std::string_view text);  // "preserve" or host[:port]
Value<std::vector<std::string>> parse_namespaces(std::string_view text);
// One of the encodings by its name; yaml as an input, which KrakenD reads as JSON, says so.
Value<std::string> parse_output_encoding(std::string_view text);
Value<std::string> parse_input_encoding(std::string_view text);

// `text` in quotes for a message: cut at 80 bytes, control characters replaced.
std::string in_quotes(std::string_view text);

}  // namespace ropewalk::controller
