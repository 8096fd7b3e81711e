// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fixed_points_output.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/topology/graph.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using topology::Graph;

struct Topology {
  explicit Topology(CLI::App& app) : settings(app) {
    app.add_option("points", path, "fixed points (.nc), made by nullcline fixed-points")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("topology", "Graph [topology]", option_fields(options));
  }
  int run();

  std::string path;
  RunOptions run_options;
  topology::GraphOptions options;
  Settings settings;
};

nlohmann::ordered_json cycle_json(const Graph& graph, Index i) {
  const topology::CycleNode& cycle = graph.cycles[static_cast<std::size_t>(i)];
  const auto list = [](const Vector& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  const Index node = graph.n_nodes() - graph.n_cycles() + i;
  return {{"node", node},
          {"period", cycle.period},
          {"stable", cycle.is_stable},
          {"n_unstable", graph.n_unstable[static_cast<std::size_t>(node)]},
          {"min", list(cycle.minimum)},
          {"max", list(cycle.maximum)},
          {"point", list(cycle.states.row(0).transpose())}};
}

nlohmann::ordered_json graph_json(const Graph& graph, const Vector& input) {
  nlohmann::ordered_json entry;
  entry["input"] = std::vector<double>(input.begin(), input.end());
  entry["probe"] = name_of(graph.probe);
  entry["n_points"] = graph.n_points;
  entry["labels"] = graph.labels;
  entry["point_index"] = graph.point_index;
  entry["n_orbits"] = graph.n_orbits;
  entry["orbit_index"] = graph.orbit_index;
  entry["n_cycles"] = graph.n_cycles();
  entry["cycles"] = nlohmann::ordered_json::array();
  for (Index i = 0; i < graph.n_cycles(); ++i) entry["cycles"].push_back(cycle_json(graph, i));
  entry["transitions"] = nlohmann::ordered_json::array();
  for (Index i = 0; i < graph.transitions.rows(); ++i) {
    const Vector row = graph.transitions.row(i);
    entry["transitions"].push_back(std::vector<double>(row.begin(), row.end()));
  }
  entry["n_rollouts"] = graph.n_rollouts;
  entry["perturbation"] = graph.perturbation;
  entry["capture_radius"] = graph.capture_radius;
  entry["n_cycle"] = graph.n_cycle;
  entry["n_diverged"] = graph.n_diverged;
  entry["n_undecided"] = graph.n_undecided;
  return entry;
}

/// "3" for a point, "orbit 3" for an orbit: their numbers in the tables of fixed-points. Cycles are
/// numbered here, by period.
std::string node_name(const Graph& graph, Index node) {
  if (node == graph.n_nodes()) return "other";
  const Index first_cycle = graph.n_nodes() - graph.n_cycles();
  if (node >= first_cycle) return fmt::format("cycle {}", node - first_cycle);
  if (node < graph.n_points)
    return std::to_string(graph.point_index[static_cast<std::size_t>(node)]);
  return fmt::format("orbit {}",
                     graph.orbit_index[static_cast<std::size_t>(node - graph.n_points)]);
}

std::string graph_text(const Graph& graph, const Vector& input, bool is_flow) {
  std::string text = fmt::format("graph for input {}: {} fixed point{}", input_text(input),
                                 graph.n_points, graph.n_points == 1 ? "" : "s");
  if (graph.n_orbits > 0)
    text += fmt::format(" and {} orbit{}", graph.n_orbits, graph.n_orbits == 1 ? "" : "s");
  if (graph.n_cycles() > 0)
    text +=
        fmt::format(" and {} limit cycle{}", graph.n_cycles(), graph.n_cycles() == 1 ? "" : "s");
  text += "\n";
  for (Index i = 0; i < graph.n_nodes(); ++i) {
    std::string targets;
    for (Index j = 0; j < graph.transitions.cols(); ++j) {
      const double share = graph.transitions(i, j);
      if (share <= 0) continue;
      targets +=
          fmt::format("{}{} ({:.2f})", targets.empty() ? "" : ", ", node_name(graph, j), share);
    }
    text += fmt::format("{:>4}  {} -> {}\n", node_name(graph, i),
                        graph.labels[static_cast<std::size_t>(i)], targets);
  }
  if (graph.n_cycle + graph.n_diverged + graph.n_undecided > 0)
    text += fmt::format("other: {} rollouts on other cycles, {} diverged, {} undecided{}\n",
                        graph.n_cycle, graph.n_diverged, graph.n_undecided,
                        is_flow ? " (slow, or on what is neither point nor cycle)" : "");
  return text;
}

// What tells this graph's network from others when graphs are compared.
void store_factors(NamedArrays& file, const results::PointsFile& points) {
  if (const models::Network* network = points.subject.network_or_null()) {
    file.attributes["cell"] = std::string(name_of(network->cell));
    file.attributes["activation"] = std::string(name_of(network->activation));
    file.attributes["n_units"] = std::to_string(network->n_units());
  }
  const std::string task = text_or_empty(points.file.attributes, "task");
  if (!task.empty()) file.attributes["task"] = task;
}

int Topology::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty()) check_output(output, {path, settings.config_path()});
  set_n_threads(run_options.threads);
  const results::PointsFile points = results::read_points(path);
  const auto system = points.subject.make_system();

  std::vector<Graph> graphs;
  const InterruptGuard interrupt;
  for (std::size_t i = 0; i < points.sets.size(); ++i) {
    const fixed_points::FixedPointSet& set = points.sets[i];
    ProgressLine line("following " + input_text(set.input), run_options.quiet);
    graphs.push_back(
        build_graph(*system, set, points.orbits[i], options, make_progress(line, interrupt)));
    if (interrupt.signal() != 0) {
      print_error("interrupted; nothing was written");
      return interrupted_exit_code(interrupt.signal(), false);
    }
  }
  if (!output.empty()) {
    NamedArrays file;
    results::store_graphs(file, graphs);
    stamp(file, kGraph, "Graph of the fixed points in " + path, settings.to_json(), options.seed);
    file.attributes["points_fingerprint"] = results::points_fingerprint(points.sets, points.orbits);
    file.attributes["source"] = path;
    store_factors(file, points);
    file.attributes["verified"] = points.subject.is_verified() ? "yes" : "no";
    io::write_hdf5(output, file);
  }
  nlohmann::ordered_json document{
      {"nullcline", version()}, {"seed", options.seed}, {"verified", points.subject.is_verified()}};
  std::string text;
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    document["graphs"].push_back(graph_json(graphs[i], points.sets[i].input));
    text +=
        graph_text(graphs[i], points.sets[i].input, system->time() == dynamics::Time::continuous);
  }
  document["configuration"] = nlohmann::ordered_json::parse(settings.to_json());
  document["output"] = output.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(output);
  if (!points.subject.is_verified()) text += points.subject.description() + kNotVerified + "\n";
  if (!output.empty()) text += "written to " + output + "\n";
  print(run_options.json ? document.dump(1) + "\n" : text);
  return kDone;
}

}  // namespace

void add_topology(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "topology",
      "connect fixed points, orbits and limit cycles into a graph: which leads to which");
  app->footer("Example: nullcline topology ff.points.nc -o ff.graph.nc");
  const auto command = std::make_shared<Topology>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
