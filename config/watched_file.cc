#include "config/watched_file.h"

#include <algorithm>

namespace ropewalk::config {

WatchedFile::WatchedFile(std::string path, LoadOptions options, Watch watch)
    : path_(std::move(path)),
      options_(std::move(options)),
      watch_(std::move(watch)),
      watched_{path_} {
  options_.named_files = [this](const std::string& name) { named_.push_back(name); };
  watch_(watched_);
}

std::vector<std::string> WatchedFile::files_of(const Result<Loaded>& loaded) const {
  if (loaded) return loaded->files;
  std::vector<std::string> out = watched_;
  for (const std::string& name : named_)
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  return out;
}

Result<Loaded> WatchedFile::load() {
  // A template can name another file each time.
  constexpr int kRounds = 5;
  for (int round = 1;; ++round) {
    named_.clear();
    auto loaded = load_file(path_, options_);
    std::vector<std::string> files = files_of(loaded);
    if (files == watched_) return loaded;
    const bool all_watched = std::ranges::all_of(files, [this](const std::string& file) {
      return std::ranges::find(watched_, file) != watched_.end();
    });
    watched_ = std::move(files);
    watch_(watched_);
    // What was read before it was watched may have changed in between: once more.
    if (all_watched || round == kRounds) return loaded;
  }
}

}  // namespace ropewalk::config
