// The table of connections (requests.txt): verdicts, and the same verdict however the bytes arrive.
#include "tests/files/source_dir.h"
#include "tests/http/drive.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

std::string verdict(const Transcript& transcript) {
  const std::string messages = std::to_string(transcript.messages.size());
  if (transcript.refused)
    return (transcript.messages.empty() ? "" : messages + "+") + std::to_string(transcript.refused);
  if (transcript.partial) return "wait";
  return messages + "/" + std::to_string(transcript.body_bytes);
}

const std::vector<std::vector<std::string>>& table() {
  static const auto cases = read_table((source_dir() / "tests/http/requests.txt").string(), 3);
  return cases;
}

TEST(RequestCases, AreMany) { EXPECT_GE(table().size(), 250u); }

TEST(RequestCases, GetTheirVerdict) {
  for (const auto& row : table()) {
    const std::string input = unescape(row[2]);
    EXPECT_EQ(verdict(drive_requests(input, whole())), row[0]) << row[1];
  }
}

TEST(RequestCases, AreJudgedAlikeHoweverTheBytesArrive) {
  for (const auto& row : table()) {
    const std::string input = unescape(row[2]);
    const Transcript expected = drive_requests(input, whole());
    EXPECT_EQ(drive_requests(input, every(1, false)), expected) << row[1];
    EXPECT_EQ(drive_requests(input, every(1, true)), expected) << row[1];
    EXPECT_EQ(drive_requests(input, every(7, true)), expected) << row[1];
    for (unsigned seed = 1; seed <= 4; ++seed)
      EXPECT_EQ(drive_requests(input, random_pieces(seed)), expected) << row[1];
  }
}

// A verdict that waits for more must not turn a refusal into a wait: every beginning of an accepted
// connection is accepted so far.
TEST(RequestCases, BeginningsOfGoodConnectionsAreNotRefused) {
  for (const auto& row : table()) {
    const std::string input = unescape(row[2]);
    if (drive_requests(input, whole()).refused) continue;
    for (std::size_t size = 0; size < input.size(); ++size)
      EXPECT_EQ(drive_requests(std::string_view(input).substr(0, size), whole()).refused, 0u)
          << row[1] << " at " << size;
  }
}

}  // namespace
}  // namespace ropewalk::http
