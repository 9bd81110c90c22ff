#include "config/watched_file.h"

#include <algorithm>

namespace ropewalk::config {

WatchedFile::WatchedFile(std::string path, LoadOptions options, Watch watch)
    : path_(std::move(path)),
      options_(std::move(options)),
      watch_(std::move(watch)),
      watched_{path_} {
  watch_(watched_);
}

Result<Loaded> WatchedFile::load() {
  for (;;) {
    auto loaded = load_file(path_, options_);
    if (!loaded || loaded->files == watched_) return loaded;
    const bool all_watched = std::ranges::all_of(loaded->files, [this](const std::string& file) {
      return std::ranges::find(watched_, file) != watched_.end();
    });
    watched_ = loaded->files;
    watch_(watched_);
    // What was read before it was watched may have changed in between: once more.
    if (all_watched) return loaded;
  }
}

}  // namespace ropewalk::config
