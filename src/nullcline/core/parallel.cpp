// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/parallel.hpp"

#include <tbb/blocked_range.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <string>

#include "nullcline/core/error.hpp"

namespace nullcline {

namespace {
std::atomic<int> requested_threads{0};
}  // namespace

void set_n_threads(int n) {
  if (n < 0 || n > 4096)
    throw InvalidInput("threads: found " + std::to_string(n) + ", expected 0 (all cores) to 4096");
  requested_threads = n;
}

int n_threads() {
  const int requested = requested_threads;
  return requested > 0 ? requested : tbb::info::default_concurrency();
}

void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body) {
  const int threads = n_threads();
  if (threads == 1 || n <= 1) {
    for (std::size_t i = 0; i < n; ++i) body(i);
    return;
  }
  tbb::task_arena arena(threads);
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, n, 1),
        [&](const tbb::blocked_range<std::size_t>& range) {
          for (std::size_t i = range.begin(); i != range.end(); ++i) body(i);
        },
        tbb::simple_partitioner());
  });
}

}  // namespace nullcline
