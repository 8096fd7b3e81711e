// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "console.hpp"
#include "nullcline/core/progress.hpp"

namespace nullcline::cli {

/// While it lives, the first SIGINT, SIGTERM or SIGUSR1 is remembered, so that a computation can
/// end in good order; a second one acts as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  int signal() const;  ///< 0: none so far
};

/// 130 after SIGINT; after the others 75 if the work can be resumed, 130 otherwise.
int interrupted_exit_code(int signal, bool resumable);

/// Shows updates on `line` and asks to stop once a signal has arrived.
Progress make_progress(ProgressLine& line, const InterruptGuard& interrupt);

}  // namespace nullcline::cli
