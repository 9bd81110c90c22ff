#include "dataplane/filters/auth/token_place.h"

#include "dataplane/pipeline/message.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using Where = TokenText::State;

struct Case {
  std::vector<std::pair<const char*, const char*>> fields;
  Where state;
  const char* text;
};

TEST(FindToken, HeaderThenCookie) {
  const std::vector<Case> cases = {
      {{}, Where::absent, ""},
      {{{"Authorization", "Bearer abc"}}, Where::found, "abc"},
      {{{"authorization", "bEARER abc"}}, Where::found, "abc"},
      {{{"Authorization", "abc"}}, Where::found, "abc"},
      {{{"Authorization", "Bearer"}}, Where::found, "Bearer"},
      {{{"Authorization", "Basic x"}, {"Cookie", "access_token=c"}}, Where::found, "Basic x"},
      {{{"Authorization", ""}, {"Cookie", "access_token=c"}}, Where::found, "c"},
      {{{"Cookie", "theme=dark; access_token=c; lang=es"}}, Where::found, "c"},
      {{{"Cookie", "access_token=\"c\""}}, Where::found, "c"},
      {{{"Cookie", "Access_Token=c"}}, Where::absent, ""},
      {{{"Cookie", "access_token=a; access_token=b"}}, Where::found, "a"},
      {{{"Cookie", "access_token=a"}, {"Cookie", "access_token=b"}}, Where::found, "a"},
      {{{"Cookie", "access_token=a\\b; access_token=c"}}, Where::found, "c"},
      {{{"Cookie", "access_token="}}, Where::found, ""},
      {{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}, Where::ambiguous, ""},
  };
  for (const Case& each : cases) {
    http::Fields fields;
    std::string shown;
    for (const auto& [name, value] : each.fields) {
      fields.add(name, value, http::field_id(name));
      shown += std::string(name) + ": " + value + "\n";
    }
    const TokenText found = find_token(fields, {});
    EXPECT_EQ(found.state, each.state) << shown;
    EXPECT_EQ(found.text, each.text) << shown;
  }
}

TEST(FindToken, OtherNames) {
  http::Fields fields;
  for (const auto& [name, value] : {std::pair{"Authorization", "Bearer a"},
                                    {"X-Shop-Token", "Bearer b"},
                                    {"Cookie", "access_token=c"}})
    fields.add(name, value, http::field_id(name));
  EXPECT_EQ(find_token(fields, {.header = "x-shop-token", .cookie = "s"}).text, "b");
  EXPECT_EQ(find_token(fields, {.header = "X-None", .cookie = "s"}).state, Where::absent);
}

}  // namespace
}  // namespace ropewalk::auth
