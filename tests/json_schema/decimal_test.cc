#include "common/json_schema/decimal.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

Decimal decimal(std::string_view text) {
  const auto read = Decimal::read(text);
  EXPECT_TRUE(read) << text;
  return read.value_or(Decimal());
}

TEST(Decimal, OrdersAsNumbersDo) {
  const std::string_view kAscending[] = {"-1e3",
                                         "-999.9",
                                         "-1",
                                         "-0.5",
                                         "-1e-9",
                                         "0",
                                         "1e-10",
                                         "0.001",
                                         "0.01",
                                         "1",
                                         "1.0000000000000000001",
                                         "2",
                                         "10",
                                         "99.9",
                                         "1e2",
                                         "100.5",
                                         "1e300"};
  for (std::size_t i = 0; i < std::size(kAscending); ++i)
    for (std::size_t j = 0; j < std::size(kAscending); ++j)
      EXPECT_EQ(decimal(kAscending[i]) <=> decimal(kAscending[j]), i <=> j)
          << kAscending[i] << " " << kAscending[j];
}

TEST(Decimal, EqualNumbersHaveOneText) {
  const std::string_view kSame[] = {"100", "1e2", "1.00e2", "100.0", "1000e-1", "1E+2"};
  for (const std::string_view text : kSame) {
    EXPECT_EQ(decimal(text), decimal("100")) << text;
    EXPECT_EQ(decimal(text).text(), decimal("100").text()) << text;
    EXPECT_TRUE(decimal(text).is_integer()) << text;
  }
  EXPECT_EQ(decimal("-0.0"), decimal("0"));
  EXPECT_FALSE(decimal("0.1").is_integer());
}

TEST(Decimal, MultiplesAreExact) {
  EXPECT_TRUE(decimal("19.99").multiple_of(decimal("0.01")));
  EXPECT_TRUE(decimal("0.07").multiple_of(decimal("0.01")));
  EXPECT_FALSE(decimal("1.001").multiple_of(decimal("0.01")));
  EXPECT_TRUE(decimal("1e300").multiple_of(decimal("0.3")) ==
              decimal("1e301").multiple_of(decimal("3")));
  EXPECT_TRUE(decimal("0").multiple_of(decimal("7")));
  EXPECT_FALSE(decimal("7").multiple_of(decimal("0")));
}

TEST(Decimal, RefusesWhatWouldCostTooMuch) {
  EXPECT_FALSE(Decimal::read("1e1000000000"));
  EXPECT_FALSE(Decimal::read("1e99999999999999999999"));
  EXPECT_FALSE(Decimal::read("1e-1000000000"));
  EXPECT_FALSE(Decimal::read("0.1e-2147483647"));
  EXPECT_FALSE(Decimal::read(std::string(5000, '9')));
  EXPECT_EQ(decimal("0e1000000000"), decimal("0"));
}

TEST(Decimal, SizesSaturate) {
  EXPECT_EQ(decimal("2.0").as_size(), 2U);
  EXPECT_EQ(decimal("1e3").as_size(), 1000U);
  EXPECT_EQ(decimal("-1").as_size(), 0U);
  EXPECT_EQ(decimal("1e30").as_size(), std::size_t(-1));
}

}  // namespace
}  // namespace ropewalk::json_schema
