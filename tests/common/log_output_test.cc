#include "common/log_output.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

namespace ropewalk::log {
namespace {

constexpr std::int64_t kTime = 1'769'861'045'678;  // 2026-01-31T12:04:05.678Z, a Saturday

TEST(LogOutput, TimesByLayoutsOfGo) {
  EXPECT_EQ(format_time("2006/01/02 - 15:04:05.000", kTime), "2026/01/31 - 12:04:05.678");
  EXPECT_EQ(format_time("Mon Monday Jan January 2 06 3:4 PM MST", kTime),
            "Sat Saturday Jan January 31 26 12:4 PM UTC");
  EXPECT_EQ(format_time("2006-01-02T15:04:05Z07:00", 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time("_2|03|-0700|.000000|x", 0), " 1|12|+0000|.000000|x");
}

TEST(LogOutput, Patterns) {
  EXPECT_EQ(parse_pattern("a %{time:15:04} %{level}"),
            (std::vector<Piece>{{"", "a "}, {"time", "15:04"}, {"", " "}, {"level", ""}}));
  EXPECT_EQ(parse_pattern(""), std::vector<Piece>());
  EXPECT_EQ(parse_pattern("%{time"), std::nullopt);
  EXPECT_EQ(parse_pattern("100%"), (std::vector<Piece>{{"", "100%"}}));
}

TEST(LogOutput, LinesOfEachStyle) {
  Output output;
  output.prefix = "[SHOP]";
  const std::vector<Field> fields{{"path", "a \"b\"\n"}};
  EXPECT_EQ(
      render(output, Level::warning, kTime, "odd", fields),
      "[SHOP] 2026/01/31 - 12:04:05.678 \xe2\x96\xb6 WARNING odd path=\"a \\\"b\\\"\\u000a\"");
  output.style = Style::logstash;
  EXPECT_EQ(render(output, Level::error, kTime, "odd", fields),
            "{\"@timestamp\":\"2026-01-31T12:04:05.678+00:00\",\"@version\":1,\"level\":\"ERROR\","
            "\"message\":\"odd\",\"module\":\"SHOP\",\"path\":\"a \\\"b\\\"\\u000a\"}");
  output.style = Style::pattern;
  output.pattern = "%{level:.4s}|%{module}|%{message}|%{time:15}|%{nothing}";
  EXPECT_EQ(render(output, Level::warning, kTime, "odd", {}), "WARN|SHOP|odd|12|");
}

TEST(LogOutput, Facilities) {
  EXPECT_EQ(parse_facility("local3"), 19);
  EXPECT_EQ(parse_facility("kern"), 0);
  EXPECT_EQ(parse_facility("local8"), std::nullopt);
  EXPECT_EQ(parse_facility(""), std::nullopt);
  EXPECT_EQ(syslog_message(19, Level::info, kTime, "shop", 7, "hello"),
            "<158>Jan 31 12:04:05 shop[7]: hello");
}

TEST(LogOutput, GoesToSyslogAndSurvivesItsDaemon) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("syslog." + std::to_string(::getpid()))).string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  Output output;
  output.style = Style::pattern;
  output.pattern = "%{message}";
  output.standard_output = false;
  output.facility = 19;
  output.level = Level::info;
  output.syslog_path = path;
  configure(output);
  info("nobody listens");
  for (int life = 0; life < 2; ++life) {
    const int daemon = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    ::unlink(path.c_str());
    ASSERT_EQ(::bind(daemon, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    debug("below the level");
    warning("here", {{"life", std::to_string(life)}});
    std::array<char, 256> datagram{};
    const ssize_t n = ::recv(daemon, datagram.data(), datagram.size(), 0);
    ASSERT_GT(n, 0);
    const std::string text(datagram.data(), static_cast<std::size_t>(n));
    EXPECT_TRUE(text.starts_with("<156>")) << text;
    EXPECT_TRUE(text.ends_with("]: here life=" + std::to_string(life))) << text;
    ::close(daemon);
  }
  ::unlink(path.c_str());
  configure(std::nullopt);
  EXPECT_TRUE(enabled(Level::info));
  EXPECT_FALSE(enabled(Level::debug));
}

}  // namespace
}  // namespace ropewalk::log
