// What our readers accept, Beast accepts with the same result; and what it wrongly accepts (the
// reason for a gate of our own) we refuse.
#include "tests/files/source_dir.h"
#include "tests/http/beast_oracle.h"
#include "tests/http/drive.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

std::string table_path(const char* name) { return (source_dir() / "tests/http/" / name).string(); }

TEST(Beast, AgreesOnEveryRequestAccepted) {
  unsigned compared = 0;
  for (const auto& row : read_table(table_path("requests.txt"), 3)) {
    const std::string bytes = unescape(row[2]);
    std::string_view input = bytes;
    while (input.starts_with("\r\n")) input.remove_prefix(2);
    RequestReader reader({});
    if (reader.read_head(input).step != Step::done) continue;
    const RequestHead& head = reader.head();
    const bool both = head.body == BodyKind::chunked && input.find("Content-Length") < input.size();
    if (both) continue;  // we take the chunks (RFC 9112 6.3), Beast refuses
    const BeastMessage other = beast_request(input);
    EXPECT_EQ(other.method, head.method) << row[1];
    EXPECT_TRUE(other.target.ends_with(head.target) || head.target == "/" ||
                head.target.starts_with("/?"))
        << row[1];
    ASSERT_EQ(other.fields.size(), head.fields.size()) << row[1];
    auto field = head.fields.begin();
    for (const auto& [name, value] : other.fields) {
      EXPECT_EQ(name, field->name) << row[1];
      if (field->id != FieldId::host) EXPECT_EQ(value, field->value) << row[1];
      ++field;
    }
    const Transcript transcript = drive_requests(input, whole());
    if (transcript.messages.empty() || row[0].starts_with("2/")) continue;
    EXPECT_TRUE(other.complete) << row[1] << ": " << other.error;
    EXPECT_EQ(other.body.size(), transcript.body_bytes) << row[1];
    ++compared;
  }
  EXPECT_GT(compared, 30u);
}

TEST(Beast, AgreesOnEveryAnswerAccepted) {
  unsigned compared = 0;
  for (const auto& row : read_table(table_path("responses.txt"), 4)) {
    const std::string input = unescape(row[3]);
    const Method method = method_id(row[1]);
    const bool eof = row[0].starts_with("eof ");
    const Transcript transcript = drive_response(input, whole(), method, eof);
    const BeastMessage other = beast_response(input, method == Method::head, eof);
    // It wants the blank behind the code, reads interim answers as answers, and refuses what is
    // repaired here.
    const bool repaired = row[2].contains("Transfer-Encoding") || row[2].contains("two lengths") ||
                          row[2].contains("two equal") || row[2].contains("inside of a name");
    if (transcript.messages.empty() || input.starts_with("HTTP/1.1 200\r") || other.status < 200 ||
        repaired)
      continue;
    EXPECT_TRUE(other.complete) << row[2] << ": " << other.error;
    EXPECT_EQ(other.body.size(), transcript.body_bytes) << row[2];
    ++compared;
  }
  EXPECT_GT(compared, 15u);
}

class Leak : public testing::TestWithParam<const char*> {};

TEST_P(Leak, OfBeastIsClosed) {
  const std::string input = GetParam();
  EXPECT_EQ(beast_request(input).error, "");
  EXPECT_NE(drive_requests(input, whole()).refused, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Known, Leak,
    testing::Values(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n"
        "Content-Length: 1\r\n\r\nx",
        "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1;a=\"\n\"\r\nx\r\n0\r\n\r\n"));

}  // namespace
}  // namespace ropewalk::http
