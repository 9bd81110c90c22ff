#include "common/strings.h"

#include <gtest/gtest.h>

namespace ropewalk {
namespace {

TEST(Strings, NearestFindsTheTypoAndNothingElse) {
  EXPECT_EQ(nearest("url_patern", {"method", "url_pattern", "host"}), "url_pattern");
  EXPECT_EQ(nearest("Endpoint", {"endpoints", "endpoint"}), "endpoint");
  EXPECT_EQ(nearest("prot", {"host", "port"}), "port");
  EXPECT_EQ(nearest("tiemout", {"method", "timeout"}), "timeout");
  EXPECT_EQ(nearest("zzz", {"method", "host"}), "");
  const std::string longest(128, 'a');
  EXPECT_EQ(nearest(longest, {longest}), longest);
  EXPECT_EQ(nearest(longest + "a", {longest}), "");
  EXPECT_EQ(nearest(longest, {longest + "a"}), "");
  EXPECT_EQ(nearest("host", std::vector<std::string_view>(400, "hosts")), "hosts");
  EXPECT_EQ(nearest("host", std::vector<std::string_view>(401, "hosts")), "");
}

TEST(Strings, SplitKeepsEmptyPieces) {
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
}

TEST(Strings, JoinPutsTheSeparatorBetween) {
  EXPECT_EQ(join({"a", "", "c"}, "."), "a..c");
  EXPECT_EQ(join({"", "b"}, "."), ".b");
  EXPECT_EQ(join({}, "."), "");
}

TEST(Strings, Sha256) {
  EXPECT_EQ(sha256_hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2 B.1
}

TEST(Strings, TrimAndCase) {
  EXPECT_EQ(trim(" \ta b "), "a b");
  EXPECT_EQ(trim("   "), "");
  EXPECT_TRUE(iequals("Content-Type", "content-typE"));
  EXPECT_FALSE(iequals("a", "ab"));
}

}  // namespace
}  // namespace ropewalk
