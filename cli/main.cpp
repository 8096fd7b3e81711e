// SPDX-License-Identifier: BSD-3-Clause
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <memory>
#include <new>

#include "blas.hpp"
#include "console.hpp"
#include "help_format.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/options_text.hpp"
#include "nullcline/core/provenance.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

std::vector<std::string> names_after(const CLI::App& app, const std::string& unknown) {
  std::vector<std::string> names;
  if (unknown.starts_with('-')) {
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  } else {
    for (const CLI::App* subcommand : app.get_subcommands({}))
      names.push_back(subcommand->get_name());
  }
  return names;
}

/// @throws InvalidInput for the first argument that no subcommand knows.
void refuse_leftovers(const CLI::App& app) {
  for (const CLI::App* subcommand : app.get_subcommands()) refuse_leftovers(*subcommand);
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const bool wants_subcommand = !app.get_subcommands({}).empty();
  // A flag that is not known leaves its value behind as well; the flag is the mistake. What stands
  // in the place of a subcommand is one itself, and the flags behind it were never its parent's.
  auto first = extras.begin();
  if (!wants_subcommand || first->starts_with('-'))
    first = std::find_if(extras.begin(), extras.end(),
                         [](const std::string& extra) { return extra.starts_with('-'); });
  if (first == extras.end()) first = extras.begin();
  const std::string name = first->substr(0, first->find('='));
  const char* kind = name.starts_with('-') ? "flag" : wants_subcommand ? "subcommand" : "argument";
  throw InvalidInput("unknown " + std::string(kind) + " '" + name + "'" +
                     suggestion(name, names_after(app, name)));
}

int parse_and_run(int argc, char** argv) {
  CLI::App root("Nullcline shows what a recurrent network computes.", "nullcline");
  root.allow_extras();
  root.formatter(std::make_shared<HelpFormat>());
  root.set_version_flag("--version", "nullcline " + version());
  root.footer(
      "Each subcommand has --help. Start with:\n"
      "  nullcline train flip-flop --bits 3 --cell gru --units 64 --seed 7 -o ff.nc\n"
      "  nullcline fixed-points ff.nc -o ff.points.nc\n"
      "  nullcline topology ff.points.nc -o ff.graph.nc\n"
      "  nullcline report ff.nc ff.points.nc ff.graph.nc -o ff.html");
  Subcommands subcommands;
  for (const auto add :
       {add_train,         add_force,     add_simulate, add_fixed_points, add_topology,
        add_state_machine, add_portrait,  add_continue, add_cycles,       add_lyapunov,
        add_sweep,         add_evolution, add_perturb,  add_census,       add_shape,
        add_task_analysis, add_compare,   add_report,   add_study,        add_reproduce,
        add_verify,        add_info,      add_doctor})
    add(root, subcommands);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return root.exit(request);
  } catch (const CLI::ParseError& error) {
    refuse_leftovers(root);
    throw InvalidInput(error.what());
  }
  refuse_leftovers(root);
  for (const Subcommand& subcommand : subcommands)
    if (subcommand.app->parsed()) {
      // A configuration that comes from a pipe cannot be read twice.
      const CLI::Option* config = subcommand.app->get_option_no_throw("--config");
      if (!subcommand.chooses_blas || (config && config->count() > 0)) use_best_blas_kernels();
      return subcommand.run();
    }
  throw InvalidInput("a subcommand is missing; nullcline --help lists them");
}

/// Runs the command and turns every failure into one line and an exit code.
int guarded(int argc, char** argv) {
  try {
    const int code = parse_and_run(argc, argv);
    flush_output();
    return code;
  } catch (const InvalidInput& error) {
    print_error(error.what());
    return kUsage;
  } catch (const FormatError& error) {
    print_error(error.what());
    return kUnusableInput;
  } catch (const std::bad_alloc&) {
    print_error("not enough memory for input of this size");
    return kUnusableInput;
  } catch (const std::exception& error) {
    print_error(std::string("internal error: ") + error.what());
    return kInternalError;
  }
}

}  // namespace

}  // namespace nullcline::cli

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit fails, with a message
  nullcline::cli::keep_arguments(argv);
  return nullcline::cli::guarded(argc, argv);
}
