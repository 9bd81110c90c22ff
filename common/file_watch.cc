#include "common/file_watch.h"

#include "common/log.h"

#include <dirent.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

namespace ropewalk {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kQuiet = std::chrono::milliseconds(10);
constexpr auto kAtMost = std::chrono::milliseconds(100);
constexpr int kPollWithoutInotifyMs = 1000;
constexpr int kMaxLinks = 40;  // as the kernel's own limit (path_resolution(7))

constexpr std::uint32_t kFolderEvents = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                        IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kFileEvents = IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

// What one inotify watch is there for.
struct Interest {
  std::string folder;            // "" for the watch on a file itself
  std::set<std::string> names;   // components of watched paths in this folder
  std::set<std::string> leaves;  // those of them that are the watched files
  bool every_name = false;       // the folder itself is watched
};
using Interests = std::map<int, Interest>;

bool hidden(std::string_view name) { return name.starts_with('.'); }

std::string in_folder(const std::string& folder, const std::string& name) {
  return folder == "/" ? folder + name : folder + "/" + name;
}

void push_components(std::deque<std::string>& rest, std::string_view path) {
  std::deque<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at && path.substr(at, end - at) != ".") parts.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  rest.insert(rest.begin(), parts.begin(), parts.end());
}

void append_state(std::string& out, const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    out += "absent " + std::to_string(errno) + '\n';
    return;
  }
  for (const auto value :
       {static_cast<long long>(info.st_dev), static_cast<long long>(info.st_ino),
        static_cast<long long>(info.st_mode), static_cast<long long>(info.st_size),
        static_cast<long long>(info.st_mtim.tv_sec), static_cast<long long>(info.st_mtim.tv_nsec),
        static_cast<long long>(info.st_ctim.tv_sec), static_cast<long long>(info.st_ctim.tv_nsec)})
    out += std::to_string(value) + ' ';
  out += '\n';
}

// Everything about `path` that counts as a change, as text to compare.
std::string state_of(const std::string& path) {
  std::string out;
  DIR* folder = ::opendir(path.c_str());
  if (!folder) {
    append_state(out, path);
    return out;
  }
  std::set<std::string> names;
  while (const dirent* entry = ::readdir(folder))
    if (!hidden(entry->d_name)) names.insert(entry->d_name);
  ::closedir(folder);
  out = "folder\n";
  for (const std::string& name : names) {
    out += name + ' ';
    append_state(out, in_folder(path, name));
  }
  return out;
}

// Places the inotify watches of a set of paths.
class Placer {
 public:
  Placer(int inotify, Interests& interests) : inotify_(inotify), interests_(interests) {}

  // Follows `path` link by link and watches each folder on the way for the next component. A folder
  // is watched before its entry is looked at, so nothing happens unseen in between.
  void place(const std::string& path, bool enter_folder) {
    std::deque<std::string> rest;
    push_components(rest, path);
    std::string at = "/";
    int links = 0;
    while (!rest.empty()) {
      const std::string name = std::move(rest.front());
      rest.pop_front();
      if (name == "..") {
        at = std::filesystem::path(at).parent_path();
        continue;
      }
      Interest* interest = watch(at, kFolderEvents | IN_ONLYDIR);
      if (!interest) return;
      interest->folder = at;
      interest->names.insert(name);
      if (rest.empty()) interest->leaves.insert(name);

      const std::string full = in_folder(at, name);
      struct stat info{};
      if (::lstat(full.c_str(), &info) != 0) return;
      if (S_ISLNK(info.st_mode)) {
        char target[PATH_MAX];
        const ssize_t length = ::readlink(full.c_str(), target, sizeof target);
        if (length <= 0 || ++links > kMaxLinks) return;
        const std::string_view text(target, static_cast<std::size_t>(length));
        if (text.starts_with('/')) at = "/";
        push_components(rest, text);
      } else if (S_ISDIR(info.st_mode)) {
        at = full;
      } else {
        // A file that is a mount of its own gets its events here and not from the folder.
        watch(full, kFileEvents);
        return;
      }
    }
    if (enter_folder) place_entries(at);
  }

  bool complete() const { return complete_; }

 private:
  Interest* watch(const std::string& path, std::uint32_t events) {
    const int descriptor = ::inotify_add_watch(inotify_, path.c_str(), events);
    if (descriptor >= 0) return &interests_[descriptor];
    // Gone or unreadable is the state of the path; anything else is a lack of resources.
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) complete_ = false;
    return nullptr;
  }

  void place_entries(const std::string& folder) {
    Interest* interest = watch(folder, kFolderEvents | IN_ONLYDIR);
    if (!interest) return;
    interest->folder = folder;
    interest->every_name = true;
    DIR* handle = ::opendir(folder.c_str());
    if (!handle) return;
    std::vector<std::string> links;
    while (const dirent* entry = ::readdir(handle))
      if (entry->d_type == DT_LNK && !hidden(entry->d_name)) links.emplace_back(entry->d_name);
    ::closedir(handle);
    for (const std::string& name : links) place(in_folder(folder, name), false);
  }

  int inotify_;
  Interests& interests_;
  bool complete_ = true;
};

}  // namespace

struct FileWatch::Impl {
  explicit Impl(std::function<void()> on_change)
      : on_change(std::move(on_change)),
        inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
        wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Impl() {
    if (inotify >= 0) ::close(inotify);
    if (wake >= 0) ::close(wake);
  }

