// Tells when files or folders change (inotify), so that programs reload without a signal.
//
// What counts as a change of a path: another file under the name (atomic replace, a symbolic link
// anywhere on the way swapped as Kubernetes does with `..data`, a parent deleted and made again),
// other contents (reported when the writer closes the file), other permissions, appearing and
// vanishing. A path that does not exist yet is watched too. Of a folder the same holds for every
// entry whose name does not begin with '.'; folders inside it are not entered.
//
// Where inotify has no resources left the paths are looked at once a second instead.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk {

class FileWatch {
 public:
  // Changes after the constructor returned are reported: construct first, then read the files.
  // `on_change` runs on the watch's own thread once nothing happened for 10 ms, 100 ms after the
  // first event at the latest, one call at a time. It must not destroy the watch.
  FileWatch(std::vector<std::string> paths, std::function<void()> on_change);
  ~FileWatch();  // no call runs any more afterwards
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // Any thread, `on_change` included. Of paths that were watched before nothing is lost; changes of
  // new ones count from here on, so a file found while reading another is named here before it is
  // read.
  void set_paths(std::vector<std::string> paths);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk
