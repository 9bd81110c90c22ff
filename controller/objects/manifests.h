// Manifest files (YAML with several documents, JSON, List kinds) -> objects. Pure; any thread.
#pragma once

#include "common/error.h"
#include "controller/objects/parse.h"

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller {

// Scalars as kubectl reads them: quoted ones are strings, plain ones null, booleans (yes, no, on
// and off included), numbers or strings. Errors: kind config, "<file>: document 2, line 7: ...".
//
// `file` stands for the age of its objects: creation_timestamp becomes "<file>#000001", uid the
// same text with the object's name, so that a first-come rule is stable. Objects without namespace
// are in "default". Kinds that are not ours are skipped; the same object twice is an error.
Result<std::vector<Object>> parse_manifests(const std::string& file, std::string_view text);

}  // namespace ropewalk::controller
