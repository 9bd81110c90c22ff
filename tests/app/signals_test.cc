#include "dataplane/app/signals.h"

#include <gtest/gtest.h>

#include <signal.h>

#include <thread>

namespace ropewalk::app {
namespace {

using namespace std::chrono_literals;

TEST(Signals, TheSameSignalTwiceAtOnceIsOneAndALaterOneIsAnother) {
  Signals signals;
  ::raise(SIGTERM);
  EXPECT_EQ(signals.wait(1s), Event::terminate);
  ::raise(SIGTERM);
  EXPECT_EQ(signals.wait(1s), std::nullopt);
  std::this_thread::sleep_for(300ms);
  ::raise(SIGINT);
  EXPECT_EQ(signals.wait(1s), Event::terminate);
}

TEST(Signals, WhatIsAnnouncedComesOneByOne) {
  Signals signals;
  signals.announce_drained();
  signals.request_reload();
  ::raise(SIGHUP);
  EXPECT_EQ(signals.wait(1s), Event::reload);
  EXPECT_EQ(signals.wait(1s), Event::reload);
  EXPECT_EQ(signals.wait(1s), Event::drained);
  EXPECT_EQ(signals.wait(0ms), std::nullopt);
}

}  // namespace
}  // namespace ropewalk::app
