// Values out of JSON as text, for placeholders of url_patterns. Pure.
#pragma once

#include "common/json/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::proxy {

// {JWT.name}: the claim of that very name as text (common/jose/claim_text.h); nullopt when there is
// none. Dots do not lead into objects, as in KrakenD.
std::optional<std::string> claim_text(const json::Value& claims, std::string_view name);

// {respN_name} of an answer: the value as text; nullopt when there is none.
// Dots lead into objects, unless a member has the whole name.
std::optional<std::string> value_text(const json::Value& data, std::string_view name);

// As Go prints a decoded JSON value: text as it is, null <nil>, a list's elements joined by
// commas, an object map[a:1 b:2].
std::string go_text(const json::Value& value);

}  // namespace ropewalk::proxy
