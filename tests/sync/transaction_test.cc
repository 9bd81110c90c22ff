#include "dataplane/configsync/transaction.h"
#include "tests/sync/resources.h"

#include <gtest/gtest.h>

namespace ropewalk::configsync {
namespace {

using namespace sync_test;
using sync::v1::Delta;

Delta part(std::uint64_t revision, std::uint32_t number, bool last,
           sync::v1::Lane lane = sync::v1::LANE_REST) {
  Delta out;
  out.set_revision(revision);
  out.set_part(number);
  out.set_last(last);
  out.set_lane(lane);
  return out;
}

TEST(Assembler, PartsOfTwoLanesInterleave) {
  Assembler assembler;
  auto first = part(1, 0, false);
  *first.add_upserts() = host_set("hosts/a");
  first.add_removals("gone");
  EXPECT_FALSE(assembler.on_delta(first)->has_value());

  auto other = part(2, 0, true, sync::v1::LANE_ENDPOINTS);
  *other.add_upserts() = host_set("hosts/b");
  const auto endpoints = assembler.on_delta(other);
  ASSERT_TRUE(endpoints && *endpoints);
  EXPECT_EQ((*endpoints)->lane, sync::v1::LANE_ENDPOINTS);
  ASSERT_EQ((*endpoints)->upserts.size(), 1u);
  EXPECT_FALSE((*endpoints)->complete);

  auto second = part(1, 1, true);
  *second.add_upserts() = host_set("hosts/c");
  second.set_complete(true);
  const auto rest = assembler.on_delta(second);
  ASSERT_TRUE(rest && *rest);
  EXPECT_EQ((*rest)->revision, 1u);
  ASSERT_EQ((*rest)->upserts.size(), 2u);
  EXPECT_EQ((*rest)->upserts[0]->name(), "hosts/a");
  EXPECT_EQ((*rest)->upserts[1]->name(), "hosts/c");
  EXPECT_EQ((*rest)->removals, std::vector<std::string>{"gone"});
  EXPECT_TRUE((*rest)->complete);
}

TEST(Assembler, ABrokenProtocolIsAnError) {
  Delta nameless = part(1, 0, true);
  *nameless.add_upserts() = Resource();
  const std::vector<std::pair<std::string, std::vector<Delta>>> cases = {
      {"begins in the middle", {part(1, 1, false)}},
      {"part missing", {part(1, 0, false), part(1, 2, true)}},
      {"part twice", {part(1, 0, false), part(1, 0, true)}},
      {"other revision in between", {part(1, 0, false), part(2, 1, true)}},
      {"revision used twice", {part(1, 0, true), part(1, 0, true)}},
      {"revision going back", {part(5, 0, true), part(4, 0, true)}},
      {"unknown lane", {part(1, 0, true, static_cast<sync::v1::Lane>(7))}},
      {"resource without a name", {nameless}},
  };
  for (const auto& [name, deltas] : cases) {
    SCOPED_TRACE(name);
    Assembler assembler;
    for (std::size_t i = 0; i + 1 < deltas.size(); ++i)
      ASSERT_TRUE(assembler.on_delta(deltas[i]).has_value());
    const auto outcome = assembler.on_delta(deltas.back());
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().kind, Kind::protocol);
  }
}

}  // namespace
}  // namespace ropewalk::configsync
