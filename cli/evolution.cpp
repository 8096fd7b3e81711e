// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/report/evolution_page.hpp"
#include "nullcline/results/evolution_run.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using evolution::Evolution;
using nlohmann::ordered_json;
using results::Snapshots;

struct EvolutionInputs {
  std::vector<double> input;
  int every = 1;
  std::string title;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("input", self.input, "held input, such as 0,0,1; default: zeros");
    field("every", self.every, "take each such snapshot only, and the last");
    field("title", self.title, "heading of the page");
  }
};

struct EvolutionCommand {
  explicit EvolutionCommand(CLI::App& app) : settings(app) {
    app.add_option("networks", paths,
                   "a network trained with snapshots (.nc), or networks of one training in order")
        ->required()
        ->option_text("FILES");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("evolution", "What to follow [evolution]", option_fields(inputs));
    settings.add_table("search", "How to search [search]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
  }
  int run();
  Snapshots read(NamedArrays& file) const;

  std::vector<std::string> paths;
  RunOptions run_options;
  EvolutionInputs inputs;
  evolution::EvolutionOptions options;
  ImportFlags import_flags;
  Settings settings;
};

// `file` is that of the only network, where there is one.
Snapshots EvolutionCommand::read(NamedArrays& file) const {
  std::vector<models::Network> networks;
  for (const std::string& path : paths) {
    NetworkSource source = load_network(path, import_flags);
    if (!source.subject.network)
      throw InvalidInput(fmt::format("{}: found equations, expected a network", path));
    networks.push_back(*source.subject.network);
    if (paths.size() == 1) file = std::move(source.file);
  }
  Snapshots all = paths.size() == 1 ? results::read_snapshots(paths[0], file)
                                    : results::join_snapshots(paths, networks);
  Snapshots taken;
  const auto every = static_cast<std::size_t>(inputs.every);
  for (std::size_t k = 0; k < all.networks.size(); ++k)
    if (k % every == 0 || k + 1 == all.networks.size()) {
      taken.steps.push_back(all.steps[k]);
      taken.networks.push_back(std::move(all.networks[k]));
    }
  return taken;
}

ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : nullptr; }

ordered_json evolution_json(const Evolution& evolution) {
  ordered_json document;
  document["input"] = std::vector<double>(evolution.input.begin(), evolution.input.end());
  document["n_tracks"] = evolution.n_tracks;
  document["snapshots"] = ordered_json::array();
  for (const evolution::Snapshot& snapshot : evolution.snapshots) {
    ordered_json points = ordered_json::array();
    for (const evolution::Point& point : snapshot.points)
      points.push_back(
          {{"track", point.track},
           {"n_unstable", point.n_unstable},
           {"stability", name_of(point.stability)},
           {"index", point.index},
           {"verdict", name_of(point.verdict)},
           {"radius", number(point.radius)},
           {"readout", std::vector<double>(point.readout.begin(), point.readout.end())}});
    document["snapshots"].push_back(
        {{"step", snapshot.step},
         {"n_points", snapshot.points.size()},
         {"index_sum", snapshot.index_sum},
         {"index_expected",
          snapshot.index_expected ? ordered_json(*snapshot.index_expected) : ordered_json()},
         {"unseen_estimate", snapshot.unseen_estimate},
         {"n_undecided", snapshot.n_undecided},
         {"completeness", name_of(snapshot.completeness)},
         {"points", std::move(points)}});
  }
  document["events"] = ordered_json::array();
  for (const evolution::Event& event : evolution.events)
    document["events"].push_back(
        {{"type", name_of(event.type)},
         {"track", event.track},
         {"snapshot", event.snapshot},
         {"step", number(event.step)},
         {"partner", event.partner < 0 ? ordered_json() : ordered_json(event.partner)},
         {"n_unstable_before",
          event.n_unstable_before < 0 ? ordered_json() : ordered_json(event.n_unstable_before)},
         {"n_unstable_after",
          event.n_unstable_after < 0 ? ordered_json() : ordered_json(event.n_unstable_after)}});
  document["seconds"] = evolution.seconds;
  return document;
}

std::string evolution_text(const Evolution& evolution) {
  std::string text =
      report::evolution_verdict(evolution) + "\n    step  points  stable  index sum\n";
  for (const evolution::Snapshot& snapshot : evolution.snapshots) {
    const auto n_stable = std::count_if(snapshot.points.begin(), snapshot.points.end(),
                                        [](const auto& point) { return point.n_unstable == 0; });
    text += fmt::format(
        "{:8g}  {:6}  {:6}  {:+9}{}\n", snapshot.step, snapshot.points.size(), n_stable,
        snapshot.index_sum,
        snapshot.completeness == fixed_points::Completeness::statistical ? "" : "  lower bound");
  }
  return text;
}

int EvolutionCommand::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  std::vector<std::string> read_paths = paths;
  read_paths.push_back(settings.config_path());
  if (!output.empty()) check_output(output, read_paths);
  if (inputs.every < 1)
    throw InvalidInput(fmt::format("--every: found {}, expected at least 1", inputs.every));
  check_options(options);
  set_n_threads(run_options.threads);
  NamedArrays source;
  const Snapshots snapshots = read(source);
  const models::Network& last = snapshots.networks.back();
  const Vector input = held_input(inputs.input, last.n_inputs());
  const auto task = reading(paths[0], [&] {
    return tasks::task_of_configuration(text_or_empty(source.attributes, "configuration"));
  });
  const InterruptGuard interrupt;
  results::EvolutionRun result;
  {
    ProgressLine line("following", run_options.quiet);
    result = results::run_evolution(snapshots, input, task.get(), options,
                                    make_progress(line, interrupt));
  }
  if (result.evolution.interrupted) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    NamedArrays file = results::evolution_to_arrays(result);
    const std::string title =
        inputs.title.empty() ? "Evolution of " + std::filesystem::path(paths[0]).stem().string()
                             : inputs.title;
    stamp(file, results::kEvolution, title, settings.to_json(), options.seed);
    file.attributes["source"] = paths[0];
    file.attributes["description"] = describe(last);
    if (output.ends_with(".html"))
      io::write_text(output, results::evolution_page(file, title));
    else
      io::write_hdf5(output, file);
  }
  if (run_options.json) {
    ordered_json document = evolution_json(result.evolution);
    document["output"] = output.empty() ? ordered_json() : ordered_json(output);
    document["configuration"] = ordered_json::parse(settings.to_json());
    document["nullcline"] = version();
    document["seed"] = options.seed;
    print(document.dump(1) + "\n");
  } else {
    print(evolution_text(result.evolution) + (output.empty() ? "" : "written to " + output + "\n"));
  }
  return kDone;
}

}  // namespace

void add_evolution(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "evolution", "follow the fixed points through the snapshots of a training");
  app->footer(
      "Examples: nullcline evolution esn.nc -o evolution.html\n"
      "          nullcline evolution epoch-0.pt epoch-5.pt epoch-10.pt -o evolution.nc --json");
  const auto command = std::make_shared<EvolutionCommand>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
