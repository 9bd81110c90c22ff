#pragma once

#include <filesystem>

namespace ropewalk {

/// The root of the checkout these tests were built from, an absolute path.
std::filesystem::path source_dir();

}  // namespace ropewalk
