#include "dataplane/http/reader.h"

#include "tests/http/drive.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

RequestHead read(RequestReader& reader, std::string_view input) {
  const HeadStep step = reader.read_head(input);
  EXPECT_EQ(step.step, Step::done) << reader.refusal().text;
  return reader.head();
}

TEST(RequestReader, FillsTheHead) {
  RequestReader reader({});
  const std::string_view input =
      "PUT /a/b%20c?x=1&y=%zz HTTP/1.1\r\nHost: shop.example:8080\r\nX-Odd:  v \t\r\n"
      "Content-Length: 12\r\nExpect: 100-continue\r\n\r\nrest";
  const RequestHead head = read(reader, input);
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.method_id, Method::put);
  EXPECT_EQ(head.target, "/a/b%20c?x=1&y=%zz");
  EXPECT_EQ(head.path, "/a/b%20c");
  EXPECT_EQ(head.query, "x=1&y=%zz");
  EXPECT_EQ(head.host, "shop.example:8080");
  EXPECT_EQ(head.version, 11u);
  EXPECT_EQ(head.body, BodyKind::length);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expect_continue);
  ASSERT_EQ(head.fields.size(), 4u);
  EXPECT_EQ(head.fields.begin()[1].name, "X-Odd");
  EXPECT_EQ(head.fields.begin()[1].value, "v");
  EXPECT_EQ(head.fields.value(FieldId::content_length), "12");
  EXPECT_EQ(reader.read_head(input).consumed, input.size() - 4);
}

struct TargetCase {
  const char* target;
  const char* reduced;
  const char* path;
  const char* query;
  const char* host;
};

class Targets : public testing::TestWithParam<TargetCase> {};

TEST_P(Targets, AreReducedToOriginForm) {
  const std::string input =
      "OPTIONS " + std::string(GetParam().target) + " HTTP/1.1\r\nHost: own.example\r\n\r\n";
  RequestReader reader({});
  const RequestHead head = read(reader, input);
  EXPECT_EQ(head.target, GetParam().reduced);
  EXPECT_EQ(head.path, GetParam().path);
  EXPECT_EQ(head.query, GetParam().query);
  EXPECT_EQ(head.host, GetParam().host);
  // Whoever looks at the field sees the host that was routed by.
  EXPECT_EQ(head.fields.value(FieldId::host), GetParam().host);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Targets,
    testing::Values(TargetCase{"/a?b", "/a?b", "/a", "b", "own.example"},
                    TargetCase{"/a?", "/a?", "/a", "", "own.example"},
                    TargetCase{"/?a?b", "/?a?b", "/", "a?b", "own.example"},
                    TargetCase{"//host/x", "//host/x", "//host/x", "", "own.example"},
                    TargetCase{"*", "*", "*", "", "own.example"},
                    TargetCase{"http://other.example/a?b", "/a?b", "/a", "b", "other.example"},
                    TargetCase{"https://o:99", "/", "/", "", "o:99"},
                    TargetCase{"http://o?b=/c", "/?b=/c", "/", "b=/c", "o"},
                    TargetCase{"http://[::1]:80/x", "/x", "/x", "", "[::1]:80"}));

