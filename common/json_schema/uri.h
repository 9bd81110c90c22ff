// References between schemas (RFC 3986, section 5). Texts only: nothing is fetched. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace ropewalk::json_schema {

// What stands before and behind the first '#'.
std::pair<std::string_view, std::string_view> split_fragment(std::string_view reference);
// `reference` without fragment as seen from `base`.
std::string resolve(std::string_view base, std::string_view reference);
// %41 -> A; what is no escape stays.
std::string percent_decode(std::string_view text);

}  // namespace ropewalk::json_schema
