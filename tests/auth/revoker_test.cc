#include "dataplane/filters/auth/revoker.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using namespace std::chrono_literals;

RotatingFilter::TimePoint moment(std::chrono::seconds since) {
  return RotatingFilter::TimePoint() + 1h + since;
}

TEST(RotatingFilter, FindsAndForgets) {
  RotatingFilter filter({.elements = 1000, .false_positives = 0.0001, .ttl = 10s}, moment(0s));
  filter.add("jti-1", moment(1s));
  EXPECT_TRUE(filter.contains("jti-1", moment(1s)));
  EXPECT_FALSE(filter.contains("jti-2", moment(1s)));
  EXPECT_TRUE(filter.contains("jti-1", moment(11s)));  // one TTL at least
  EXPECT_FALSE(filter.contains("jti-1", moment(21s)));
  filter.add("jti-3", moment(22s));
  EXPECT_FALSE(filter.contains("jti-3", moment(500s)));
}

TEST(RotatingFilter, FalsePositivesStayRare) {
  RotatingFilter filter({.elements = 10000, .false_positives = 0.01, .ttl = 10s}, moment(0s));
  for (int i = 0; i < 10000; ++i) filter.add("in" + std::to_string(i), moment(0s));
  int wrong = 0;
  for (int i = 0; i < 10000; ++i) {
    EXPECT_TRUE(filter.contains("in" + std::to_string(i), moment(0s)));
    wrong += filter.contains("out" + std::to_string(i), moment(0s)) ? 1 : 0;
  }
  EXPECT_LT(wrong, 200);
  EXPECT_EQ(filter.hashes(), 7u);
}

TEST(RotatingFilter, WithRateOneEverythingIsFound) {
  RotatingFilter filter({.elements = 10, .false_positives = 1, .ttl = 10s}, moment(0s));
  EXPECT_TRUE(filter.contains("anything", moment(0s)));
}

TEST(Revoker, LooksAtTextClaimsOfTheFirstLevel) {
  const RotatingFilter::Shape shape{.elements = 10, .false_positives = 1, .ttl = 60s};
  const Revoker revoker({"jti", "device", "a.b"}, std::make_shared<Revocations>(shape), nullptr);
  const std::pair<const char*, bool> cases[] = {
      {R"({"jti":"t-1"})", true},    {R"({"device":""})", true},     {R"({"a.b":"x"})", true},
      {R"({"device":9})", false},    {R"({"device":["d"]})", false}, {R"({"device":null})", false},
      {R"({"a":{"b":"x"}})", false}, {R"({"sub":"x"})", false},      {"{}", false},
  };
  for (const auto& [claims, refused] : cases)
    EXPECT_EQ(revoker.refuses(*json::parse(claims)), refused) << claims;
}

}  // namespace
}  // namespace ropewalk::auth
