// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/simulate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "array_file.hpp"
#include "console.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/results/run_files.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

struct SimulateOptions {
  std::string inputs;
  int steps = 0;
  std::vector<double> start;
  dynamics::Time time = dynamics::Time::discrete;
  double dt = 1;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("inputs", self.inputs, "(trials,) steps x n_inputs: .npy, or .npz with one array");
    field("steps", self.steps, "in the place of --inputs: so many steps without input");
    field("start", self.start,
          "initial state, such as 0.1,0; default: the network's own, or zeros");
    field("time", self.time, "networks: discrete (the map) | continuous (the flow F - h)");
    field("dt", self.dt, "flows: the time for which each row of inputs is held");
  }
};

struct Simulate {
  explicit Simulate(CLI::App& app) : settings(app) {
    app.add_option("network", path,
                   "a trained network (.nc), weights (.pt, .safetensors, .npz, .keras, .h5) or a "
                   "model file (.toml)")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("simulate", "Simulation [simulate]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  Vector first_state(const models::Network* network, Index n_states) const;

  std::string path;
  RunOptions run_options;
  SimulateOptions options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

struct Trials {
  Index n_trials = 1, n_steps = 0;
  std::vector<double> values;
};

Trials read_inputs(const std::string& path, Index n_inputs) {
  const NamedArray array = read_array(path, "inputs");
  const std::vector<std::size_t>& shape = array.shape;
  if ((shape.size() != 2 && shape.size() != 3) ||
      shape.back() != static_cast<std::size_t>(n_inputs))
    throw FormatError(
        fmt::format("{}: found shape ({}), expected (steps, {}) or (trials, steps, {})", path,
                    fmt::join(shape, ", "), n_inputs, n_inputs));
  Trials trials;
  if (shape.size() == 3) trials.n_trials = static_cast<Index>(shape[0]);
  trials.n_steps = static_cast<Index>(shape[shape.size() - 2]);
  if (trials.n_trials == 0 || trials.n_steps == 0)
    throw FormatError(fmt::format("{}: found shape ({}), expected at least one step", path,
                                  fmt::join(shape, ", ")));
  trials.values = finite_values(array, path);
  return trials;
}

Trials without_input(int n_steps, Index n_inputs) {
  return {1, n_steps, std::vector<double>(static_cast<std::size_t>(n_steps * n_inputs), 0.0)};
}

nlohmann::ordered_json last_rows(const Trials& trials, const Matrix& rows) {
  auto list = nlohmann::ordered_json::array();
  for (Index trial = 0; trial < trials.n_trials; ++trial) {
    const Vector row = rows.row((trial + 1) * trials.n_steps - 1);
    list.push_back(std::vector<double>(row.begin(), row.end()));
  }
  return list;
}

Vector Simulate::first_state(const models::Network* network, Index n_states) const {
  if (options.start.empty())
    return network ? network->initial_state : Vector(Vector::Zero(n_states));
  if (static_cast<Index>(options.start.size()) != n_states)
    throw InvalidInput(
        fmt::format("--start: found {} values, expected {}", options.start.size(), n_states));
  return Eigen::Map<const Vector>(options.start.data(), n_states);
}

int Simulate::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  if (options.inputs.empty() && options.steps == 0)
    throw InvalidInput(
        "--inputs: missing, expected a file (.npy or .npz), or --steps N without input");
  if (!options.inputs.empty() && options.steps != 0)
    throw InvalidInput("--steps: found it beside --inputs, expected one of them");
  if (options.steps < 0)
    throw InvalidInput(fmt::format("--steps: found {}, expected 1 or more", options.steps));
  check_output(run_options.output,
               {path, options.inputs, import_flags.probe, settings.config_path()});
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  const results::Subject& subject = source.subject;
  const models::Network* network = subject.network_or_null();
  if (subject.model && settings.is_given("time"))
    throw InvalidInput("--time: a model file says itself whether it is a flow or a map");
  const auto system =
      subject.model ? subject.make_system() : models::make_system(*network, options.time);
  const bool is_flow = system->time() == dynamics::Time::continuous;
  if (!is_flow && settings.is_given("dt")) throw InvalidInput("--dt: is for flows, found a map");
  const Trials trials = options.steps > 0 ? without_input(options.steps, system->n_inputs())
                                          : read_inputs(options.inputs, system->n_inputs());

  const Matrix start = first_state(network, system->n_states()).transpose();
  const Matrix states =
      is_flow ? dynamics::simulate_flow(*system, trials.values, trials.n_trials, trials.n_steps,
                                        start, options.dt)
              : dynamics::simulate(*system, trials.values, trials.n_trials, trials.n_steps, start);
  const Matrix outputs = network ? models::readout(*network, states) : Matrix(states.rows(), 0);
  const Matrix inputs = Eigen::Map<const Matrix>(
      trials.values.data(), trials.n_trials * trials.n_steps, system->n_inputs());

  NamedArrays file =
      results::simulation_to_arrays(network, inputs, states, trials.n_trials, trials.n_steps);
  if (subject.model) results::store_subject(file, subject);
  if (is_flow) file.set_scalar("dt", options.dt, "time between rows");
  stamp(file, kSimulation, "Simulation of " + source.path, settings.to_json(), 0);
  file.attributes["verified"] = subject.is_verified() ? "yes" : "no";
  io::write_hdf5(run_options.output, file);

  if (run_options.json) {
    nlohmann::ordered_json document{{"output", run_options.output},
                                    {"n_trials", trials.n_trials},
                                    {"n_steps", trials.n_steps},
                                    {"finite", states.allFinite()},
                                    {"final_states", last_rows(trials, states)},
                                    {"final_outputs", last_rows(trials, outputs)},
                                    {"verified", subject.is_verified()},
                                    {"nullcline", version()}};
    print(document.dump(2) + "\n");
  } else {
    print(fmt::format("{}: {} trial{} of {} steps of {}{}\n", run_options.output, trials.n_trials,
                      trials.n_trials == 1 ? "" : "s", trials.n_steps, subject.description(),
                      subject.is_verified() ? "" : kNotVerified));
  }
  if (states.allFinite()) return kDone;
  print_error(is_flow ? fmt::format("{}: the flow escapes to infinity: states after that are not "
                                    "numbers",
                                    run_options.output)
                      : fmt::format("{}: the states overflow, not all of them are finite",
                                    run_options.output));
  return kGateFailed;
}

}  // namespace

void add_simulate(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand("simulate", "run a network, map or flow on your own inputs");
  app->footer(
      "Examples: nullcline simulate ff.nc --inputs u.npy -o states.nc\n"
      "          nullcline simulate hopf.toml --steps 100 --dt 0.1 --start 0.1,0 -o states.nc");
  const auto command = std::make_shared<Simulate>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
