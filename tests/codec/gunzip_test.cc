#include "dataplane/codec/gunzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace ropewalk::codec {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Gunzip, DecodesInPiecesAndSeveralMembers) {
  const std::string packed = gzip("hello, ") + gzip("world");
  for (std::size_t piece = 1; piece <= packed.size(); ++piece) {
    Gunzip gunzip({});
    std::string out;
    for (std::size_t at = 0; at < packed.size(); at += piece)
      ASSERT_TRUE(gunzip.feed(std::string_view(packed).substr(at, piece), out));
    EXPECT_TRUE(gunzip.finish());
    EXPECT_EQ(out, "hello, world");
  }
}

TEST(Gunzip, RefusesWhatIsCutOrBroken) {
  const std::string packed = gzip("some text that is long enough to be cut");
  std::string out;
  Gunzip cut({});
  ASSERT_TRUE(cut.feed(packed.substr(0, packed.size() - 3), out));
  EXPECT_EQ(cut.finish().error().kind, Kind::decode);

  Gunzip plain({});
  EXPECT_EQ(plain.feed("{\"a\":1}", out).error().kind, Kind::decode);

  std::string damaged = packed;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  Gunzip checksum({});
  EXPECT_FALSE(checksum.feed(damaged, out) && checksum.finish());
}

TEST(Gunzip, StopsBombsByRatioAndSize) {
  const std::string bomb = gzip(std::string(10 << 20, 'a'));
  std::string out;
  Gunzip ratio({64 << 20, 100});
  EXPECT_EQ(ratio.feed(bomb, out).error().kind, Kind::too_large);
  EXPECT_LT(out.size(), 2u << 20);
  out.clear();
  Gunzip size({1 << 20, 1'000'000});
  EXPECT_EQ(size.feed(bomb, out).error().kind, Kind::too_large);
  EXPECT_LT(out.size(), 2u << 20);
}

}  // namespace
}  // namespace ropewalk::codec
