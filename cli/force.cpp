// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/force.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "interrupt.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/run_files.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using tasks::TaskChoice;

struct TransferOptions {
  std::string from;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("from", self.from,
          "a network trained by force (.nc) with as many channels or fewer, to begin with");
  }
};

struct Force {
  explicit Force(CLI::App& app, TaskChoice task_choice)
      : task(std::move(task_choice)), settings(app) {
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("transfer", "Transfer [transfer]", option_fields(transfer));
    settings.add_constant("task", "name", task.name);
    settings.add_table("task", "Task [task]; its steps are those of the test", task.fields);
    settings.add_table("force", "Network and training [force]", option_fields(options));
  }
  int run();
  std::optional<models::EchoState> transferred();

  RunOptions run_options;
  TransferOptions transfer;
  training::ForceOptions options;
  TaskChoice task;
  Settings settings;
};

double mean(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

std::string json_text(const results::ForceRun& run, const std::string& output,
                      const std::string& configuration, std::uint64_t seed) {
  const training::ForceResult& training = run.training;
  nlohmann::ordered_json document;
  document["output"] = output;
  document["termination"] = name_of(training.termination);
  document["steps"] = training.steps;
  document["weight_norm"] = training.weight_norm.empty()
                                ? nlohmann::ordered_json()
                                : nlohmann::ordered_json(training.weight_norm.back());
  document["mean_error"] = mean(training.error);
  document["error"] = training.error.empty() ? nlohmann::ordered_json()
                                             : nlohmann::ordered_json(training.error.back());
  document["test_error"] = run.test_error;
  document["accuracy"] = run.test_accuracy;
  document["seconds"] = training.seconds;
  document["configuration"] = nlohmann::ordered_json::parse(configuration);
  document["nullcline"] = version();
  document["seed"] = seed;
  return document.dump(2) + "\n";
}

// The network to begin with; its sizes become those of the options.
std::optional<models::EchoState> Force::transferred() {
  if (transfer.from.empty()) return std::nullopt;
  for (const char* name : {"units", "activation", "gain", "tau"})
    if (settings.is_given(name))
      throw InvalidInput(fmt::format("--{}: {} says this itself", name, transfer.from));
  const models::EchoState network =
      results::echo_state_of(transfer.from, read_result(transfer.from));
  options.units = static_cast<int>(network.n_units());
  options.activation = network.activation;
  options.tau = network.tau;
  return network;
}

int Force::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  check_output(output, {settings.config_path(), transfer.from});
  const std::optional<models::EchoState> begun = transferred();
  set_n_threads(run_options.threads);
  const InterruptGuard interrupt;
  results::ForceRun result;
  {
    ProgressLine line("training", run_options.quiet);
    result = results::run_force(task, options, make_progress(line, interrupt),
                                begun ? &*begun : nullptr);
  }
  if (result.training.termination == Termination::interrupted) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (result.training.termination == Termination::diverged) {
    print_error(fmt::format("training diverged at step {}; {} was not written",
                            result.training.steps, output));
    return kGateFailed;
  }
  const std::string configuration = settings.to_json();
  NamedArrays file = results::force_to_arrays(result, task.name);
  stamp(file, kTrainedNetwork, "Echo-state network trained on " + task.name, configuration,
        options.seed);
  io::write_hdf5(output, file);
  print(run_options.json
            ? json_text(result, output, configuration, options.seed)
            : fmt::format("{}: {} steps in {}, closed-loop test error {:.3g}, accuracy {:.2f} %\n",
                          output, result.training.steps, duration_text(result.training.seconds),
                          result.test_error, 100 * result.test_accuracy));
  return kDone;
}

}  // namespace

void add_force(CLI::App& root, Subcommands& subcommands) {
  CLI::App* force =
      root.add_subcommand("force", "train the readout of an echo-state network online (FORCE)");
  force->require_subcommand(1);
  force->footer(
      "Example: nullcline force pulse-flip-flop --bits 3 --units 1000 --seed 7 -o esn.nc");
  for (const std::string& name : tasks::task_names()) {
    TaskChoice task = tasks::choose_task(name);
    CLI::App* app = force->add_subcommand(name, task.description);
    app->footer(fmt::format("Example: nullcline force {} {} --units 1000 --seed 7 -o esn.nc", name,
                            task.example));
    const auto command = std::make_shared<Force>(*app, std::move(task));
    subcommands.push_back({app, [command] { return command->run(); }});
  }
}

}  // namespace nullcline::cli
