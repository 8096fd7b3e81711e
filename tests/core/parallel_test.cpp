// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/parallel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline {
namespace {

class ParallelFor : public testing::Test {
 protected:
  void TearDown() override { set_n_threads(0); }
};

TEST_F(ParallelFor, CallsEachIndexOnce) {
  for (const int threads : {1, 2, 7}) {
    set_n_threads(threads);
    std::vector<std::atomic<int>> calls(1000);
    parallel_for(calls.size(), [&](std::size_t i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST_F(ParallelFor, DoesNothingForZero) {
  parallel_for(0, [](std::size_t) { FAIL(); });
}

TEST_F(ParallelFor, GivesTheSameResultForAnyNumberOfThreads) {
  const auto compute = [](int threads) {
    set_n_threads(threads);
    std::vector<double> result(200);
    parallel_for(result.size(),
                 [&](std::size_t i) { result[i] = Rng(5, Purpose::tests, i).normal(); });
    return result;
  };
  const std::vector<double> one = compute(1);
  EXPECT_EQ(compute(2), one);
  EXPECT_EQ(compute(5), one);
}

TEST_F(ParallelFor, RunsSeveralBodiesAtOnce) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "needs two cores";
  // Each of the two bodies waits for the other: one thread alone would time out.
  set_n_threads(2);
  std::mutex mutex;
  std::condition_variable arrival;
  int arrived = 0;
  std::atomic<int> met{0};
  parallel_for(2, [&](std::size_t) {
    std::unique_lock lock(mutex);
    ++arrived;
    arrival.notify_all();
    if (arrival.wait_for(lock, std::chrono::seconds(10), [&] { return arrived == 2; })) ++met;
  });
  EXPECT_EQ(met, 2);
}

TEST_F(ParallelFor, RethrowsTheExceptionOfABody) {
  for (const int threads : {1, 3}) {
    set_n_threads(threads);
    const auto failing = [](std::size_t i) {
      if (i == 37) throw std::runtime_error("body 37");
    };
    EXPECT_THAT([&] { parallel_for(100, failing); },
                testing::ThrowsMessage<std::runtime_error>("body 37"));
  }
}

TEST_F(ParallelFor, NestsWithoutWaitingForever) {
  set_n_threads(2);
  std::atomic<int> calls{0};
  parallel_for(4, [&](std::size_t) { parallel_for(5, [&](std::size_t) { ++calls; }); });
  EXPECT_EQ(calls, 20);
}

TEST_F(ParallelFor, TheNumberOfThreadsIsKeptAndChecked) {
  set_n_threads(3);
  EXPECT_EQ(n_threads(), 3);
  set_n_threads(0);
  EXPECT_GE(n_threads(), 1);
  EXPECT_THROW(set_n_threads(-1), InvalidInput);
  EXPECT_THROW(set_n_threads(4097), InvalidInput);
}

}  // namespace
}  // namespace nullcline
