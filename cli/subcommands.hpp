// SPDX-License-Identifier: BSD-3-Clause
// One function per subcommand: it adds the flags, and says what to run once they are parsed.
#pragma once

#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace nullcline::cli {

enum ExitCode {
  kDone = 0,
  kInternalError = 1,
  kUsage = 2,
  kUnusableInput = 3,
  kGateFailed = 4,
  kFailedUnits = 5,
  kResumable = 75,
  kInterrupted = 130,
};

struct Subcommand {
  CLI::App* app = nullptr;
  std::function<int()> run;  ///< returns the exit code
  /// Chooses the BLAS kernels itself, by the size of what load_network() gives.
  bool chooses_blas = false;
};
using Subcommands = std::vector<Subcommand>;

void add_train(CLI::App& root, Subcommands& subcommands);
void add_force(CLI::App& root, Subcommands& subcommands);
void add_simulate(CLI::App& root, Subcommands& subcommands);
void add_fixed_points(CLI::App& root, Subcommands& subcommands);
void add_topology(CLI::App& root, Subcommands& subcommands);
void add_cycles(CLI::App& root, Subcommands& subcommands);
void add_portrait(CLI::App& root, Subcommands& subcommands);
void add_state_machine(CLI::App& root, Subcommands& subcommands);
void add_continue(CLI::App& root, Subcommands& subcommands);
void add_evolution(CLI::App& root, Subcommands& subcommands);
void add_perturb(CLI::App& root, Subcommands& subcommands);
void add_census(CLI::App& root, Subcommands& subcommands);
void add_lyapunov(CLI::App& root, Subcommands& subcommands);
void add_sweep(CLI::App& root, Subcommands& subcommands);
void add_compare(CLI::App& root, Subcommands& subcommands);
void add_shape(CLI::App& root, Subcommands& subcommands);
void add_report(CLI::App& root, Subcommands& subcommands);
void add_task_analysis(CLI::App& root, Subcommands& subcommands);
void add_study(CLI::App& root, Subcommands& subcommands);
void add_reproduce(CLI::App& root, Subcommands& subcommands);
void add_verify(CLI::App& root, Subcommands& subcommands);
void add_info(CLI::App& root, Subcommands& subcommands);
void add_doctor(CLI::App& root, Subcommands& subcommands);

}  // namespace nullcline::cli
