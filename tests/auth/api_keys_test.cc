#include "dataplane/filters/auth/api_keys.h"

#include "ropewalk/config/v1/config.pb.h"
#include "tests/auth/fakes.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using auth_testing::FakePassage;
using auth_testing::World;

TEST(StoredForm, HashesOfSaltAndKey) {
  EXPECT_EQ(stored_form("plain", "salt", "key"), "key");
  EXPECT_EQ(stored_form("sha256", "", "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(stored_form("sha1", "a", "bc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  // FNV-1 with 128 bits of "" and "a" (draft-eastlake-fnv).
  EXPECT_EQ(stored_form("fnv128", "", ""), "6c62272e07bb014262b821756295c58d");
  EXPECT_EQ(stored_form("fnv128", "", "a"), "d228cb69101a8caf78912b704e4a141e");
}

TEST(QueryValue, Decoded) {
  EXPECT_EQ(query_value("a=1&key=a%2Bb+c&key=2", "key"), "a+b c");
  EXPECT_EQ(query_value("k%65y=x", "key"), "x");
  EXPECT_EQ(query_value("key", "key"), "");
  EXPECT_EQ(query_value("key=%zz", "key"), std::nullopt);
  EXPECT_EQ(query_value("", "key"), std::nullopt);
}

struct ApiKeysFixture : testing::Test {
  std::shared_ptr<const pipeline::Gate> make(std::string service_text, std::string own) {
    (*service.mutable_extra_config())["auth/api-keys"] = std::move(service_text);
    text = std::move(own);
    auto made = make_api_keys({.text = text, .id = "e", .service = &service});
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(nullptr);
  }
  World world;
  config::v1::Service service;
  std::string text;
};
using ApiKeys = ApiKeysFixture;

constexpr const char* kService =
    R"({"keys":[{"key":"k-a","roles":["user","A"]},{"key":"k-b","roles":["B"]}],"name":"Authorization","hash":"plain","propagate_role":"X-Role"})";

TEST_F(ApiKeys, RolesDecide) {
  const auto gate = make(kService, R"({"roles":["A","C"]})");
  const auto call = [&](std::string_view value) {
    FakePassage passage(world);
    if (!value.empty()) passage.add("authorization", value);
    passage.add("x-role", "forged");
    const auto out = passage.outcome(*gate);
    if (out == 0u) EXPECT_EQ(passage.values("X-Role"), std::vector<std::string>{"A"});
    return out;
  };
  EXPECT_EQ(call("Bearer k-a"), 0u);
  EXPECT_EQ(call("k-a"), 0u);
  EXPECT_EQ(call("Bearer k-b"), 401u);
  EXPECT_EQ(call("Bearer k-c"), 401u);
  EXPECT_EQ(call(""), 401u);
}

TEST_F(ApiKeys, InTheQueryHashedAndLimited) {
  const auto gate = make(
      R"({"keys":[{"key":"BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","roles":["A"]}],"in_query":true,"name":"key","hash":"sha256","salt":"a"})",
      R"({"roles":["A"],"rate":2})");
  std::vector<unsigned> outcomes;
  for (const char* query : {"key=bc", "x=1&key=bc", "key=bc", "key=abc", ""}) {
    FakePassage passage(world);
    passage.head->query = query;
    outcomes.push_back(passage.outcome(*gate).value());
  }
  EXPECT_EQ(outcomes, (std::vector<unsigned>{0, 0, 429, 401, 401}));
}

TEST_F(ApiKeys, WhatAKeyHasLeftOutlivesAChangeOfOtherThings) {
  pipeline::StateRegistry states;
  (*service.mutable_extra_config())["auth/api-keys"] = kService;
  std::vector<unsigned> outcomes;
  std::shared_ptr<const pipeline::Gate> gate;
  for (const char* own : {R"({"roles":[],"rate":1})", R"({"roles":[],"rate":1,"name":"X-Key"})",
                          R"({"roles":[],"rate":2,"name":"X-Key"})"}) {
    gate =
        *make_api_keys({.text = own, .id = "endpoint/x", .service = &service, .states = &states});
    FakePassage passage(world);
    passage.add("Authorization", "Bearer k-b");
    passage.add("X-Key", "k-b");
    outcomes.push_back(passage.outcome(*gate).value());
  }
  EXPECT_EQ(outcomes, (std::vector<unsigned>{0, 429, 0}));
}

TEST_F(ApiKeys, AnEndpointMayReadItsKeyElsewhere) {
  const auto gate = make(kService, R"({"roles":[],"name":"X-Key"})");
  FakePassage passage(world);
  passage.add("X-Key", "k-b");
  EXPECT_EQ(passage.outcome(*gate), 0u);
  EXPECT_EQ(passage.values("X-Role"), std::vector<std::string>{"ANY"});
}

TEST_F(ApiKeys, WithoutKeysOfTheServiceItIsRefused) {
  const config::v1::Service none;
  EXPECT_FALSE(make_api_keys({.text = R"({"roles":["A"]})", .service = &none}));
}

}  // namespace
}  // namespace ropewalk::auth
