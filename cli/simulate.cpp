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
#include "nullcline/results/run_files.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

struct SimulateOptions {
  std::string inputs;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("inputs", self.inputs, "(trials,) steps x n_inputs: .npy, or .npz with one array");
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

nlohmann::ordered_json last_rows(const Trials& trials, const Matrix& rows) {
  auto list = nlohmann::ordered_json::array();
  for (Index trial = 0; trial < trials.n_trials; ++trial) {
    const Vector row = rows.row((trial + 1) * trials.n_steps - 1);
    list.push_back(std::vector<double>(row.begin(), row.end()));
  }
  return list;
}

int Simulate::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  if (options.inputs.empty())
    throw InvalidInput("--inputs: missing, expected a file (.npy or .npz)");
  check_output(run_options.output,
               {path, options.inputs, import_flags.probe, settings.config_path()});
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  const results::Subject& subject = source.subject;
  const models::Network* network = subject.network_or_null();
  const auto system = subject.make_system();
  if (system->time() == dynamics::Time::continuous)
    throw InvalidInput(path + ": found a flow, expected a map, which is run step by step");
  const Trials trials = read_inputs(options.inputs, system->n_inputs());

  const Vector start = network ? network->initial_state : Vector(Vector::Zero(system->n_states()));
  const Matrix states = dynamics::simulate(*system, trials.values, trials.n_trials, trials.n_steps,
                                           Matrix(start.transpose()));
  const Matrix outputs = network ? models::readout(*network, states) : Matrix(states.rows(), 0);
  const Matrix inputs = Eigen::Map<const Matrix>(
      trials.values.data(), trials.n_trials * trials.n_steps, system->n_inputs());

  NamedArrays file =
      results::simulation_to_arrays(network, inputs, states, trials.n_trials, trials.n_steps);
  if (subject.model) results::store_subject(file, subject);
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
  print_error(
      fmt::format("{}: the states overflow, not all of them are finite", run_options.output));
  return kGateFailed;
}

}  // namespace

void add_simulate(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand("simulate", "run a network or map on your own inputs");
  app->footer("Example: nullcline simulate ff.nc --inputs u.npy -o states.nc");
  const auto command = std::make_shared<Simulate>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
