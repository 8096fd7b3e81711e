// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>

namespace nullcline {

/// What a long computation tells its caller now and then, never more often than it can afford.
struct ProgressUpdate {
  double done = 0;      ///< units of work done so far
  double total = 0;     ///< units of work in all; 0 if unknown
  std::string message;  ///< for example "loss 0.0123"
};

/// Returns false to stop the computation, which then ends with Termination::interrupted.
/// An empty function means: never stop, tell nobody. It is called from one thread at a time.
using Progress = std::function<bool(const ProgressUpdate&)>;

inline bool report_progress(const Progress& progress, const ProgressUpdate& update) {
  return !progress || progress(update);
}

}  // namespace nullcline
