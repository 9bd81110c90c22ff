#include "common/log_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

namespace ropewalk::log {
namespace {

TEST(LogStream, AReaderThatStopsIsWaitedForOnceAndToldWhatItMissed) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const auto read_all = [&] {
    std::string out;
    char block[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], block, sizeof block)) > 0;)
      out.append(block, static_cast<std::size_t>(n));
    return out;
  };
  LogStream stream(ends[1]);
  const auto lost = [](std::uint64_t lines) { return "lost " + std::to_string(lines); };
  stream.print("first", lost);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) stream.print(std::string(1000, 'x'), lost);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  const std::string got = read_all();
  EXPECT_TRUE(got.starts_with("first\nxxx"));
  EXPECT_LT(got.size(), 900'000u);
  stream.print("last", lost);
  const std::string rest = read_all();
  EXPECT_TRUE(rest.starts_with("lost 9")) << rest;
  EXPECT_TRUE(rest.ends_with("\nlast\n")) << rest;
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace ropewalk::log
