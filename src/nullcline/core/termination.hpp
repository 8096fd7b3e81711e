// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/enum_names.hpp"

namespace nullcline {

/// Why an iteration ended. Results start as `not_run`, so a forgotten call cannot pass for success.
enum class Termination { not_run, converged, max_iterations, stalled, diverged, interrupted };

template <>
struct EnumNames<Termination> {
  static constexpr std::array values{
      std::pair{Termination::not_run, "not_run"},
      std::pair{Termination::converged, "converged"},
      std::pair{Termination::max_iterations, "max_iterations"},
      std::pair{Termination::stalled, "stalled"},
      std::pair{Termination::diverged, "diverged"},
      std::pair{Termination::interrupted, "interrupted"},
  };
};

}  // namespace nullcline
