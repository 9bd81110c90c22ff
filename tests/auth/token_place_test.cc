#include "dataplane/filters/auth/token_place.h"

#include "dataplane/pipeline/message.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using State = TokenText::State;

struct Case {
  std::vector<std::pair<const char*, const char*>> fields;
  State state;
  const char* text;
};

TEST(FindToken, HeaderThenCookie) {
  const std::vector<Case> cases = {
      {{}, State::absent, ""},
      {{{"Authorization", "Bearer abc"}}, State::found, "abc"},
      {{{"authorization", "bEARER abc"}}, State::found, "abc"},
      {{{"Authorization", "abc"}}, State::found, "abc"},
      {{{"Authorization", "Bearer"}}, State::found, "Bearer"},
      {{{"Authorization", "Basic x"}, {"Cookie", "access_token=c"}}, State::found, "Basic x"},
      {{{"Authorization", ""}, {"Cookie", "access_token=c"}}, State::found, "c"},
      {{{"Cookie", "theme=dark; access_token=c; lang=es"}}, State::found, "c"},
      {{{"Cookie", "access_token=\"c\""}}, State::found, "c"},
      {{{"Cookie", "Access_Token=c"}}, State::absent, ""},
      {{{"Cookie", "access_token=a; access_token=b"}}, State::found, "a"},
      {{{"Cookie", "access_token=a"}, {"Cookie", "access_token=b"}}, State::found, "a"},
      {{{"Cookie", "access_token=a\\b; access_token=c"}}, State::found, "c"},
      {{{"Cookie", "access_token="}}, State::found, ""},
      {{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}, State::ambiguous, ""},
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
  EXPECT_EQ(find_token(fields, {.header = "X-None", .cookie = "s"}).state, State::absent);
}

}  // namespace
}  // namespace ropewalk::auth
