// Files that a configuration names. Relative names are looked up in the working directory; every
// file read is remembered, so that a reload can watch it. One thread.
#pragma once

#include "config/reader.h"

#include <optional>
#include <string>
#include <vector>

namespace ropewalk::config {

class Files {
 public:
  explicit Files(std::string working_directory) : directory_(std::move(working_directory)) {}

  // The contents; an unreadable file is refused at `path` of the document.
  std::optional<std::string> read(const std::string& name, const std::string& path,
                                  Diagnostics& diagnostics);

  const std::vector<std::string>& names() const { return names_; }
  // Where relative names start from, absolute, without a slash at its end.
  std::string directory() const;

 private:
  std::string directory_;
  std::vector<std::string> names_;
};

}  // namespace ropewalk::config
