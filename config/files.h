// Files that a configuration names. Relative names are looked up in the working directory; every
// file read is remembered, so that a reload can watch it. One thread.
#pragma once

#include "config/reader.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::config {

// Hears of each file and folder before it is read, so that it is known where reading fails.
using FileListener = std::function<void(const std::string& name)>;

class Files {
 public:
  explicit Files(std::string working_directory, FileListener listener = {})
      : directory_(std::move(working_directory)), listener_(std::move(listener)) {}

  // The contents; an unreadable file is refused at `path` of the document.
  std::optional<std::string> read(const std::string& name, const std::string& path,
                                  Diagnostics& diagnostics);

  const std::vector<std::string>& names() const { return names_; }
  // Where relative names start from, absolute, without a slash at its end.
  std::string directory() const;

 private:
  std::string directory_;
  FileListener listener_;
  std::vector<std::string> names_;
};

}  // namespace ropewalk::config
