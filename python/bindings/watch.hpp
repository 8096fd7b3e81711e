// SPDX-License-Identifier: BSD-3-Clause
// Long computations under Python: they run beside the interpreter, which stays free to show
// progress and to notice Ctrl-C.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::python {

namespace nb = nanobind;

/// What a computation throws once nobody waits for its result.
struct Abandoned {};

/// Runs `work` on a thread of its own, without the GIL. The calling thread looks at signals 20
/// times a second and hands the latest update to `callback(done, total, message)` at most 10 times
/// a second; None: nobody is told. A callback that returns False asks the computation to end in
/// good order; an exception of the callback or of a signal handler abandons it and is thrown here.
class Watch {
 public:
  explicit Watch(nb::object callback) : callback_(std::move(callback)) {}

  void run(const std::function<void()>& work);

  /// What an abandoned computation meets at its next report: Abandoned, or the request to stop, for
  /// those that save what they have.
  enum class Abandon { throws, asks_to_stop };
  /// For the library; it returns false once somebody asked to stop.
  Progress progress(Abandon on_abandon = Abandon::throws);
  const std::atomic<bool>& abandoned() const { return abandoned_; }

 private:
  void look();
  void show();

  nb::object callback_;
  std::atomic<bool> stopped_ = false, abandoned_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false, has_news_ = false;
  ProgressUpdate latest_;
};

/// The same system, which throws Abandoned once `flag` is set: the library asks for progress only
/// between rounds, which for large systems may take minutes.
std::unique_ptr<dynamics::System> abandonable(const dynamics::System& system,
                                              const std::atomic<bool>& flag);

}  // namespace nullcline::python
