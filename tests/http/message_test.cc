#include "dataplane/http/message.h"

#include "common/strings.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

struct Known {
  const char* name;
  FieldId id;
};

constexpr Known kKnown[] = {
    {"accept", FieldId::accept},
    {"accept-encoding", FieldId::accept_encoding},
    {"authorization", FieldId::authorization},
    {"cache-control", FieldId::cache_control},
    {"connection", FieldId::connection},
    {"content-encoding", FieldId::content_encoding},
    {"content-length", FieldId::content_length},
    {"content-type", FieldId::content_type},
    {"cookie", FieldId::cookie},
    {"date", FieldId::date},
    {"expect", FieldId::expect},
    {"host", FieldId::host},
    {"keep-alive", FieldId::keep_alive},
    {"location", FieldId::location},
    {"proxy-authenticate", FieldId::proxy_authenticate},
    {"proxy-authorization", FieldId::proxy_authorization},
    {"proxy-connection", FieldId::proxy_connection},
    {"server", FieldId::server},
    {"te", FieldId::te},
    {"trailer", FieldId::trailer},
    {"transfer-encoding", FieldId::transfer_encoding},
    {"upgrade", FieldId::upgrade},
    {"user-agent", FieldId::user_agent},
    {"via", FieldId::via},
    {"x-forwarded-for", FieldId::x_forwarded_for},
    {"x-forwarded-host", FieldId::x_forwarded_host},
    {"x-forwarded-proto", FieldId::x_forwarded_proto},
    {"x-real-ip", FieldId::x_real_ip},
    {"x-request-id", FieldId::x_request_id},
};

TEST(FieldId, KnowsEveryNameInAnyCase) {
  EXPECT_EQ(std::size(kKnown), static_cast<std::size_t>(FieldId::x_request_id));
  for (const Known& known : kKnown) {
    EXPECT_EQ(field_id(known.name), known.id) << known.name;
    EXPECT_EQ(field_id(to_upper(known.name)), known.id) << known.name;
  }
}

// One byte changed in any place, also to what differs by the case bit only.
TEST(FieldId, KnowsNoNeighbours) {
  for (const Known& known : kKnown) {
    for (std::size_t i = 0; i < std::string_view(known.name).size(); ++i) {
      for (const char other : {'\r', '_', '@', '!', '\0', 'q'}) {
        std::string name = known.name;
        if (name[i] == other) continue;
        name[i] = other;
        EXPECT_EQ(field_id(name), FieldId::other) << known.name << " at " << i;
      }
      std::string name = known.name;
      name[i] = static_cast<char>(name[i] ^ 0x20);
      const bool letter = known.name[i] != '-';
      EXPECT_EQ(field_id(name), letter ? known.id : FieldId::other) << name;
    }
    EXPECT_EQ(field_id(std::string(known.name) + "s"), FieldId::other);
    EXPECT_EQ(field_id(std::string_view(known.name).substr(1)), FieldId::other);
  }
  EXPECT_EQ(field_id(""), FieldId::other);
}

TEST(MethodId, IsCaseSensitive) {
  const std::pair<const char*, Method> methods[] = {
      {"GET", Method::get},         {"HEAD", Method::head},       {"POST", Method::post},
      {"PUT", Method::put},         {"PATCH", Method::patch},     {"DELETE", Method::delete_},
      {"OPTIONS", Method::options}, {"CONNECT", Method::connect}, {"TRACE", Method::trace}};
  for (const auto& [name, method] : methods) {
    EXPECT_EQ(method_id(name), method);
    EXPECT_EQ(method_id(to_lower(name)), Method::other);
  }
  EXPECT_EQ(method_id("PURGE"), Method::other);
  EXPECT_EQ(method_id(""), Method::other);
}

TEST(HopByHop, IsWhatTheRfcListsAndWhatConnectionNames) {
  const auto hop = [](const char* name, std::string_view connection) {
    return hop_by_hop({name, "", field_id(name)}, connection);
  };
  for (const char* name : {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
                           "Transfer-Encoding", "Upgrade", "Proxy-Authenticate"})
    EXPECT_TRUE(hop(name, "")) << name;
  for (const char* name : {"Proxy-Authorization", "Authorization", "X-Secret", "Content-Length"})
    EXPECT_FALSE(hop(name, "keep-alive")) << name;
  EXPECT_TRUE(hop("X-Secret", "close, x-SECRET ,b"));
  EXPECT_FALSE(hop("X-Secret", "x-secrets, secret"));
}

TEST(HopByHop, ReadsEveryConnectionFieldOfTheMessage) {
  Fields fields;
  fields.add("Connection", "close", FieldId::connection);
  fields.add("connection", "x-a", FieldId::connection);
  EXPECT_TRUE(hop_by_hop({"X-A", "", FieldId::other}, fields));
  EXPECT_FALSE(hop_by_hop({"X-B", "", FieldId::other}, fields));
  EXPECT_TRUE(hop_by_hop({"TE", "", FieldId::te}, fields));
}

TEST(HopByHop, WhatConnectionNamesIsDroppedBeforeOthersAreAdded) {
  Fields fields;
  fields.add("Connection", "keep-alive, X-Role", FieldId::connection);
  fields.add("x-role", "admin", FieldId::other);
  fields.add("TE", "trailers", FieldId::te);
  drop_connection_options(fields);
  EXPECT_EQ(fields.size(), 1u);
  fields.add("X-Role", "user", FieldId::other);
  EXPECT_FALSE(hop_by_hop({"X-Role", "", FieldId::other}, fields));

  Fields plain;
  plain.add("Connection", "Keep-Alive", FieldId::connection);
  plain.add("Keep-Alive", "5", FieldId::keep_alive);
  drop_connection_options(plain);
  EXPECT_EQ(plain.size(), 2u);
}

TEST(Fields, EraseAndReplace) {
  Fields fields;
  fields.add("A", "1", FieldId::other);
  fields.add("Host", "x", FieldId::host);
  fields.add("Content-Length", "2", FieldId::content_length);
  fields.replace(FieldId::host, "y");
  fields.replace(FieldId::via, "z");
  fields.erase(FieldId::content_length);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields.value(FieldId::host), "y");
  EXPECT_EQ(fields.value(FieldId::via), "");
}

}  // namespace
}  // namespace ropewalk::http
