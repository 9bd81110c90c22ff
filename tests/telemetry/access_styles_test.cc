// The formats of the access log that a configuration can choose.
#include "dataplane/telemetry/access_log.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>

namespace ropewalk::telemetry {
namespace {

using Style = AccessFormat::Style;

AccessRecord styled_record() {
  AccessRecord out;
  out.time_ms = 1'769'861'045'678;  // 2026-01-31T12:04:05.678Z
  out.client = "192.0.2.1";
  out.method = "GET";
  out.host = "shop.example";
  out.target = "/a?b=\"1\"";
  out.endpoint = "GET /a";
  out.status = 200;
  out.bytes = 97;
  out.duration_us = 1234;
  out.user_agent = "curl/8\n";
  out.request_id = "f00d";
  return out;
}

std::string line(const AccessFormat& format) {
  std::string out;
  format_access_record(out, styled_record(), format);
  return out;
}

TEST(AccessStyles, AreThoseOfKrakenD) {
  EXPECT_EQ(line({Style::gin, {}, {}}),
            "[GIN] 2026/01/31 - 12:04:05 | 200 |       1.234ms |       192.0.2.1 | GET      "
            "\"/a?b=\\\"1\\\"\"\n");
  EXPECT_EQ(line({Style::common, {}, {}}),
            "192.0.2.1 - - [31/Jan/2026:12:04:05 +0000] \"GET /a?b=\\\"1\\\" HTTP/1.1\" 200 97\n");
  EXPECT_EQ(line({Style::combined, {}, {}}),
            "192.0.2.1 - - [31/Jan/2026:12:04:05 +0000] \"GET /a?b=\\\"1\\\" HTTP/1.1\" 200 97 "
            "\"-\" \"curl/8\\x0a\"\n");
  EXPECT_TRUE(line({Style::json, {}, {}}).starts_with("{\"time\":"));
}

TEST(AccessStyles, PatternsTakeVariables) {
  const auto pattern = log::parse_pattern(
      "%{prefix} %{time:15:04} |%{statusCode}| %{latencyMs} %{clientIP} %{method} %{path} "
      "%{query} %{host} %{endpoint} %{size} %{referer} %{requestId} %{protocol} %{odd}\n");
  ASSERT_TRUE(pattern);
  EXPECT_EQ(line({Style::pattern, "[P]", *pattern}),
            "[P] 12:04 |200| 1.234 192.0.2.1 GET /a b=\\\"1\\\" shop.example GET /a 97 - f00d "
            "HTTP/1.1 -\n");
}

TEST(AccessStyles, AConfigurationChangesTheFormatOfARunningLog) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  {
    AccessLog access_log(log::Format::json, ends[1]);
    access_log.write(styled_record());
    access_log.use(AccessFormat{Style::common, {}, {}});
    access_log.write(styled_record());
    access_log.use(std::nullopt);
    access_log.write(styled_record());
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t n = 0; (n = ::read(ends[0], piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  const auto second = text.find('\n') + 1;
  const auto third = text.find('\n', second) + 1;
  EXPECT_EQ(text[0], '{');
  EXPECT_TRUE(text.substr(second).starts_with("192.0.2.1 - -"));
  EXPECT_EQ(text[third], '{');
}

}  // namespace
}  // namespace ropewalk::telemetry
