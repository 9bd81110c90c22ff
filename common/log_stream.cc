#include "common/log_stream.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ropewalk::log {
namespace {

constexpr int kMomentMs = 50;
// A pipe that is ready takes this much without blocking (POSIX PIPE_BUF, 4096 on Linux).
constexpr std::size_t kPiece = 4096;

bool ready(int descriptor, int patience_ms) {
  pollfd stream{descriptor, POLLOUT, 0};
  return ::poll(&stream, 1, patience_ms) == 1;
}

}  // namespace

// False: the reader does not take it.
bool LogStream::put(std::string_view text) const {
  while (!text.empty()) {
    if (!ready(descriptor_, kMomentMs)) return false;
    const ssize_t n = ::write(descriptor_, text.data(), std::min(text.size(), kPiece));
    if (n < 0 && errno != EINTR && errno != EAGAIN) return true;  // nobody will ever read it
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void LogStream::print(std::string line,
                      const std::function<std::string(std::uint64_t lines)>& lost) {
  // The moment is waited for once: until the reader goes on, lines are dropped at once.
  if (dropped_ > 0 && ready(descriptor_, 0)) put(lost(std::exchange(dropped_, 0)) + "\n");
  if (!line.ends_with('\n')) line += '\n';
  if (dropped_ > 0 || !put(line)) ++dropped_;
}

}  // namespace ropewalk::log
