// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/task_analysis/context_integration.hpp"
#include "nullcline/task_analysis/sine.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN as null
using models::Network;

Json numbers(ConstVectorRef values) { return std::vector<double>(values.begin(), values.end()); }

/// What the analyses of both tasks have in common: whose they are, and of which task.
class TaskAnalysisCommand {
 public:
  virtual ~TaskAnalysisCommand() = default;
  int run();

 protected:
  TaskAnalysisCommand(CLI::App& app, std::string name) : settings_(app), name_(std::move(name)) {
    app.add_option("network", path_,
                   "a network trained on the task (.nc), or weights (.pt, .safetensors, .npz, "
                   ".keras, .h5)")
        ->required()
        ->option_text("FILE");
    settings_.add_table("", "Run", option_fields(run_options_));
    settings_.add_constant("task", "name", name_);
  }
  void add_task(std::vector<OptionField> fields) {
    task_fields_ = std::move(fields);
    settings_.add_table("task", "Task, where not as the network's file says [task]", task_fields_);
  }
  void add_import_flags() {
    settings_.add_table("network", "Imported weights [network]", option_fields(import_flags_));
  }

  /// Empty where it was stopped; else it keeps the result for the others.
  virtual NamedArrays analyze(const Network& network, const Progress& progress) = 0;
  virtual Json json() const = 0;
  virtual std::string text() const = 0;
  virtual const char* kind() const = 0;
  virtual std::uint64_t seed() const = 0;

  Settings settings_;

 private:
  void take_task(const NetworkSource& source);

  std::string name_, path_;
  std::vector<OptionField> task_fields_;
  RunOptions run_options_;
  ImportFlags import_flags_;
};

// The options of the task that the network was trained on, but for those that were said.
void TaskAnalysisCommand::take_task(const NetworkSource& source) {
  const std::string text = text_or_empty(source.file.attributes, "configuration");
  const Json configuration = Json::parse(text, nullptr, false);
  if (!configuration.is_object() || !configuration.contains("task")) return;
  Json task = configuration["task"];
  if (task.value("name", name_) != name_)
    throw FormatError(fmt::format("{}: a network trained on {}, expected {}", path_,
                                  task["name"].get<std::string>(), name_));
  task.erase("name");
  for (const OptionField& field : task_fields_)
    if (settings_.is_given(field.name)) task.erase(field.name);
  reading(path_, [&] { fields_from_json(task_fields_, task.dump(), "configuration: task"); });
}

int TaskAnalysisCommand::run() {
  settings_.resolve();
  if (settings_.print_config()) {
    print(settings_.to_toml());
    return kDone;
  }
  const std::string& output = run_options_.output;
  if (!output.empty()) check_output(output, {path_, import_flags_.probe, settings_.config_path()});
  set_n_threads(run_options_.threads);
  const NetworkSource source = load_network(path_, import_flags_);
  if (source.subject.model)
    throw FormatError(path_ + ": a model file, expected a network, which has a readout");
  take_task(source);
  const InterruptGuard interrupt;
  NamedArrays file;
  {
    ProgressLine line("analyzing", run_options_.quiet);
    file = reading(
        path_, [&] { return analyze(*source.subject.network, make_progress(line, interrupt)); });
  }
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    results::store_subject(file, source.subject);
    stamp(file, kind(), fmt::format("Analysis of {}", path_), settings_.to_json(), seed());
    file.attributes["source"] = path_;
    io::write_hdf5(output, file);
  }
  const bool is_verified = source.subject.is_verified();
  if (!run_options_.json) {
    print((is_verified ? "" : source.subject.description() + kNotVerified + "\n") + text() +
          (output.empty() ? "" : "wrote " + output + "\n"));
    return kDone;
  }
  Json document = json();
  document["task"] = name_;
  document["verified"] = is_verified;
  document["seed"] = seed();
  document["nullcline"] = version();
  document["configuration"] = Json::parse(settings_.to_json());
  document["output"] = output.empty() ? Json(nullptr) : Json(output);
  print(document.dump() + "\n");
  return kDone;
}

struct CommandOptions {
  int commands = 11;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("commands", self.commands, "evenly spaced commands that are held, from 0 to 1");
  }
};

class SineCommand : public TaskAnalysisCommand {
 public:
  static constexpr const char* kName = "sine";
  static constexpr const char* kWhat =
      "the fixed point that each command's trajectory turns round, and its oscillation";
  explicit SineCommand(CLI::App& app) : TaskAnalysisCommand(app, kName) {
    add_task(option_fields(task_));
    settings_.add_table("analysis", "Analysis [analysis]", option_fields(options_));
    settings_.add_table("search", "Search of fixed points [search]", option_fields(search_));
    add_import_flags();
  }

 private:
  NamedArrays analyze(const Network& network, const Progress& progress) override {
    const auto sets =
        task_analysis::find_command_points(network, task_, options_.commands, search_, progress);
    if (static_cast<int>(sets.size()) < options_.commands) return {};
    found_ = task_analysis::analyze_sine(network, task_, sets);
    return task_analysis::to_arrays(found_);
  }

