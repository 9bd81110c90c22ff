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
  WatchedFile(const WatchedFile&) = delete;
  WatchedFile& operator=(const WatchedFile&) = delete;

  // As load_file. Every file is watched before it is read for the last time, so that a change is
  // either read here or noticed there. On error what was watched is watched on, and with it what
  // was named on the way.
  Result<Loaded> load();
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  LoadOptions options_;
  const Watch watch_;
  std::vector<std::string> files_of(const Result<Loaded>& loaded) const;

  std::vector<std::string> watched_;
  std::vector<std::string> named_;  // by the reading that is under way
};

}  // namespace ropewalk::config
