// Values of claims as KrakenD writes them into headers and paths. Pure; any thread.
#pragma once

#include "common/json/value.h"

#include <string>
#include <vector>

namespace ropewalk::jose {

// Texts as they are; whole numbers (as 64-bit floating point) without decimals, others with six;
// lists by commas; objects as JSON with names sorted and < > & escaped; null as "null".
std::string claim_text(const json::Value& claim);
// A list as one text per element, everything else as one text.
std::vector<std::string> claim_texts(const json::Value& claim);

// As Go's encoding/json writes a tree whose numbers keep their text: names sorted, < > & and U+2028
// and U+2029 escaped.
std::string sorted_json(const json::Value& value);

}  // namespace ropewalk::jose
