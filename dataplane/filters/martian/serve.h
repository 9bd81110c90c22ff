// What body.Modifier and static.Modifier answer with.
#pragma once

#include "common/error.h"
#include "dataplane/filters/martian/exchange.h"

#include <string>

namespace ropewalk::martian {

// `body` of that Content-Type as the answer, or the part of it that the request's Range asks for
// (206, with several parts multipart/byteranges); 416 for a range that `body` does not have.
// Errors (too_large): more parts than are sensible.
Result<void> serve(Exchange& exchange, const std::string& type, const std::string& body);

}  // namespace ropewalk::martian
