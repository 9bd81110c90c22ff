#include "tests/files/source_dir.h"
#include "tests/http/drive.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

struct ResponseRow {
  std::string expected;
  Method method;
  std::string name;
  std::string input;
  bool eof;
};

std::vector<ResponseRow> response_table() {
  std::vector<ResponseRow> rows;
  for (const auto& row : read_table((source_dir() / "tests/http/responses.txt").string(), 4)) {
    const bool eof = row[0].starts_with("eof ");
    rows.push_back(
        {eof ? row[0].substr(4) : row[0], method_id(row[1]), row[2], unescape(row[3]), eof});
  }
  return rows;
}

std::string response_verdict(const Transcript& transcript) {
  if (transcript.refused) return std::to_string(transcript.refused);
  if (transcript.partial) return "wait";
  return transcript.messages.front().substr(3, 3) + "/" + std::to_string(transcript.body_bytes);
}

TEST(ResponseCases, GetTheirVerdict) {
  const std::vector<ResponseRow> rows = response_table();
  EXPECT_GE(rows.size(), 70u);
  for (const ResponseRow& row : rows)
    EXPECT_EQ(response_verdict(drive_response(row.input, whole(), row.method, row.eof)),
              row.expected)
        << row.name;
}

TEST(ResponseCases, AreJudgedAlikeHoweverTheBytesArrive) {
  for (const ResponseRow& row : response_table()) {
    const Transcript expected = drive_response(row.input, whole(), row.method, row.eof);
    EXPECT_EQ(drive_response(row.input, every(1, false), row.method, row.eof), expected)
        << row.name;
    EXPECT_EQ(drive_response(row.input, every(1, true), row.method, row.eof), expected) << row.name;
    EXPECT_EQ(drive_response(row.input, random_pieces(3), row.method, row.eof), expected)
        << row.name;
  }
}

TEST(ResponseReader, FillsTheHeadOfTheFinalAnswer) {
  ResponseReader reader({});
  const std::string_view input =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Type: a/b\r\nContent-Length: 3\r\nConnection: "
      "close\r\n\r\nabc";
  const HeadStep step = reader.read_head(input);
  ASSERT_EQ(step.step, Step::done);
  EXPECT_EQ(step.consumed, input.size() - 3);
  const ResponseHead& head = reader.head();
  EXPECT_EQ(head.status, 201u);
  EXPECT_EQ(head.reason, "Created");
  EXPECT_EQ(head.version, 11u);
  EXPECT_EQ(head.body, BodyKind::length);
  EXPECT_EQ(head.content_length, 3u);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(head.fields.size(), 3u);
  EXPECT_EQ(head.fields.value(FieldId::content_type), "a/b");
}

struct KeepAlive {
  const char* head;
  bool expected;
};

class Lives : public testing::TestWithParam<KeepAlive> {};

TEST_P(Lives, OnWhenBothSidesKnowWhereTheAnswerEnds) {
  ResponseReader reader({});
  ASSERT_EQ(reader.read_head(GetParam().head).step, Step::done);
  EXPECT_EQ(reader.head().keep_alive, GetParam().expected) << GetParam().head;
}

INSTANTIATE_TEST_SUITE_P(
    Connections, Lives,
    testing::Values(
        KeepAlive{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        KeepAlive{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true},
        KeepAlive{"HTTP/1.1 204 No\r\n\r\n", true}, KeepAlive{"HTTP/1.1 200 OK\r\n\r\n", false},
        KeepAlive{"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", false},
        KeepAlive{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        KeepAlive{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
        KeepAlive{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", false}));

TEST(ResponseReader, LimitsHeadsFieldsAndBodies) {
  const std::string head = "HTTP/1.1 200 OK\r\nX: 1\r\nX: 2\r\n";
  const std::string counted = head + "Content-Length: 6\r\n\r\nabcdef";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n";
  const std::string closing = head + "\r\nabcdef";
  for (const std::string& input : {counted, chunked, closing}) {
    const auto refused = [&](const ReaderLimits& limits) {
      const Transcript once = drive_response(input, whole(), Method::get, true, limits);
      EXPECT_EQ(drive_response(input, every(1, true), Method::get, true, limits), once);
      return once.text;
    };
    EXPECT_EQ(refused({.max_body_bytes = 6}), "");
    EXPECT_EQ(refused({.max_body_bytes = 5}), "body over the limit");
    EXPECT_EQ(refused({.max_head_bytes = 20}), "head over the limit");
    EXPECT_EQ(refused({.max_fields = 1}), "too many header fields");
  }
}

TEST(ResponseReader, TellsABodyTooLargeFromABrokenPeer) {
  ResponseReader reader({.max_body_bytes = 2});
  ASSERT_EQ(reader.read_head("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n").step, Step::done);
  EXPECT_EQ(reader.read_body("").step, Step::refused);
  EXPECT_EQ(reader.refusal().kind, Kind::too_large);
  reader.reset({}, Method::get);
  ASSERT_EQ(reader.read_head("HTTP/1.1 2\r\n").step, Step::refused);
  EXPECT_EQ(reader.refusal().kind, Kind::protocol);
  EXPECT_EQ(reader.refusal().status, 502u);
}

TEST(ResponseReader, IsAsNewAfterReset) {
  ResponseReader reader({});
  reader.reset({}, Method::head);
  ASSERT_EQ(reader.read_head("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n").step, Step::done);
  EXPECT_EQ(reader.head().body, BodyKind::none);
  EXPECT_EQ(reader.head().content_length, 6u);
  reader.reset({}, Method::get);
  ASSERT_EQ(reader.read_head("HTTP/1.1 200 OK\r\n\r\n").step, Step::done);
  EXPECT_EQ(reader.head().body, BodyKind::until_close);
  EXPECT_EQ(reader.at_eof(), Step::done);
}

}  // namespace
}  // namespace ropewalk::http
