// A configuration file that is read again and again while somebody watches it and the files it
// names. One thread.
#pragma once

#include "config/load.h"

#include <functional>
#include <string>
#include <vector>

namespace ropewalk::config {

class WatchedFile {
 public:
  // Told what is to be watched from here on, before it returns.
  using Watch = std::function<void(std::vector<std::string>)>;
  WatchedFile(std::string path, LoadOptions options, Watch watch);

  // As load_file. Every file is watched before it is read for the last time, so that a change is
  // either read here or noticed there. On error what was watched is watched on.
  Result<Loaded> load();
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const LoadOptions options_;
  const Watch watch_;
  std::vector<std::string> watched_;
};

}  // namespace ropewalk::config
