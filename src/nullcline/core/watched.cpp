// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/watched.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

namespace nullcline {

namespace {

std::atomic<int> left_behind{0};

void end_at_once(int status, void*) {
  if (left_behind == 0) return;
  std::fflush(nullptr);
  std::_Exit(status);
}

// The last to be registered is the first to run: before the destructors of any library.
void guard_exit() {
  static std::once_flag once;
  std::call_once(once, [] { on_exit(end_at_once, nullptr); });
}

}  // namespace

void run_watched(std::function<void()> work, const std::function<void()>& look) {
  using namespace std::chrono_literals;
  std::packaged_task<void()> task(std::move(work));
  std::future<void> done = task.get_future();
  const auto is_left = std::make_shared<std::atomic<bool>>(false);
  std::thread thread([task = std::move(task), is_left]() mutable {
    task();
    if (is_left->exchange(true)) --left_behind;
  });
  try {
    while (done.wait_for(50ms) != std::future_status::ready) look();
  } catch (...) {
    guard_exit();
    ++left_behind;
    if (is_left->exchange(true)) --left_behind;  // it has just ended
    thread.detach();
    throw;
  }
  thread.join();
  done.get();
}

}  // namespace nullcline
