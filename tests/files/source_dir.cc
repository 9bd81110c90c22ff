#include "tests/files/source_dir.h"

namespace ropewalk {

std::filesystem::path source_dir() { return ROPEWALK_SOURCE_DIR; }

}  // namespace ropewalk
