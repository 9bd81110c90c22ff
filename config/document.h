// Text of a configuration -> one tree. Pure; any thread may call. Untrusted text never throws past
// these functions; nesting and the growth by YAML aliases are bounded.
//
// Errors are Kind::config: "name:line:column: what is wrong", never a piece of the text.
#pragma once

#include "common/error.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace ropewalk::config {

inline constexpr int kMaxNesting = 200;

// As Go reads JSON: of repeated keys the last wins whole, a lone surrogate is U+FFFD.
Result<nlohmann::json> parse_json(std::string_view text, const std::string& name);

// The first document of a YAML stream by the rules of YAML 1.2 (yes is a text); keys become texts,
// a date becomes its RFC 3339 text, "<<" merges. Repeated keys are refused.
Result<nlohmann::json> parse_yaml(std::string_view text, const std::string& name);

// TOML 1.0. Dates and times become their texts.
Result<nlohmann::json> parse_toml(std::string_view text, const std::string& name);

// A value as KrakenD prints it: numbers are 64-bit floats in Go's format (1.10 -> 1.1).
std::string go_json(const nlohmann::json& value);

}  // namespace ropewalk::config
