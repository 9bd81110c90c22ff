#include "dataplane/proxy/values.h"

#include <gtest/gtest.h>

namespace ropewalk::proxy {
namespace {

TEST(Values, AreWrittenAsGoPrintsThem) {
  const std::pair<const char*, const char*> table[] = {
      {"null", "<nil>"},
      {"true", "true"},
      {"1.50", "1.50"},
      {R"("a b")", "a b"},
      {"[]", ""},
      {R"([1,"x",null,[2,3]])", "1,x,<nil>,[2 3]"},
      {R"({"b":2,"a":{"c":[1,2]}})", "map[a:map[c:[1 2]] b:2]"},
  };
  for (const auto& [text, expected] : table)
    EXPECT_EQ(go_text(*json::parse(text)), expected) << text;
}

TEST(Values, AreFoundThroughObjects) {
  const json::Value data = *json::parse(R"({"a":{"b":{"c":7}},"x.y":1,"list":[1],"name":"root"})");
  EXPECT_EQ(value_text(data, "a.b.c"), "7");
  EXPECT_EQ(value_text(data, "x.y"), "1");
  EXPECT_EQ(value_text(data, "list"), "1");
  for (const char* missing : {"owner.name", "a.name", "list.0", "name.name", "", "a."})
    EXPECT_EQ(value_text(data, missing), std::nullopt) << missing;
}

}  // namespace
}  // namespace ropewalk::proxy
