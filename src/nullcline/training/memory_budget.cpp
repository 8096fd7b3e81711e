// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/memory_budget.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "nullcline/core/error.hpp"

namespace nullcline::training {

void check_memory(const tasks::Task& task, const TrainOptions& options) {
  // A lower bound: float32 weights with gradient and two moments, and one array of states per gate.
  const double units = std::max(0, options.units);
  const double n_gates = models::n_gates(options.cell);
  const double n_inputs = static_cast<double>(task.n_inputs());
  const double n_weights = n_gates * units * (units + n_inputs + 1);
  const double n_steps = static_cast<double>(task.n_steps());
  const double activity = n_steps * (n_gates * units + n_inputs) * std::max(0, options.batch);
  const double validation = n_steps * n_inputs * std::max(0, options.validation_trials);
  const double needed = 4 * (4 * n_weights + activity + validation);
  const double present =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (needed <= present) return;
  throw InvalidInput(fmt::format(
      "units {}, batch {}, validation_trials {}: training needs at least {:.1f} GB, this "
      "machine has {:.1f} GB",
      options.units, options.batch, options.validation_trials, needed / 1e9, present / 1e9));
}

}  // namespace nullcline::training
