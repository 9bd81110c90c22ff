// extra_config."modifier/martian": one tree of modifiers of a backend's requests and answers.
#pragma once

#include "config/blocks.h"
#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in extra_config: the tree with canonical keys, and the URL of the backend's
// first host ("" for none). "" when the block is off.
// Refused: what KrakenD drops the whole block for (unknown modifiers, wrong types and scopes,
// several modifiers in one place, bad base64, patterns, times and ports), with path and what is
// allowed.
// Without files (annotations) static.Modifier is refused; where hosts come from Services, whatever
// changes scheme, host or port of a call is.
std::string read_martian(const ExtraValue& extra, const BlockContext& context,
                         Diagnostics& diagnostics);

}  // namespace ropewalk::config
