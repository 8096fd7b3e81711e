// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "fixed_points_output.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/readouts.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "states_file.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using fixed_points::FixedPointSet;
using results::Visited;

struct InputOptions {
  NumberRows input;
  std::string states;
  int trials = 128;
  double scale = 1;
  bool strict = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("input", self.input, "held input, such as 0,0,1; may be given again; default: zeros");
    field("states", self.states, "visited states (n, n_states): .npz or .npy");
    field("trials", self.trials, "task trials whose states are visited, of a network trained here");
    field("scale", self.scale, "factor on visited states; above 1: starts from beyond them");
    field("strict", self.strict, "exit with 4 if the audit says that points are missing");
  }
};

struct FixedPoints {
  explicit FixedPoints(CLI::App& app) : settings(app) {
    app.add_option("network", path,
                   "a trained network (.nc), weights (.pt, .safetensors, .npz, .keras, .h5) or a "
                   "model file (.toml)")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("fixed_points", "What to search [fixed_points]", option_fields(inputs));
    settings.add_table("search", "How to search [search]", option_fields(search));
    settings.add_table("orbits", "What is no fixed point [orbits]", option_fields(orbits));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  std::vector<Vector> held_inputs(Index n_inputs) const;
  Visited visited(const NetworkSource& source, const dynamics::System& system) const;
  void write(const NetworkSource& source, const Visited& visited,
             const std::vector<FixedPointSet>& sets,
             const std::vector<orbits::OrbitSet>& orbit_sets) const;

  std::string path;
  RunOptions run_options;
  InputOptions inputs;
  fixed_points::SearchOptions search;
  orbits::OrbitOptions orbits;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

std::vector<Vector> FixedPoints::held_inputs(Index n_inputs) const {
  std::vector<Vector> held;
  for (const std::vector<double>& row : inputs.input) {
    if (static_cast<Index>(row.size()) != n_inputs)
      throw InvalidInput(fmt::format("--input: found {} values in '{}', expected {}", row.size(),
                                     numbers_text(row), n_inputs));
    held.push_back(Eigen::Map<const Vector>(row.data(), n_inputs));
  }
  if (held.empty()) held.push_back(Vector::Zero(n_inputs));
  return held;
}

Visited FixedPoints::visited(const NetworkSource& source, const dynamics::System& system) const {
  if (!inputs.states.empty()) return visited_from_file(inputs.states, system.n_states());
  return results::visited_by_task(source.path, source.file, system, inputs.trials, search.seed);
}

void FixedPoints::write(const NetworkSource& source, const Visited& visited,
                        const std::vector<FixedPointSet>& sets,
                        const std::vector<orbits::OrbitSet>& orbit_sets) const {
  NamedArrays file = results::points_to_arrays(sets, orbit_sets, &source.subject, visited);
  stamp(file, kFixedPoints, "Fixed points of " + source.path, settings.to_json(), search.seed);
  file.attributes["source"] = source.path;
  const std::string task = text_or_empty(source.file.attributes, "task");
  if (!task.empty()) file.attributes["task"] = task;
  io::write_hdf5(run_options.output, file);
}

int FixedPoints::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const bool has_output = !run_options.output.empty();
  if (has_output)
    check_output(run_options.output,
                 {path, inputs.states, import_flags.probe, settings.config_path()});
  if (inputs.trials < 1)
    throw InvalidInput(fmt::format("--trials: found {}, expected at least 1", inputs.trials));
  if (!std::isfinite(inputs.scale) || inputs.scale <= 0)
    throw InvalidInput(
        fmt::format("--scale: found {}, expected a finite value above 0", inputs.scale));
  check_options(orbits);
  set_n_threads(run_options.threads);

  const NetworkSource source = load_network(path, import_flags, model_flags);
  if (source.subject.model) source.subject.model->require_box();
  if (settings.is_given("trials") &&
      (source.imported || source.subject.model || !inputs.states.empty()))
    throw InvalidInput("--trials: is for networks trained here, without --states");
  const auto system = source.subject.make_system();
  const std::vector<Vector> held = held_inputs(system->n_inputs());
  Visited states = visited(source, *system);
  states.states *= inputs.scale;

  std::vector<FixedPointSet> sets;
  std::vector<orbits::OrbitSet> orbit_sets;
  orbits.search = search;
  const InterruptGuard interrupt;
  for (const Vector& input : held) {
    ProgressLine line("searching " + input_text(input), run_options.quiet);
    sets.push_back(
        find_fixed_points(*system, input, states.states, search, make_progress(line, interrupt)));
    const models::Network* network = source.subject.network_or_null();
    if (network) results::attach_readouts(sets.back(), *network);
    orbit_sets.push_back(
        find_orbits(*system, sets.back(), states.states, orbits, make_progress(line, interrupt)));
    if (network) results::attach_readouts(orbit_sets.back(), *network);
    if (interrupt.signal() != 0) {
      print_error("interrupted; nothing was written");
      return interrupted_exit_code(interrupt.signal(), false);
    }
  }
  if (has_output) {
    if (system->time() == dynamics::Time::discrete)
      results::add_free_runs(states, *system, held[0], search.seed);
    write(source, states, sets, orbit_sets);
  }
  PointsContext context;
  context.subject = &source.subject;
  context.imported = source.imported;
  context.visited_origin = states.origin;
  context.output = run_options.output;
  context.configuration = settings.to_json();
  context.seed = search.seed;
  print(run_options.json ? fixed_points_json(sets, orbit_sets, context)
                         : fixed_points_text(sets, orbit_sets, context));

  const bool incomplete = std::any_of(sets.begin(), sets.end(), [](const FixedPointSet& set) {
    return set.audit.completeness == fixed_points::Completeness::incomplete;
  });
  if (!inputs.strict || !incomplete) return kDone;
  print_error("--strict: the audit says that fixed points are missing");
  return kGateFailed;
}

}  // namespace

void add_fixed_points(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "fixed-points",
      "find the fixed points and slow points of a network or model, and audit the set");
  app->footer(
      "Examples: nullcline fixed-points ff.nc -o ff.points.nc\n"
      "          nullcline fixed-points model.pt --probe probe.npz --states visited.npz\n"
      "          nullcline fixed-points rates.npz --cell leaky-outside --alpha 0.1 --json\n"
      "          nullcline fixed-points hopf.toml --set alpha=0.5");
  const auto command = std::make_shared<FixedPoints>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
