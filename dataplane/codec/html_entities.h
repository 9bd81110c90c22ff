// The named characters of HTML 4. Constant.
#pragma once

#include <string_view>

namespace ropewalk::codec {

// The character that &name; stands for, 0 for unknown names.
char32_t html_entity(std::string_view name);

}  // namespace ropewalk::codec
