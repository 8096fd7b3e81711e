// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/slurm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nullcline/core/error.hpp"

namespace nullcline::studies {

namespace {

void check(const char* name, int value, int lowest, int highest) {
  if (value < lowest || value > highest)
    throw InvalidInput(
        fmt::format("{}: found {}, expected {} to {}", name, value, lowest, highest));
}

// A name that stands in a directive, where nothing is quoted.
void check_word(const char* name, const std::string& value) {
  const bool is_word = std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == ',';
  });
  if (!is_word) throw InvalidInput(fmt::format("{}: found '{}', expected a name", name, value));
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

std::string slurm_script(const std::string& command, const std::string& folder, const Plan& plan,
                         const SlurmOptions& options) {
  check("max_array", options.max_array, 1, 4000000);
  check("tasks", options.tasks, 0, options.max_array);
  check("minutes", options.minutes, 1, 525600);
  check("cpus", options.cpus, 1, 4096);
  check("memory", options.memory, 64, 1 << 30);
  check("warning", options.warning, 1, 60 * options.minutes - 1);
  check_word("partition", options.partition);
  check_word("account", options.account);
  const auto n_units = static_cast<int>(plan.units.size());
  const int most = std::min(options.max_array, n_units);
  const int n = options.tasks == 0 ? most : std::min(options.tasks, n_units);

  std::string script = "#!/bin/sh\n";
  const auto directive = [&](const std::string& text) { script += "#SBATCH " + text + "\n"; };
  directive(fmt::format("--job-name=study-{}", plan.hash.substr(0, 8)));
  directive(fmt::format("--array=0-{}", n - 1));
  directive(fmt::format("--time={}", options.minutes));
  directive("--ntasks=1");
  directive(fmt::format("--cpus-per-task={}", options.cpus));
  directive(fmt::format("--mem={}M", options.memory));
  directive(fmt::format("--signal=B:USR1@{}", options.warning));
  directive("--requeue");
  directive("--open-mode=append");
  directive(fmt::format("--output={}", quoted(folder + "/logs/%A_%a.log")));
  if (!options.partition.empty()) directive("--partition=" + options.partition);
  if (!options.account.empty()) directive("--account=" + options.account);
  script += fmt::format(
      "# {} networks in {} tasks. Submit it again until `nullcline study status` finds none\n"
      "# missing: what is done stays, what was stopped goes on from its checkpoint.\n"
      "# exec: the signal of --signal=B: goes to this process.\n"
      "exec {} study run {} --shard \"$SLURM_ARRAY_TASK_ID/{}\" --jobs {}\n",
      n_units, n, quoted(command), quoted(folder), n, options.cpus);
  return script;
}

}  // namespace nullcline::studies
