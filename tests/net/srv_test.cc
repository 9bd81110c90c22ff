#include "dataplane/net/srv.h"

#include <gtest/gtest.h>

namespace ropewalk::net {
namespace {

struct Case {
  const char* what;
  std::vector<SrvRecord> records;
  std::string expected;  // targets in turn
};

TEST(Srv, HostsByPriorityAndWeight) {
  const Case cases[] = {
      {"none", {}, ""},
      {"one", {{0, 0, 80, "a"}}, "a"},
      {"the best priority alone", {{2, 90, 80, "b"}, {1, 1, 80, "a"}, {3, 5, 80, "c"}}, "a"},
      {"equal weights are reduced", {{1, 50, 80, "b"}, {1, 50, 80, "a"}}, "ab"},
      {"no weights at all", {{1, 0, 80, "b"}, {1, 0, 80, "a"}}, "ab"},
      {"shares", {{1, 10, 80, "a"}, {1, 30, 80, "b"}}, "abbb"},
      {"under one percent", {{1, 1, 80, "a"}, {1, 999, 80, "b"}}, "b"},
      {"no weight beside others", {{1, 0, 80, "a"}, {1, 5, 80, "b"}}, "b"},
      {"two ports of one host", {{1, 1, 81, "a"}, {1, 1, 80, "a"}}, "aa"},
  };
  for (const Case& c : cases) {
    std::string got;
    for (const SrvHost& host : hosts_of(c.records)) got += host.name;
    EXPECT_EQ(got, c.expected) << c.what;
  }
  std::vector<SrvRecord> many(300, {1, 10, 80, "a"});
  EXPECT_EQ(hosts_of(many).size(), 300u);
  many.push_back({1, 2, 80, "b"});
  EXPECT_EQ(hosts_of(many).size(), 300u);
  const std::vector<SrvHost> sorted = hosts_of({{1, 1, 81, "a"}, {1, 1, 80, "a"}});
  EXPECT_EQ(sorted, (std::vector<SrvHost>{{"a", 80}, {"a", 81}}));
}

}  // namespace
}  // namespace ropewalk::net
