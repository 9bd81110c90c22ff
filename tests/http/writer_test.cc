#include "dataplane/http/writer.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

TEST(Writer, StatusLines) {
  std::string out = "x";
  append_status_line(out, 200);
  EXPECT_EQ(out, "xHTTP/1.1 200 OK\r\n");
  out.clear();
  append_status_line(out, 799);
  EXPECT_EQ(out, "HTTP/1.1 799 \r\n");
  out.clear();
  append_status_line(out, 404, "Nothing here \xfc");
  EXPECT_EQ(out, "HTTP/1.1 404 Nothing here \xfc\r\n");
  out.clear();
  append_status_line(out, 404, "a\r\nSet-Cookie: x");
  EXPECT_EQ(out, "HTTP/1.1 404 Not Found\r\n");
}

TEST(Writer, RequestLines) {
  std::string out;
  EXPECT_TRUE(append_request_line(out, "GET", "/a?b"));
  EXPECT_EQ(out, "GET /a?b HTTP/1.1\r\n");
  const std::string before = out;
  for (const char* target : {"", "/a b", "/a\r\nX: y", "/a\x01", "/a\x7f", "/a\tb"})
    EXPECT_FALSE(append_request_line(out, "GET", target)) << target;
  EXPECT_FALSE(append_request_line(out, "GE T", "/"));
  EXPECT_FALSE(append_request_line(out, "", "/"));
  EXPECT_EQ(out, before);
}

TEST(Writer, FieldsNeverHoldControls) {
  std::string out;
  EXPECT_TRUE(append_field(out, "X-A", "v\t\xc3\xbc"));
  EXPECT_TRUE(append_field(out, "X-B", ""));
  EXPECT_EQ(out, "X-A: v\t\xc3\xbc\r\nX-B: \r\n");
  const std::string before = out;
  for (int c = 0; c < 0x20; ++c) {
    if (c == '\t') continue;
    const std::string value = std::string(20, 'x') + static_cast<char>(c);
    EXPECT_FALSE(append_field(out, "X", value)) << c;
    EXPECT_FALSE(append_field(out, "X", value + std::string(20, 'y'))) << c;
  }
  EXPECT_FALSE(append_field(out, "X", "\x7f"));
  for (const char* name : {"", "A B", "A:", "A\r\nB", "\xc3\xbc", "A\t"})
    EXPECT_FALSE(append_field(out, name, "v")) << name;
  EXPECT_EQ(out, before);
}

TEST(Writer, NumbersAndChunks) {
  std::string out;
  append_field(out, "Content-Length", UINT64_MAX);
  append_decimal(out, 0);
  append_chunk_size(out, 255);
  append_chunk_size(out, 0x10000);
  EXPECT_EQ(out, "Content-Length: 18446744073709551615\r\n0ff\r\n10000\r\n");
}

TEST(Writer, Dates) {
  const auto text = [](std::int64_t seconds) {
    const auto date = http_date(seconds);
    return std::string(date.begin(), date.end());
  };
  EXPECT_EQ(text(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 5.6.7
  EXPECT_EQ(text(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(text(951782399), "Mon, 28 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(text(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(text(4102444800), "Fri, 01 Jan 2100 00:00:00 GMT");
}

TEST(Writer, ReasonPhrases) {
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(599), "");
}

}  // namespace
}  // namespace ropewalk::http
