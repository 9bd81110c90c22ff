// A standard stream for lines of the log. Its reader may be slow, or stop: whoever logs, a thread
// that serves requests perhaps, waits a moment for it and no longer. What does not fit is dropped
// and counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ropewalk::log {

class LogStream {
 public:
  explicit LogStream(int descriptor) : descriptor_(descriptor) {}

  // `lost` makes a line about lines that were dropped, for when the reader goes on. One thread at a
  // time.
  void print(std::string line, const std::function<std::string(std::uint64_t lines)>& lost);

 private:
  bool put(std::string_view text) const;

  const int descriptor_;
  std::uint64_t dropped_ = 0;
};

}  // namespace ropewalk::log
