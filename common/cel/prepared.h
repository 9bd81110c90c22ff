// What a literal operand allows to do before the first evaluation. Immutable; any thread may read.
#pragma once

#include "common/cel/zone.h"

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string_view>

namespace ropewalk::cel {

struct Prepared {
  std::unique_ptr<const re2::RE2> pattern;  // of matches()
  std::optional<Zone> zone;                 // of getHours() and its kind
};

// Not ok() when the text is no regular expression.
std::unique_ptr<const re2::RE2> make_pattern(std::string_view text);

}  // namespace ropewalk::cel