TEST(RequestReader, ChunksOverrideALengthWhichIsGoneThen) {
  RequestReader reader({});
  const RequestHead head = read(reader,
                                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(head.body, BodyKind::chunked);
  EXPECT_EQ(head.fields.find(FieldId::content_length), nullptr);
  EXPECT_FALSE(head.keep_alive);
}

TEST(RequestReader, ExpectsNothingWithoutABodyOrInHttp10) {
  RequestReader reader({});
  EXPECT_FALSE(
      read(reader, "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").expect_continue);
  reader.reset({});
  EXPECT_FALSE(read(reader, "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
                   .expect_continue);
}

TEST(RequestReader, IsAsNewAfterReset) {
  RequestReader reader({});
  EXPECT_EQ(reader.read_head("GET / HTTP/3.0\r\n").step, Step::refused);
  EXPECT_EQ(reader.read_head("GET / HTTP/1.1\r\nHost: a\r\n\r\n").step, Step::refused);
  reader.reset({});
  const RequestHead head = read(reader, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.fields.size(), 1u);
  EXPECT_EQ(head.query, "");
}

TEST(RequestReader, KeepsItsMemoryOverMessages) {
  RequestReader reader({});
  const std::string input = "GET /x HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n";
  read(reader, input);
  ASSERT_EQ(reader.read_head(input).step, Step::done);
  const Field* first = &*reader.head().fields.begin();
  for (int i = 0; i < 3; ++i) {
    reader.reset({});
    ASSERT_EQ(reader.read_head(input).step, Step::done);
    EXPECT_EQ(&*reader.head().fields.begin(), first);
  }
}

// The request line counts, and the blank line; the last byte allowed is still taken.
TEST(RequestReader, LimitsTheBytesOfAHead) {
  const std::string input = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100, 'x') + "\r\n\r\n";
  for (std::size_t limit : {input.size() - 1, input.size()}) {
    const Transcript transcript = drive_requests(input, whole(), {.max_head_bytes = limit});
    EXPECT_EQ(transcript.refused, limit < input.size() ? 431u : 0u);
    EXPECT_EQ(drive_requests(input, every(1, false), {.max_head_bytes = limit}), transcript);
    EXPECT_EQ(drive_requests(input, every(1, true), {.max_head_bytes = limit}), transcript);
  }
  EXPECT_EQ(drive_requests(std::string(65, 'G'), whole(), {.max_head_bytes = 64}).refused, 431u);
  EXPECT_EQ(drive_requests("GET / HTTP/1.1\r\nHost: a\r\nX\x01" + std::string(100, 'x'), whole(),
                           {.max_head_bytes = 64})
                .refused,
            400u);
}

TEST(RequestReader, TheLimitHoldsForEachHeadOfAConnection) {
  const std::string input = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const Transcript transcript =
      drive_requests(input + input + input, whole(), {.max_head_bytes = input.size()});
  EXPECT_EQ(transcript.refused, 0u);
  EXPECT_EQ(transcript.messages.size(), 3u);
}

TEST(RequestReader, LimitsTheFields) {
  const std::string input = "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n";
  EXPECT_EQ(drive_requests(input, whole(), {.max_fields = 3}).refused, 0u);
  EXPECT_EQ(drive_requests(input, whole(), {.max_fields = 2}).refused, 431u);
}

TEST(RequestReader, LimitsTheBody) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string counted = head + "Content-Length: 6\r\n\r\nabcdef";
  const std::string chunked =
      head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
  for (const std::string& input : {counted, chunked}) {
    EXPECT_EQ(drive_requests(input, whole(), {.max_body_bytes = 6}).refused, 0u);
    EXPECT_EQ(drive_requests(input, whole(), {.max_body_bytes = 5}).refused, 413u);
    EXPECT_EQ(drive_requests(input, every(1, true), {.max_body_bytes = 5}).refused, 413u);
  }
}

TEST(RequestReader, ABodyTooLongIsRefusedBeforeItsFirstByte) {
  RequestReader reader({.max_body_bytes = 5});
  read(reader, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n");
  EXPECT_EQ(reader.read_body("").step, Step::refused);
  EXPECT_EQ(reader.refusal().status, 413u);
  EXPECT_EQ(reader.refusal().kind, Kind::too_large);
}

TEST(RequestReader, TheRouteMayKnowAnotherLimit) {
  RequestReader reader({.max_body_bytes = 5});
  read(reader, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n");
  reader.set_max_body(6);
  const BodyStep step = reader.read_body("abcdefGET");
  EXPECT_EQ(step.step, Step::done);
  EXPECT_EQ(step.consumed, 6u);
  EXPECT_EQ(step.data, "abcdef");
}

// Framing between two pieces of data is eaten on the way, so a chunk costs one call.
TEST(RequestReader, HandsOutOneChunkACall) {
  RequestReader reader({});
  read(reader, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string_view input = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET";
  BodyStep step = reader.read_body(input);
  EXPECT_EQ(step.data, "abc");
  EXPECT_EQ(step.step, Step::need_more);
  input.remove_prefix(step.consumed);
  step = reader.read_body(input);
  EXPECT_EQ(step.data, "de");
  EXPECT_EQ(step.step, Step::done);
  EXPECT_EQ(input.substr(step.consumed), "GET");
}

TEST(RequestReader, BoundsExtensionsAndTrailers) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto refused = [&](const std::string& body) {
    const Transcript transcript = drive_requests(head + body, whole());
    EXPECT_EQ(drive_requests(head + body, every(3, false)), transcript);
    return transcript.refused;
  };
  EXPECT_EQ(refused("1;" + std::string(1000, 'x') + "\r\na\r\n0\r\n\r\n"), 0u);
  EXPECT_EQ(refused("1;" + std::string(1100, 'x') + "\r\na\r\n0\r\n\r\n"), 400u);
  std::string chunks;
  for (int i = 0; i < 20; ++i) chunks += "1;" + std::string(1000, 'x') + "\r\na\r\n";
  EXPECT_EQ(refused(chunks + "0\r\n\r\n"), 400u);
  EXPECT_EQ(refused("0\r\nX: " + std::string(17000, 'x') + "\r\n\r\n"), 400u);
  std::string trailers;
  for (int i = 0; i < 65; ++i) trailers += "X: y\r\n";
  EXPECT_EQ(refused("0\r\n" + trailers + "\r\n"), 400u);
  EXPECT_EQ(refused("0\r\n" + trailers.substr(6) + "\r\n"), 0u);
}

}  // namespace
}  // namespace ropewalk::http