  void set_paths(std::vector<std::string> paths);
  void place();
  bool refresh();
  void run(const std::stop_token& stop);
  bool read_events();
  bool relevant(const inotify_event& event);

  const std::function<void()> on_change;
  const int inotify;
  const int wake;

  std::mutex mutex;  // guards what follows; not held while on_change runs
  std::map<std::string, std::string> states;
  Interests interests;
  bool watching = false;  // inotify sees every path
  bool warned = false;
  bool rewritten = false;  // written or replaced, even where the state looks the same

  std::jthread thread;
};

void FileWatch::Impl::set_paths(std::vector<std::string> paths) {
  const std::lock_guard lock(mutex);
  std::map<std::string, std::string> next;
  for (const std::string& path : paths) {
    std::error_code ignored;
    const std::string full = std::filesystem::absolute(path, ignored).string();
    const auto known = states.find(full);
    next[full] = known == states.end() ? std::string() : known->second;
  }
  states = std::move(next);
  place();
  for (auto& [path, state] : states)
    if (state.empty()) state = state_of(path);
}

void FileWatch::Impl::place() {
  Interests next;
  Placer placer(inotify, next);
  watching = inotify >= 0;
  if (watching) {
    for (const auto& [path, state] : states) placer.place(path, true);
    watching = placer.complete();
  }
  for (const auto& [descriptor, interest] : interests)
    if (!next.contains(descriptor)) ::inotify_rm_watch(inotify, descriptor);
  interests = std::move(next);
  if (!watching && !warned) {
    warned = true;
    log::warning("no inotify watches left, looking at files once a second instead",
                 {{"hint", "raise fs.inotify.max_user_instances and max_user_watches"}});
  }
}

// Renews watches and states; true when something changed.
bool FileWatch::Impl::refresh() {
  const std::lock_guard lock(mutex);
  place();
  bool changed = std::exchange(rewritten, false);
  for (auto& [path, state] : states) {
    std::string now = state_of(path);
    if (now == state) continue;
    state = std::move(now);
    changed = true;
  }
  return changed;
}

bool FileWatch::Impl::relevant(const inotify_event& event) {
  if (event.mask & IN_Q_OVERFLOW) return rewritten = true;
  const auto found = interests.find(event.wd);
  if (found == interests.end()) return false;
  const Interest& interest = found->second;
  const std::string name = event.len != 0 ? std::string(event.name) : std::string();
  const bool itself = interest.folder.empty();
  const bool entry = interest.every_name && !name.empty() && !hidden(name);
  if (!name.empty() && !entry && !interest.names.contains(name)) return false;

  if (event.mask & IN_CREATE && !(event.mask & IN_ISDIR)) {
    // An empty new file is about to be written; closing it is the event to wait for.
    struct stat info{};
    if (::lstat(in_folder(interest.folder, name).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        info.st_size == 0 && info.st_nlink == 1)
      return false;
  }
  if (event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO) &&
      (itself || entry || interest.leaves.contains(name)))
    rewritten = true;
  return true;
}

// Drains the queue; true when an event touches a watched path.
bool FileWatch::Impl::read_events() {
  alignas(inotify_event) char block[4096];
  bool any = false;
  for (;;) {
    const ssize_t length = ::read(inotify, block, sizeof block);
    if (length <= 0) return any;
    const std::lock_guard lock(mutex);
    for (ssize_t at = 0; at < length;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(block + at);
      any = relevant(event) || any;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event.len);
    }
  }
}

void FileWatch::Impl::run(const std::stop_token& stop) {
  std::optional<Clock::time_point> first;
  Clock::time_point last;
  while (!stop.stop_requested()) {
    int timeout = -1;
    {
      const std::lock_guard lock(mutex);
      if (!watching) timeout = kPollWithoutInotifyMs;
    }
    if (first) {
      const auto due = std::min(*first + kAtMost, last + kQuiet);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
      timeout = static_cast<int>(std::max<long long>(left, 0));
    }
    pollfd descriptors[] = {{wake, POLLIN, 0}, {inotify, POLLIN, 0}};  // -1 is skipped by poll
    const int ready = ::poll(descriptors, 2, timeout);
    if (descriptors[0].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t drained = ::read(wake, &count, sizeof count);
    }
    if (stop.stop_requested()) return;
    if (ready > 0 && descriptors[1].revents != 0 && read_events()) {
      last = Clock::now();
      if (!first) first = last;
    }
    const bool due = first && Clock::now() >= std::min(*first + kAtMost, last + kQuiet);
    const bool look = !first && ready == 0;  // without inotify
    if (!due && !look) continue;
    first.reset();
    if (refresh()) on_change();
  }
}

FileWatch::FileWatch(std::vector<std::string> paths, std::function<void()> on_change)
    : impl_(std::make_unique<Impl>(std::move(on_change))) {
  impl_->set_paths(std::move(paths));
  impl_->thread =
      std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->run(stop); });
}

FileWatch::~FileWatch() {
  impl_->thread.request_stop();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(impl_->wake, &one, sizeof one);
  impl_->thread.join();
}

void FileWatch::set_paths(std::vector<std::string> paths) {
  impl_->set_paths(std::move(paths));
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(impl_->wake, &one, sizeof one);
}

}  // namespace ropewalk
