// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/state_machine.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/portrait/results.hpp"
#include "nullcline/report/verdict.hpp"
#include "nullcline/results/visited.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "states_file.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;
using portrait::StateMachine;

struct StateMachineInputs {
  std::vector<double> input;
  std::string states;
  int trials = 128;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("input", self.input, "held input between pulses; default: zeros");
    field("states", self.states, "visited states (n, n_states): .npz or .npy");
    field("trials", self.trials, "task trials whose states are visited, of a network trained here");
  }
};

struct StateMachineCommand {
  explicit StateMachineCommand(CLI::App& app) : settings(app) {
    app.add_option("network", path,
                   "a trained network (.nc), weights (.pt, .safetensors, .npz, .keras, .h5) or a "
                   "model file (.toml)")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("state_machine", "What to search [state_machine]", option_fields(inputs));
    settings.add_table("pulses", "What to try [pulses]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  std::string json(const StateMachine& machine, bool is_verified) const;

  std::string path;
  RunOptions run_options;
  StateMachineInputs inputs;
  portrait::StateMachineOptions options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

std::vector<double> numbers(ConstVectorRef values) { return {values.begin(), values.end()}; }

std::string text(const StateMachine& machine) {
  std::string result = report::verdict(machine.points) + "\n";
  result += fmt::format("{} stable state{}, {} pulse{} of {:g}\n", machine.nodes.size(),
                        machine.nodes.size() == 1 ? "" : "s", machine.pulses.rows(),
                        machine.pulses.rows() == 1 ? "" : "s", machine.duration);
  for (Index k = 0; k < machine.pulses.rows(); ++k) {
    result += fmt::format("  pulse {} ({})", k, numbers_text(numbers(machine.pulses.row(k))));
    for (std::size_t i = 0; i < machine.nodes.size(); ++i) {
      const std::int64_t to = machine.target(i, static_cast<std::size_t>(k));
      result += fmt::format("{} {} -> {}", i == 0 ? ":" : ",", i,
                            to >= 0    ? std::to_string(to)
                            : to == -1 ? "undecided"
                                       : "away");
    }
    result += "\n";
  }
  return result;
}

std::string StateMachineCommand::json(const StateMachine& machine, bool is_verified) const {
  Json document;
  document["states"] = Json::array();
  for (const portrait::Attractor& node : machine.nodes)
    document["states"].push_back({{"kind", name_of(node.kind)},
                                  {"number", node.number},
                                  {"verdict", name_of(node.verdict)},
                                  {"state", numbers(node.center)}});
  document["pulses"] = Json::array();
  document["transitions"] = Json::array();
  for (Index k = 0; k < machine.pulses.rows(); ++k)
    document["pulses"].push_back(numbers(machine.pulses.row(k)));
  for (std::size_t i = 0; i < machine.nodes.size(); ++i) {
    Json row = Json::array();
    for (Index k = 0; k < machine.pulses.rows(); ++k)
      row.push_back(machine.target(i, static_cast<std::size_t>(k)));
    document["transitions"].push_back(std::move(row));
  }
  document["duration"] = machine.duration;
  document["time"] = name_of(machine.time);
  document["completeness"] = name_of(machine.points.audit.completeness);
  document["sentence"] = report::verdict(machine.points);
  document["verified"] = is_verified;
  document["seed"] = options.seed;
  document["nullcline"] = version();
  document["configuration"] = Json::parse(settings.to_json());
  document["output"] = run_options.output.empty() ? Json(nullptr) : Json(run_options.output);
  return document.dump() + "\n";
}

int StateMachineCommand::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty())
    check_output(output, {path, inputs.states, import_flags.probe, settings.config_path()});
  if (inputs.trials < 1)
    throw InvalidInput(fmt::format("--trials: found {}, expected at least 1", inputs.trials));
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  if (source.subject.model) source.subject.model->require_box();
  const auto system = source.subject.make_system();
  const Vector input = held_input(inputs.input, system->n_inputs());
  const results::Visited visited =
      inputs.states.empty()
          ? results::visited_by_task(path, source.file, *system, inputs.trials, options.seed)
          : visited_from_file(inputs.states, system->n_states());
  const InterruptGuard interrupt;
  StateMachine machine;
  {
    ProgressLine line("state machine", run_options.quiet);
    machine =
        make_state_machine(*system, input, visited.states, options, make_progress(line, interrupt));
  }
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    NamedArrays file = to_arrays(machine);
    results::store_subject(file, source.subject);
    stamp(file, results::kStateMachine, "State machine of " + path, settings.to_json(),
          options.seed);
    file.attributes["source"] = path;
    const std::string task = text_or_empty(source.file.attributes, "task");
    if (!task.empty()) file.attributes["task"] = task;
    io::write_hdf5(output, file);
  }
  const bool is_verified = source.subject.is_verified();
  if (run_options.json) {
    print(json(machine, is_verified));
    return kDone;
  }
  print((is_verified ? "" : source.subject.description() + kNotVerified + "\n") + text(machine) +
        (output.empty() ? "" : "wrote " + output + "\n"));
  return kDone;
}

}  // namespace

void add_state_machine(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "state-machine", "find the stable states, and where pulses of input send each of them");
  app->footer(
      "Examples: nullcline state-machine ff.nc --json\n"
      "          nullcline state-machine memory.toml --pulse 2,0 --pulse=-2,0 --duration 5");
  const auto command = std::make_shared<StateMachineCommand>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace nullcline::cli
