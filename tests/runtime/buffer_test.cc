#include "dataplane/runtime/buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace ropewalk::runtime {
namespace {

TEST(Buffer, PassKeepsBytesInPlaceAndReserveMovesOnlyWhenItMust) {
  Buffer buffer(16);
  buffer.append("headbody");
  const std::string_view head = buffer.unread().substr(0, 4);
  buffer.pass(4);
  EXPECT_EQ(buffer.unread(), "body");
  EXPECT_EQ(head, "head");
  buffer.reserve(8);  // fits behind
  EXPECT_EQ(head.data() + 4, buffer.unread().data());
  buffer.reserve(12);  // fits after moving the unread bytes to the front
  EXPECT_EQ(buffer.unread(), "body");
  EXPECT_EQ(buffer.capacity(), 16u);
}

TEST(Buffer, GrowsAndKeepsReadablePadding) {
  Buffer buffer;
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += std::to_string(i) + ",";
    buffer.append(std::to_string(i) + ",");
  }
  EXPECT_EQ(buffer.unread(), all);
  char sum = 0;
  for (std::size_t i = 0; i < Buffer::kPadding; ++i)
    sum = static_cast<char>(sum | buffer.unread().data()[buffer.capacity() + i]);
  EXPECT_EQ(sum, 0);
}

TEST(Buffer, ReleaseKeepsWhatIsNotLarge) {
  Buffer buffer;
  buffer.append("12345678");
  buffer.reserve(92);
  buffer.release(100);
  EXPECT_EQ(buffer.capacity(), 100u);
  EXPECT_TRUE(buffer.empty());
  buffer.append("12345678");
  buffer.release(99);
  EXPECT_EQ(buffer.capacity(), 0u);
  buffer.append("again");
  EXPECT_EQ(buffer.unread(), "again");
}

TEST(Buffer, ConsumeToTheEndStartsAnew) {
  Buffer buffer(8);
  buffer.append("12345678");
  buffer.consume(8);
  EXPECT_EQ(buffer.room(), 8u);
}

}  // namespace
}  // namespace ropewalk::runtime
