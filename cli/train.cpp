// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/train.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "memory_budget.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/checkpoint.hpp"
#include "nullcline/results/run_files.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using tasks::TaskChoice;

struct Train {
  explicit Train(CLI::App& app, TaskChoice task_choice)
      : task(std::move(task_choice)), settings(app) {
    settings.add_table("", "Run", option_fields(run_options));
    app.add_flag("--restart", restart, "discard a checkpoint instead of continuing from it")
        ->group("Run");
    settings.add_constant("task", "name", task.name);
    settings.add_table("task", "Task [task]", task.fields);
    settings.add_table("train", "Network and training [train]", option_fields(options));
  }
  int run();

  RunOptions run_options;
  training::TrainOptions options;
  TaskChoice task;
  bool restart = false;
  Settings settings;
};

void write_result(const std::string& path, const training::TrainResult& result,
                  const TaskChoice& task, const std::string& configuration, std::uint64_t seed) {
  NamedArrays file = results::training_to_arrays(result, task.name);
  stamp(file, kTrainedNetwork, "Network trained on " + task.name, configuration, seed);
  io::write_hdf5(path, file);
}

std::string json_text(const training::TrainResult& result, const std::string& output,
                      const std::string& configuration, std::uint64_t seed) {
  nlohmann::ordered_json document;
  const auto last = [](const std::vector<double>& values) -> nlohmann::ordered_json {
    if (values.empty()) return nullptr;
    return values.back();
  };
  document["output"] = output;
  document["termination"] = name_of(result.termination);
  document["decay_steps"] = result.decay_steps;
  document["iterations"] = result.iterations;
  document["loss"] = last(result.loss);
  document["validation_loss"] = last(result.validation_loss);
  document["accuracy"] = last(result.validation_accuracy);
  document["seconds"] = result.seconds;
  document["configuration"] = nlohmann::ordered_json::parse(configuration);
  document["nullcline"] = version();
  document["seed"] = seed;
  return document.dump(2) + "\n";
}

std::string summary(const training::TrainResult& result, const std::string& output) {
  std::string text = fmt::format("{}: {} iterations in {}", output, result.iterations,
                                 duration_text(result.seconds));
  if (!result.loss.empty()) text += fmt::format(", loss {:.3g}", result.loss.back());
  if (!result.validation_loss.empty())
    text += fmt::format(", validation loss {:.3g}", result.validation_loss.back());
  if (!result.validation_accuracy.empty())
    text += fmt::format(", accuracy {:.2f} %", 100 * result.validation_accuracy.back());
  if (result.termination == Termination::converged) text += " (stopped early)";
  return text + "\n";
}

int Train::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  check_output(output, {settings.config_path()});
  set_n_threads(run_options.threads);
  const std::unique_ptr<tasks::Task> made = task.make();
  check_memory(*made, options);

  const std::string configuration = settings.to_json();
  const results::Checkpoint checkpoint(output + ".checkpoint", configuration,
                                       "; --restart discards it");
  if (restart) checkpoint.remove();
  const std::optional<NamedArrays> resume = checkpoint.read();

  const InterruptGuard interrupt;
  training::TrainResult result;
  {
    ProgressLine line("training", run_options.quiet);
    result =
        training::train(*made, options, make_progress(line, interrupt), resume ? &*resume : nullptr,
                        [&](const NamedArrays& state) { checkpoint.save(state); });
  }
  if (result.termination == Termination::interrupted) {
    print_error(fmt::format("stopped after {} iterations; the same command continues from {}",
                            result.iterations, checkpoint.path()));
    return interrupted_exit_code(interrupt.signal(), true);
  }
  if (result.termination == Termination::diverged) {
    checkpoint.remove();
    print_error(
        fmt::format("training diverged at iteration {}: {}; {} was not written (a lower "
                    "--learning-rate or --clip-norm may help)",
                    result.iterations, result.reason, output));
    return kGateFailed;
  }
  write_result(output, result, task, configuration, options.seed);
  checkpoint.remove();
  print(run_options.json ? json_text(result, output, configuration, options.seed)
                         : summary(result, output));
  return kDone;
}

}  // namespace

void add_train(CLI::App& root, Subcommands& subcommands) {
  CLI::App* train = root.add_subcommand("train", "train a network on a task");
  train->require_subcommand(1);
  train->footer(
      "Example: nullcline train flip-flop --bits 3 --cell gru --units 64 --seed 7 -o ff.nc");
  for (const std::string& name : tasks::task_names()) {
    TaskChoice task = tasks::choose_task(name);
    CLI::App* app = train->add_subcommand(name, task.description);
    app->footer(fmt::format(
        "An interrupted training leaves FILE.checkpoint; the same command continues from it.\n"
        "Example: nullcline train {} {} --cell gru --units 64 --seed 7 -o ff.nc",
        name, task.example));
    const auto command = std::make_shared<Train>(*app, std::move(task));
    subcommands.push_back({app, [command] { return command->run(); }});
  }
}

}  // namespace nullcline::cli
