// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/train.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/checkpoint.hpp"
#include "nullcline/results/run_files.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "nullcline/training/memory_budget.hpp"
#include "nullcline/training/search.hpp"
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
    hyperparameters.candidates = 0;
    settings.add_table("hyperparameters",
                       "Random search before training, 0 candidates: none [hyperparameters]",
                       option_fields(hyperparameters), "search_");
  }
  int run();
  std::optional<training::HyperparameterSearch> search(const tasks::Task& made,
                                                       const results::Checkpoint& checkpoint,
                                                       const Progress& progress) const;

  RunOptions run_options;
  training::TrainOptions options;
  training::HyperparameterSearchOptions hyperparameters;
  TaskChoice task;
  bool restart = false;
  Settings settings;
};

// The search, or what an earlier run has of it, in its own checkpoint; nothing if none is wanted.
std::optional<training::HyperparameterSearch> Train::search(const tasks::Task& made,
                                                            const results::Checkpoint& checkpoint,
                                                            const Progress& progress) const {
  if (hyperparameters.candidates == 0) return std::nullopt;
  std::optional<training::HyperparameterSearch> resume;
  if (const auto state = checkpoint.read())
    resume = training::hyperparameter_search_from_arrays(*state);
  return search_hyperparameters(made, options, hyperparameters, progress,
                                resume ? &*resume : nullptr,
                                [&](const training::HyperparameterSearch& found) {
                                  checkpoint.save(training::to_arrays(found));
                                });
}

void write_result(const std::string& path, const training::TrainResult& result,
                  const std::optional<training::HyperparameterSearch>& search,
                  const TaskChoice& task, const std::string& configuration, std::uint64_t seed) {
  NamedArrays file = results::training_to_arrays(result, task.name);
  if (search) file.set_group("hyperparameters", training::to_arrays(*search));
  stamp(file, kTrainedNetwork, "Network trained on " + task.name, configuration, seed);
  io::write_hdf5(path, file);
}

nlohmann::ordered_json to_json(const training::HyperparameterSearch& search) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const training::Candidate& candidate : search.candidates) {
    const training::Hyperparameters& values = candidate.hyperparameters;
    rows.push_back({{"clip_norm", values.clip_norm},
                    {"learning_rate", values.learning_rate},
                    {"decay", values.decay},
                    {"momentum", values.momentum},
                    {"termination", name_of(candidate.termination)},
                    {"validation_loss", candidate.validation_loss}});
  }
  return {{"best", search.best}, {"candidates", rows}};
}

std::string json_text(const training::TrainResult& result,
                      const std::optional<training::HyperparameterSearch>& search,
                      const std::string& output, const std::string& configuration,
                      std::uint64_t seed) {
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
  document["hyperparameters"] = search ? to_json(*search) : nlohmann::ordered_json(nullptr);
  document["configuration"] = nlohmann::ordered_json::parse(configuration);
  document["nullcline"] = version();
  document["seed"] = seed;
  return document.dump(2) + "\n";
}

std::string chosen_text(const training::HyperparameterSearch& search) {
  const training::Candidate& best = search.candidates[static_cast<std::size_t>(search.best)];
  return fmt::format(
      "best of {} candidates: learning rate {:.3g}, decay {:.3g}, clipping {:.3g}, momentum "
      "{:.3g}, "
      "validation loss {:.3g}\n",
      search.candidates.size(), best.hyperparameters.learning_rate, best.hyperparameters.decay,
      best.hyperparameters.clip_norm, best.hyperparameters.momentum, best.validation_loss);
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
  training::check_memory(*made, options);

  const std::string configuration = settings.to_json();
  const results::Checkpoint checkpoint(output + ".checkpoint", configuration,
                                       "; --restart discards it");
  const results::Checkpoint searched(output + ".search.checkpoint", configuration,
                                     "; --restart discards it");
  if (restart) {
    checkpoint.remove();
    searched.remove();
  }
  const std::optional<NamedArrays> resume = checkpoint.read();

  const InterruptGuard interrupt;
  std::optional<training::HyperparameterSearch> found;
  {
    ProgressLine line("searching", run_options.quiet);
    found = search(*made, searched, make_progress(line, interrupt));
  }
  if (found && found->termination == Termination::interrupted) {
    print_error(fmt::format("stopped after {} candidates; the same command continues from {}",
                            found->candidates.size(), searched.path()));
    return interrupted_exit_code(interrupt.signal(), true);
  }
  training::TrainOptions chosen = options;
  if (found) {
    if (found->best < 0) {
      searched.remove();
      print_error(fmt::format(
          "all {} candidates diverged; {} was not written (a lower --search-highest-learning-rate "
          "may help)",
          found->candidates.size(), output));
      return kGateFailed;
    }
    chosen = with_hyperparameters(
        options, found->candidates[static_cast<std::size_t>(found->best)].hyperparameters);
  }
  training::TrainResult result;
  {
    ProgressLine line("training", run_options.quiet);
    result =
        training::train(*made, chosen, make_progress(line, interrupt), resume ? &*resume : nullptr,
                        [&](const NamedArrays& state) { checkpoint.save(state); });
  }
  if (result.termination == Termination::interrupted) {
    print_error(fmt::format("stopped after {} iterations; the same command continues from {}",
                            result.iterations, checkpoint.path()));
    return interrupted_exit_code(interrupt.signal(), true);
  }
  if (result.termination == Termination::diverged) {
    checkpoint.remove();
    searched.remove();
    print_error(
        fmt::format("training diverged at iteration {}: {}; {} was not written (a lower "
                    "--learning-rate or --clip-norm may help)",
                    result.iterations, result.reason, output));
    return kGateFailed;
  }
  write_result(output, result, found, task, configuration, options.seed);
  checkpoint.remove();
  searched.remove();
  print(run_options.json ? json_text(result, found, output, configuration, options.seed)
                         : (found ? chosen_text(*found) : "") + summary(result, output));
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
