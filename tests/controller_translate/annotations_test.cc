#include "controller/translate/annotations.h"

#include "common/files.h"
#include "tests/files/source_dir.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace ropewalk::controller {
namespace {

TEST(Annotations, DocumentationIsGenerated) {
  const std::string path = (source_dir() / "docs/annotations.md").string();
  if (std::getenv("ROPEWALK_UPDATE_GOLDEN")) {
    ASSERT_TRUE(write_file_atomically(path, annotations_markdown(), 0644).has_value());
    return;
  }
  EXPECT_EQ(read_file(path).value_or("docs/annotations.md is missing"), annotations_markdown())
      << "regenerate: ROPEWALK_UPDATE_GOLDEN=1, or ropewalk-controller annotations";
}

TEST(Annotations, KeysAreUnique) {
  std::set<std::string_view> keys;
  for (const AnnotationRow& row : annotation_table()) EXPECT_TRUE(keys.insert(row.key).second);
  EXPECT_EQ(keys.size(), 35U);
}

TEST(Annotations, NearestKey) {
  const std::pair<const char*, const char*> cases[] = {
      {"url_pattern", "url-pattern"},    {"hostname", "hostnames"},
      {"time-out", "timeout"},           {"Endpoint", "endpoint"},
      {"inputheaders", "input-headers"}, {"allow-join-from", "allow-joins-from"}};
  for (const auto& [wrong, right] : cases) {
    ASSERT_NE(nearest_annotation(wrong), nullptr) << wrong;
    EXPECT_EQ(nearest_annotation(wrong)->key, right);
  }
  EXPECT_EQ(nearest_annotation("circuit-breaker"), nullptr);
}

}  // namespace
}  // namespace ropewalk::controller
