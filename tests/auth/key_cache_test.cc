#include "dataplane/filters/auth/key_cache.h"

#include "common/jose/jwk.h"
#include "dataplane/filters/auth/key_store.h"
#include "tests/auth/fakes.h"
#include "tests/jose/keys.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using namespace std::chrono_literals;
using auth_testing::World;
using jose_testing::key_pair;
using jose_testing::key_set;
using State = KeyCache::State;

KeyMap keys(std::initializer_list<std::string> names) {
  KeyMap out;
  for (const std::string& name : names) {
    auto key = std::make_shared<jose::Key>();
    key->kid = name;
    out[name] = key;
  }
  return out;
}

TimePoint at(std::chrono::milliseconds since) { return TimePoint() + 1h + since; }

TEST(KeyCache, KeysLiveAndAreDueShortlyBefore) {
  KeyCache cache({.keep = true, .life = 100s, .cooldown = {}});
  EXPECT_EQ(cache.find("a", at(0s)).state, State::absent);
  cache.put(keys({"a"}), at(0s));
  EXPECT_EQ(cache.find("a", at(89s)).state, State::fresh);
  const auto due = cache.find("a", at(95s));
  EXPECT_EQ(due.state, State::due);
  EXPECT_TRUE(due.key);
  EXPECT_EQ(cache.find("a", at(101s)).state, State::absent);
}

// A set that no longer has a key does not end the life of the one that is kept.
TEST(KeyCache, EveryKeyHasItsOwnTime) {
  KeyCache cache({.keep = true, .life = 100s, .cooldown = {}});
  cache.put(keys({"a", "b"}), at(0s));
  cache.put(keys({"b"}), at(50s));
  EXPECT_TRUE(cache.find("a", at(60s)).key);
  EXPECT_FALSE(cache.find("a", at(120s)).key);
  EXPECT_TRUE(cache.find("b", at(120s)).key);
}

TEST(KeyCache, NothingIsKeptWithoutCache) {
  KeyCache cache({.keep = false, .life = 100s, .cooldown = {}});
  cache.put(keys({"a"}), at(0s));
  EXPECT_EQ(cache.find("a", at(0s)).state, State::absent);
}

TEST(KeyCache, CooldownOfUnknownNames) {
  KeyCache cache({.keep = true, .life = 100s, .cooldown = 2s});
  cache.missed("x", at(0s));
  EXPECT_EQ(cache.find("x", at(1s)).state, State::refused);
  EXPECT_EQ(cache.find("y", at(1s)).state, State::absent);
  EXPECT_EQ(cache.find("x", at(2s)).state, State::absent);
  cache.missed("x", at(3s));
  cache.put(keys({"x"}), at(3s));
  EXPECT_EQ(cache.find("x", at(3s)).state, State::fresh);
}

TEST(KeyCache, StaysBounded) {
  KeyCache cache({.keep = true, .life = 100s, .cooldown = 60s});
  for (int i = 0; i < 30000; ++i) cache.missed(std::to_string(i), at(0s));
  EXPECT_LE(cache.refused(), 10000u);
  for (int i = 0; i < 30000; ++i) cache.put(keys({std::to_string(i)}), at(0s));
  EXPECT_LE(cache.size(), 5000u);
}

TEST(KeysByName, TheLastOfEqualNamesCounts) {
  const auto set = jose::parse_key_set(
      R"({"keys":[{"kty":"oct","kid":"a","k":"AAAA"},{"kty":"oct","kid":"a","k":"AAAB"}]})");
  const KeyMap map = keys_by_name(*set, jose::KeyNaming::kid);
  EXPECT_EQ(map.at("a"), set->at(1));
}

std::shared_ptr<KeyStore> store(bool plain_redirects = true) {
  return std::make_shared<KeyStore>(KeyStoreSettings{.url = "https://login.example/keys",
                                                     .plain_redirects = plain_redirects,
                                                     .cache = {.keep = true, .life = 1h}});
}

