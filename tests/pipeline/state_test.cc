#include "dataplane/pipeline/state.h"

#include <gtest/gtest.h>

namespace ropewalk::pipeline {
namespace {

TEST(StateRegistry, WhatIsHeldIsFoundAgainAndTheRestIsForgotten) {
  StateRegistry states;
  const auto kept = states.get<int>("a", 7);
  for (int i = 0; i < 1000; ++i) states.get<int>("of the past " + std::to_string(i), i);
  EXPECT_EQ(states.get<int>("a", 8), kept);
  EXPECT_EQ(*kept, 7);
  states.next_configuration();
  EXPECT_EQ(states.size(), 1u);
}

}  // namespace
}  // namespace ropewalk::pipeline
