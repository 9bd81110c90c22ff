#include "dataplane/filters/auth/key_source.h"

#include "tests/auth/fakes.h"
#include "tests/jose/keys.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using namespace std::chrono_literals;
using auth_testing::World;
using jose_testing::key_pair;
using jose_testing::key_set;
using Found = KeySource::State;

KeySource source(const std::string& urls) {
  const auto settings = Settings::parse("{\"urls\":" + urls + "}");
  auto made = KeySource::make(*settings, {}, jose::KeyNaming::kid,
                              {.keep = true, .life = 1h, .cooldown = 1h});
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

TEST(KeySource, AKeyThatAnotherFetchBroughtIsTaken) {
  World world;
  const KeySource keys = source(R"(["https://login.example/keys"])");
  EXPECT_EQ(keys.find("k1", world.services).state, Found::wait);
  EXPECT_EQ(keys.find("k1", world.services).state, Found::wait);
  KeyPtr first, second;
  keys.fetch("k1", world.services, [&](KeyPtr key) { first = std::move(key); });
  ASSERT_EQ(world.asked.size(), 1u);
  world.answer_json(key_set({key_pair("oct").public_jwk}));
  EXPECT_TRUE(first);
  keys.fetch("k1", world.services, [&](KeyPtr key) { second = std::move(key); });
  EXPECT_EQ(second, first);
  EXPECT_TRUE(world.asked.empty());
}

TEST(KeySource, ServersAreAskedInTurnAndNotAgainForANameTheyRefused) {
  World world;
  const KeySource keys = source(R"(["https://a.example/keys", "https://b.example/keys"])");
  int told = 0;
  const auto count = [&](const KeyPtr& key) { told += key ? 100 : 1; };
  keys.fetch("other", world.services, count);
  for (const std::string host : {"a", "b"}) {
    ASSERT_EQ(world.asked.size(), 1u);
    EXPECT_EQ(world.asked[0].request.url, "https://" + host + ".example/keys");
    world.answer_json(key_set({key_pair("oct").public_jwk}));
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(keys.find("other", world.services).state, Found::none);
  EXPECT_EQ(keys.find("k1", world.services).state, Found::found);
  keys.fetch("other", world.services, count);
  EXPECT_EQ(told, 2);
  EXPECT_TRUE(world.asked.empty());
}

}  // namespace
}  // namespace ropewalk::auth
