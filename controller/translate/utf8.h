// Text that may stand in a protobuf string or in JSON: one invalid byte in either makes the reader
// refuse the whole message. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ropewalk::controller {

bool is_utf8(std::string_view text);
// Every byte that belongs to no character becomes U+FFFD.
std::string to_utf8(std::string_view text);
// At most `bytes` long and cut between characters, `mark` included, which ends what was cut.
std::string cut_utf8(std::string_view text, std::size_t bytes, std::string_view mark);

}  // namespace ropewalk::controller
