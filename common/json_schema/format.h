// What `format` asserts in drafts 4 to 7 (later ones only annotate), by the rules of the validator
// that KrakenD uses. Constant; any thread may call.
#pragma once

#include <string_view>

namespace ropewalk::json_schema {

struct Format {
  std::string_view name;
  // The text of why not, null where it is fine. Only texts are asked.
  const char* (*complaint)(std::string_view text);
};

// Null for unknown names, which assert nothing.
const Format* find_format(std::string_view name);

}  // namespace ropewalk::json_schema
