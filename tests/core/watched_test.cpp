// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/watched.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

namespace nullcline {
namespace {

using namespace std::chrono_literals;

struct GaveUp {};

TEST(Watched, ReturnsWhenTheWorkIsDoneAndHandsOnWhatItThrows) {
  int done = 0;
  run_watched([&] { done = 1; }, [] {});
  EXPECT_EQ(done, 1);
  EXPECT_THROW(run_watched([] { throw std::runtime_error("work"); }, [] {}), std::runtime_error);
}

TEST(Watched, LeavesTheWorkBehindWhenTheLookThrows) {
  const auto go_on = std::make_shared<std::atomic<bool>>(false);
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  const auto work = [go_on, ended] {
    while (!*go_on) std::this_thread::sleep_for(1ms);
    *ended = true;
  };
  EXPECT_THROW(run_watched(work, [] { throw GaveUp(); }), GaveUp);
  EXPECT_FALSE(*ended);
  *go_on = true;
  while (!*ended) std::this_thread::sleep_for(1ms);
}

TEST(WatchedDeathTest, AProcessEndsWithItsStatusWhileWorkIsLeftBehind) {
  const auto leave = [] {
    try {
      run_watched([] { std::this_thread::sleep_for(1h); }, [] { throw GaveUp(); });
    } catch (const GaveUp&) {
      std::exit(7);
    }
  };
  EXPECT_EXIT(leave(), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace nullcline