TEST(KeyStore, OneFetchForAll) {
  World world;
  const auto keys_of_login = store();
  int told = 0;
  for (int i = 0; i < 3; ++i)
    keys_of_login->fetch(world.services, [&](const FetchedKeys& got) { told += got ? 1 : 100; });
  ASSERT_EQ(world.asked.size(), 1u);
  EXPECT_EQ(world.asked[0].request.url, "https://login.example/keys");
  EXPECT_EQ(told, 0);
  world.answer_json(key_set({key_pair("oct").public_jwk}));
  EXPECT_EQ(told, 3);
  EXPECT_EQ(keys_of_login->find("k1", std::chrono::steady_clock::now()).state, State::fresh);
  keys_of_login->fetch(world.services, {});
  EXPECT_EQ(world.asked.size(), 1u);
}

TEST(KeyStore, AFailureTellsEverybodyAndIsNotKept) {
  World world;
  const auto keys_of_login = store();
  int failed = 0;
  for (int i = 0; i < 2; ++i)
    keys_of_login->fetch(world.services, [&](const FetchedKeys& got) { failed += got ? 0 : 1; });
  world.answer(fail(Kind::connect, "refused"));
  EXPECT_EQ(failed, 2);
  keys_of_login->fetch(world.services, {});
  EXPECT_EQ(world.asked.size(), 1u);
}

TEST(KeyStore, FollowsRedirects) {
  World world;
  bool found = false;
  store()->fetch(world.services,
                 [&](const FetchedKeys& got) { found = got && got->contains("k1"); });
  world.answer(pipeline::FetchAnswer{302, {{"location", "/new"}}, ""});
  ASSERT_EQ(world.asked.size(), 1u);
  EXPECT_EQ(world.asked[0].request.url, "https://login.example/new");
  world.answer_json(key_set({key_pair("oct").public_jwk}), 404);
  EXPECT_TRUE(found);
}

TEST(KeyStore, RedirectsWithoutEnd) {
  World world;
  int told = 0;
  store()->fetch(world.services, [&](const FetchedKeys& got) { told += got ? 100 : 1; });
  for (int i = 0; i < 20 && !world.asked.empty(); ++i)
    world.answer(pipeline::FetchAnswer{302, {{"Location", "/again"}}, ""});
  EXPECT_TRUE(world.asked.empty());
  EXPECT_EQ(told, 1);
}

TEST(RedirectTarget, NeverFromHttpsToHttpUnlessAllowed) {
  EXPECT_EQ(redirect_target("https://a/x", "http://b/y", false), "");
  EXPECT_EQ(redirect_target("https://a/x", "http://b/y", true), "http://b/y");
  EXPECT_EQ(redirect_target("https://a:8443/x?q", "/y", false), "https://a:8443/y");
  EXPECT_EQ(redirect_target("https://a/x", "//b/y", false), "https://b/y");
  EXPECT_EQ(redirect_target("https://a/keys/x", "y", false), "https://a/keys/y");
  EXPECT_EQ(redirect_target("https://a/keys/x", "../y?v=2", false), "https://a/y?v=2");
  EXPECT_EQ(redirect_target("https://a/x", "", false), "");
  EXPECT_EQ(redirect_target("https://a/x", "file:///etc/passwd", true), "");
}

TEST(KeysOf, ContentType) {
  const std::string set = key_set({key_pair("oct").public_jwk});
  const auto usable = [&](const std::string& type) {
    return keys_of({500, {{"content-type", type}}, set}, jose::KeyNaming::kid).has_value();
  };
  EXPECT_TRUE(usable("application/json; charset=utf-8"));
  EXPECT_TRUE(usable("application/jsonish"));
  EXPECT_TRUE(usable("application/jwk-set+json"));
  EXPECT_FALSE(usable("Application/JSON"));
  EXPECT_FALSE(usable("text/plain"));
  EXPECT_FALSE(keys_of({200, {}, set}, jose::KeyNaming::kid));
}

}  // namespace
}  // namespace ropewalk::auth