  Json json() const override {
    Json document;
    document["commands"] = Json::array();
    for (const task_analysis::CommandPoint& point : found_.commands)
      document["commands"].push_back({{"command", point.command},
                                      {"frequency", point.frequency},
                                      {"linear_frequency", point.linear_frequency},
                                      {"magnitude", point.magnitude},
                                      {"eigenvalue_re", point.eigenvalue.real()},
                                      {"eigenvalue_im", point.eigenvalue.imag()},
                                      {"distance", point.distance},
                                      {"n_fixed", point.n_fixed},
                                      {"n_unstable", point.n_unstable}});
    return document;
  }

  std::string text() const override {
    std::string text =
        fmt::format("{:>8} {:>10} {:>10} {:>8} {:>9} {:>6} {:>9}\n", "command", "frequency",
                    "linear", "|lambda|", "unstable", "points", "distance");
    for (const task_analysis::CommandPoint& point : found_.commands)
      text += fmt::format("{:>8.4g} {:>10.5f} {:>10.5f} {:>8.4f} {:>9} {:>6} {:>9.3g}\n",
                          point.command, point.frequency, point.linear_frequency, point.magnitude,
                          point.n_unstable, point.n_fixed, point.distance);
    return text;
  }

  const char* kind() const override { return results::kSineAnalysis; }
  std::uint64_t seed() const override { return search_.seed; }

  tasks::SineOptions task_;
  CommandOptions options_;
  fixed_points::SearchOptions search_;
  task_analysis::SineAnalysis found_;
};

class ContextIntegrationCommand : public TaskAnalysisCommand {
 public:
  static constexpr const char* kName = "context-integration";
  static constexpr const char* kWhat =
      "the line attractor of each context, its spectrum, and what it takes in";
  explicit ContextIntegrationCommand(CLI::App& app) : TaskAnalysisCommand(app, kName) {
    add_task(option_fields(task_));
    settings_.add_table("analysis", "Analysis [analysis]", option_fields(options_));
    add_import_flags();
  }

 private:
  NamedArrays analyze(const Network& network, const Progress& progress) override {
    found_ = task_analysis::analyze_context_integration(network, task_, options_, progress);
    return task_analysis::to_arrays(found_);
  }

  Json json() const override {
    Json document;
    document["steps"] = found_.steps;
    document["contexts"] = Json::array();
    for (const task_analysis::ContextLine& line : found_.contexts) {
      Json responses = Json::array();
      for (Index i = 0; i < line.responses.rows(); ++i)
        responses.push_back(numbers(line.responses.row(i).transpose()));
      document["contexts"].push_back({{"input", numbers(line.input)},
                                      {"n_starts", line.n_starts},
                                      {"n_states", line.states.rows()},
                                      {"readouts", numbers(line.readouts)},
                                      {"speeds", numbers(line.speeds)},
                                      {"magnitudes", numbers(line.magnitudes)},
                                      {"relevant", line.relevant},
                                      {"irrelevant", line.irrelevant},
                                      {"responses", responses},
                                      {"n_defective", line.n_defective}});
    }
    return document;
  }

  std::string text() const override {
    std::string text;
    for (std::size_t k = 0; k < found_.contexts.size(); ++k) {
      const task_analysis::ContextLine& line = found_.contexts[k];
      const Index n = line.states.rows();
      text += fmt::format("context {}: {} of {} states stopped", k, n, line.n_starts);
      if (n > 0)
        text += fmt::format(
            ", readouts {:.3g} to {:.3g}; leading magnitudes {:.4f}\n", line.readouts(0),
            line.readouts(n - 1),
            fmt::join(line.magnitudes.head(std::min<Index>(4, line.magnitudes.size())), ", "));
      else
        text += "\n";
      if (n > line.n_defective)
        text += fmt::format(
            "  the leading mode takes in {:.3g} of a unit of its stream, {:.3g} of the others; "
            "after "
            "{} steps all modes give {:.3g}\n",
            line.relevant, line.irrelevant, found_.steps[1],
            line.responses(1, line.responses.cols() - 1));
    }
    return text;
  }

  const char* kind() const override { return results::kContextIntegrationAnalysis; }
  std::uint64_t seed() const override { return options_.seed; }

  tasks::ContextIntegrationOptions task_;
  task_analysis::LineAttractorOptions options_;
  task_analysis::ContextIntegrationAnalysis found_;
};

template <class Command>
void add(CLI::App& parent, Subcommands& subcommands) {
  CLI::App* app = parent.add_subcommand(Command::kName, Command::kWhat);
  app->footer(
      fmt::format("Example: nullcline task-analysis {} net.nc -o net.analysis.nc", Command::kName));
  const auto command = std::make_shared<Command>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace

void add_task_analysis(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "task-analysis", "what the paper of a task reads from a network trained on it");
  app->require_subcommand(1);
  app->footer("Example: nullcline task-analysis sine net.nc --commands 11 --json");
  add<SineCommand>(*app, subcommands);
  add<ContextIntegrationCommand>(*app, subcommands);
}

}  // namespace nullcline::cli
