#include "common/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ropewalk {
namespace {

std::unexpected<Error> failed(const std::string& what, const std::string& path) {
  return fail(Kind::io, what + " " + path + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed("cannot read", path);
  std::string out;
  char block[16384];
  for (;;) {
    const ssize_t n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const auto error = failed("cannot read", path);
      ::close(fd);
      return error;
    }
    if (n == 0) break;
    out.append(block, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return out;
}

Result<void> write_file_atomically(const std::string& path, std::string_view contents,
                                   unsigned mode) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return failed("cannot write", temporary);
  bool ok = ::fchmod(fd, mode) == 0;
  while (ok && !contents.empty()) {
    const ssize_t n = ::write(fd, contents.data(), contents.size());
    if (n < 0 && errno == EINTR) continue;
    ok = n > 0;
    if (ok) contents.remove_prefix(static_cast<std::size_t>(n));
  }
  ok = ok && ::fsync(fd) == 0;
  const int written_errno = errno;
  ::close(fd);
  errno = written_errno;
  if (!ok || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto error = failed("cannot write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

}  // namespace ropewalk
