// Small text helpers. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk {

// ASCII only, as HTTP field names and schemes need it.
char lower(char c);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool iequals(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text, std::string_view what = " \t");
// Keeps empty pieces: "a,,b" -> "a", "", "b"; "" -> "".
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Nearest by edit distance (a third of `word`), or ""; looks at 400 candidates, 128 bytes at most.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// Standard alphabet, padded (RFC 4648 4).
std::string base64(std::string_view bytes);

// Lower-case hexadecimal of SHA-256.
std::string sha256_hex(std::string_view bytes);

}  // namespace ropewalk
