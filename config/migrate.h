// Files of the 0.x and 1.x products (versions 1 and 2) -> version 3. Pure.
#pragma once

#include "common/error.h"
#include "config/locate.h"

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

// What a key of those files is called now, "" when it is none of them.
std::string_view renamed_key(std::string_view key);

struct Migrated {
  std::string text;                // JSON, keys in the order of the file where that was JSON
  std::vector<std::string> notes;  // "path: what was done", and what has to be done by hand
};

// Errors: Kind::config, a text that cannot be read.
Result<Migrated> migrate(std::string_view text, Syntax syntax, const std::string& name);

}  // namespace ropewalk::config
