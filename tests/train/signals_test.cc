#include "train/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace dragoman {
namespace {

TEST(Signals, EitherSignalRaisesTheFlag) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const StopSignals signals;
    EXPECT_FALSE(signals.requested());
    ::raise(signal);
    EXPECT_TRUE(signals.requested());
    EXPECT_EQ(signals.signal(), signal);
  }
}

TEST(Signals, ARepeatedTerminateLetsSavingGoOn) {
  const StopSignals signals;
  ::raise(SIGINT);
  ::raise(SIGTERM);
  ::raise(SIGTERM);
  EXPECT_EQ(signals.signal(), SIGINT);
}

TEST(SignalsDeathTest, ASecondInterruptExitsAtOnce) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        ::raise(SIGINT);
        ::raise(SIGINT);
        ::_exit(0);
      },
      ::testing::ExitedWithCode(130), "");
  EXPECT_EXIT(
      {
        const StopSignals signals;
        ::raise(SIGTERM);
        ::raise(SIGINT);
        ::_exit(0);
      },
      ::testing::ExitedWithCode(130), "");
}

TEST(SignalsDeathTest, WhatTheSignalsDidBeforeComesBack) {
  EXPECT_EXIT(
      {
        { const StopSignals signals; }
        ::raise(SIGTERM);
        ::_exit(0);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace dragoman
