// Writing members as JSON text.
#pragma once

#include "dataplane/json/projection.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace ropewalk::json {

class Arena;

// Bytes that `write_object` takes for members whose `quoted` is known, not counting the braces.
std::size_t members_size(std::span<const Member> members);

// The object of these members, which all know `quoted`, in `arena`.
std::string_view write_object(std::span<const Member> members, Arena& arena);

}  // namespace ropewalk::json
