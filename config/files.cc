#include "config/files.h"

#include "common/files.h"

#include <algorithm>
#include <filesystem>

namespace ropewalk::config {

std::optional<std::string> Files::read(const std::string& name, const std::string& path,
                                       Diagnostics& diagnostics) {
  if (name.empty()) {
    diagnostics.refuse(path, "expected the name of a file");
    return std::nullopt;
  }
  const std::string full = (std::filesystem::path(directory_) / name).lexically_normal().string();
  if (std::ranges::find(names_, full) == names_.end()) names_.push_back(full);
  if (listener_) listener_(full);
  auto contents = read_file(full);
  if (!contents) {
    diagnostics.refuse(path, contents.error().message);
    return std::nullopt;
  }
  return std::move(*contents);
}

std::string Files::directory() const {
  std::error_code ignored;
  std::string out = std::filesystem::absolute(directory_, ignored).lexically_normal().string();
  while (out.ends_with('/')) out.pop_back();
  return out;
}

}  // namespace ropewalk::config
