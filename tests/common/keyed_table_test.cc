// Tables and parsers whose keys strangers choose.
#include "common/keyed_table.h"

#include "common/json/value.h"
#include "tests/common/colliding_keys.h"

#include <gtest/gtest.h>

#include <set>

namespace ropewalk {
namespace {

// Quadratic, this many keys take tens of seconds; linear, some hundredths.
constexpr std::size_t kMany = 60'000;
constexpr double kGenerous = 6;

TEST(KeyedTable, KeysThatCollideElsewhereDoNot) {
  const auto keys = hostile::colliding_keys(1000);
  std::set<std::size_t> usual;
  std::set<std::size_t> keyed;
  for (const std::string& key : keys) {
    usual.insert(std::hash<std::string>()(key));
    keyed.insert(KeyedHash()(key));
  }
  EXPECT_EQ(usual.size(), 1U) << "the keys are no test of anything";
  EXPECT_EQ(keyed.size(), keys.size());
}

TEST(KeyedTable, FindsAView) {
  KeyedMap<int> table{{"a", 1}};
  EXPECT_EQ(table.find(std::string_view("a"))->second, 1);
  EXPECT_TRUE(KeyedSet<>{"a"}.contains(std::string_view("a")));
}

TEST(KeyedTable, MembersOfADocumentCannotCollide) {
  std::string text = "{";
  for (const std::string& key : hostile::colliding_keys(kMany)) {
    if (text.size() > 1) text += ',';
    json::write_string(text, key);
    text += ":1";
  }
  text += '}';
  const double seconds = hostile::seconds_of([&] {
    const auto document = json::parse(text);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->members().size(), kMany);
  });
  EXPECT_LT(seconds, kGenerous);
}

}  // namespace
}  // namespace ropewalk
