#include "dataplane/filters/auth/basic.h"

#include "common/jose/base64.h"
#include "dataplane/filters/auth/password_check.h"
#include "ropewalk/config/v1/config.pb.h"
#include "tests/auth/fakes.h"

#include <crypt.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace ropewalk::auth {
namespace {

using auth_testing::FakePassage;
using auth_testing::World;

std::string hash_of(const std::string& password) {
  crypt_data scratch{};
  return crypt_r(password.c_str(), "$2y$04$abcdefghijklmnopqrstuu", &scratch);
}

TEST(ParseBasic, Forms) {
  const auto good = parse_basic("bAsIc " + jose::base64("ana:s:x"));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->name, "ana");
  EXPECT_EQ(good->password, "s:x");
  for (const std::string& bad :
       {std::string(), std::string("Basic"), std::string("Basic !"),
        "Basic " + jose::base64("nocolon"), "Bearer " + jose::base64("a:b"),
        "Basic " + jose::base64(std::string("a:b\0c", 5))})
    EXPECT_FALSE(parse_basic(bad)) << bad;
}

struct BasicFixture : testing::Test {
  std::optional<unsigned> call(const pipeline::Gate& gate, const std::string& pair) {
    FakePassage passage(world);
    if (!pair.empty()) passage.add("Authorization", "Basic " + jose::base64(pair));
    if (!passage.outcome(gate)) world.run_one();
    if (passage.result == 401u)
      EXPECT_NE(passage.answer_fields.find("Basic realm="), std::string::npos);
    return passage.result;
  }
  World world;
  config::v1::Service service;
  pipeline::StateRegistry states;
};
using Basic = BasicFixture;

TEST_F(Basic, UsersOfServiceAndEndpoint) {
  (*service.mutable_extra_config())["auth/basic"] =
      R"({"users":{"ana":")" + hash_of("old") + R"(","ben":")" + hash_of("b") + "\"}}";
  const std::string own = R"({"users":{"ana":")" + hash_of("new") + "\"}}";
  const auto gate = make_basic({.text = own, .service = &service, .states = &states});
  ASSERT_TRUE(gate) << gate.error().message;
  EXPECT_EQ(call(**gate, "ana:new"), 0u);
  EXPECT_EQ(call(**gate, "ana:new"), 0u);  // remembered
  EXPECT_EQ(call(**gate, "ben:b"), 0u);
  EXPECT_EQ(call(**gate, "ana:old"), 401u);
  EXPECT_EQ(call(**gate, "ana:"), 401u);
  EXPECT_EQ(call(**gate, "eve:new"), 401u);
  EXPECT_EQ(call(**gate, ""), 401u);
}

TEST_F(Basic, ARememberedPasswordIsChecksOwn) {
  const std::string own =
      R"({"users":{"ana":")" + hash_of("x") + R"(","ben":")" + hash_of("y") + "\"}}";
  const auto gate = make_basic({.text = own, .service = &service, .states = &states});
  EXPECT_EQ(call(**gate, "ana:x"), 0u);
  EXPECT_EQ(call(**gate, "ben:x"), 401u);
}

// The one thread of these checks waits in the first until the test lets it go on.
struct PasswordCheckFixture : testing::Test {
  PasswordCheckFixture() {
    std::promise<void> busy;
    check.check(hash, "first", {"192.0.2.1", 1}, [&, this](bool) {
      busy.set_value();
      gone_on.wait();
    });
    busy.get_future().wait();
  }
  bool ask(const std::string& password, const std::string& client) {
    return check.check(hash, password, {client, 1}, [this](bool right) {
      gone_on.wait();
      if (right) ++passed;
    });
  }
  std::promise<void> go_on;
  const std::shared_future<void> gone_on = go_on.get_future().share();
  const std::string hash = hash_of("x");
  std::atomic<int> passed = 0;
  PasswordCheck check;  // its thread ends before what it uses
};
using PasswordCheck_ = PasswordCheckFixture;

TEST_F(PasswordCheck_, OneClientDoesNotTakeThePlacesOfAll) {
  // While there is room everybody may have it.
  for (std::size_t i = 0; i < PasswordCheck::kMostWaiting / 2; ++i)
    EXPECT_TRUE(ask("wrong " + std::to_string(i), i % 2 ? "2001:db8::1" : "2001:db8::ffff:2"));
  EXPECT_FALSE(ask("one more", "2001:db8::3"));
  EXPECT_TRUE(ask("one more", "2001:db8:0:1::3"));
  for (std::size_t i = 0; i < PasswordCheck::kMostOfOneClient; ++i)
    EXPECT_TRUE(ask("another " + std::to_string(i), "198.51.100.1"));
  EXPECT_FALSE(ask("last", "198.51.100.1"));
  go_on.set_value();
}

TEST_F(PasswordCheck_, TheSamePairIsCheckedOnceForAllWhoAsk) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(ask("x", "192.0.2.7"));
  go_on.set_value();
  while (passed < 1000) std::this_thread::yield();
}

TEST_F(Basic, WithoutUsersItIsRefused) {
  EXPECT_FALSE(make_basic({.text = R"({"users":{}})", .service = &service, .states = &states}));
}

}  // namespace
}  // namespace ropewalk::auth
