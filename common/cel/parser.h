// Text -> tree, with the standard macros expanded. Pure.
#pragma once

#include "common/cel/ast.h"
#include "common/error.h"

#include <memory>
#include <string_view>

namespace ropewalk::cel {

struct Syntax {
  // all, exists, existsOne, transformList and transformMap with two variables: an extension that
  // KrakenD does not have.
  bool two_variables = false;
};

// At most this many bytes, and this deep.
inline constexpr std::size_t kMaxText = 100'000;
inline constexpr std::uint32_t kMaxTreeDepth = 250;

// Errors: Kind::config, "column N: ...".
Result<std::unique_ptr<Expr>> parse(std::string_view text, const Syntax& syntax);

}  // namespace ropewalk::cel
