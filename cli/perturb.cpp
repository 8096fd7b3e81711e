// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/perturbation/perturb.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
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
#include "nullcline/results/perturbation_page.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using nlohmann::ordered_json;
using perturbation::Level;
using perturbation::Study;
using perturbation::Trial;

struct PerturbInputs {
  std::vector<double> input;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("input", self.input, "held input of points, graph and cycles; default: zeros");
  }
};

struct Perturb {
  explicit Perturb(CLI::App& app) : settings(app) {
    app.add_option("network", path, "a trained network (.nc) or weights")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("structure", "Structure [structure]", option_fields(inputs));
    settings.add_table("perturb", "Perturbations [perturb]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
  }
  int run();

  std::string path;
  RunOptions run_options;
  PerturbInputs inputs;
  perturbation::PerturbOptions options;
  ImportFlags import_flags;
  Settings settings;
};

ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : nullptr; }

struct Spread {
  double mean = std::nan(""), deviation = std::nan("");
};

template <class Get>
Spread spread(const Level& level, Get&& get) {
  double sum = 0, squares = 0;
  const auto n = static_cast<double>(level.trials.size());
  for (const Trial& trial : level.trials) sum += static_cast<double>(get(trial));
  for (const Trial& trial : level.trials)
    squares += std::pow(static_cast<double>(get(trial)) - sum / n, 2);
  return {sum / n, n > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

ordered_json level_json(const Study& study, const Level& level) {
  ordered_json entry{
      {"kind", name_of(level.kind)}, {"level", level.level}, {"n_trials", level.trials.size()}};
  const auto add = [&](const char* name, auto&& get) {
    const Spread values = spread(level, get);
    entry[std::string("mean_") + name] = number(values.mean);
    entry[std::string("sd_") + name] = number(values.deviation);
    entry[name] = ordered_json::array();
    for (const Trial& trial : level.trials) {
      const auto value = get(trial);
      entry[name].push_back(std::isfinite(static_cast<double>(value)) ? ordered_json(value)
                                                                      : ordered_json());
    }
  };
  if (study.has_error) add("error", [](const Trial& t) { return t.error; });
  if (!study.has_structure) return entry;
  add("n_points", [](const Trial& t) { return t.n_points; });
  add("n_stable", [](const Trial& t) { return t.n_stable; });
  add("points_kept", [](const Trial& t) { return t.points_kept; });
  add("stability_kept", [](const Trial& t) { return t.stability_kept; });
  add("edges_kept", [](const Trial& t) { return t.edges_kept; });
  add("cycles_kept", [](const Trial& t) { return t.cycles_kept; });
  add("index_sum", [](const Trial& t) { return t.index_sum; });
  return entry;
}

ordered_json study_json(const Study& study) {
  ordered_json document;
  const perturbation::Reference& reference = study.reference;
  document["reference"] = {{"error", number(reference.error)}};
  if (study.has_structure) {
    document["reference"]["n_points"] = reference.n_points;
    document["reference"]["n_stable"] = reference.n_stable;
    document["reference"]["n_edges"] = reference.n_edges;
    document["reference"]["n_cycles"] = reference.n_cycles;
    document["reference"]["index_sum"] = reference.index_sum;
  }
  document["levels"] = ordered_json::array();
  for (const Level& level : study.levels) document["levels"].push_back(level_json(study, level));
  document["seconds"] = study.seconds;
  return document;
}

std::string study_text(const Study& study) {
  const perturbation::Reference& reference = study.reference;
  std::string text = "network:";
  if (study.has_error) text += fmt::format(" error {:.3g}", reference.error);
  if (study.has_structure)
    text += fmt::format("{} {} fixed points ({} stable), {} edges, {} cycles",
                        study.has_error ? ";" : "", reference.n_points, reference.n_stable,
                        reference.n_edges, reference.n_cycles);
  text += "\n" + fmt::format("{:<13}{:>9}", "perturbation", "level");
  if (study.has_error) text += fmt::format("{:>11}{:>11}", "error", "+-");
  if (study.has_structure)
    text +=
        fmt::format("{:>8}{:>8}{:>10}{:>8}{:>8}", "points", "kept", "stability", "edges", "cycles");
  text += "\n";
  for (const Level& level : study.levels) {
    text += fmt::format("{:<13}{:>9.3g}", name_of(level.kind), level.level);
    if (study.has_error) {
      const Spread error = spread(level, [](const Trial& t) { return t.error; });
      text += fmt::format("{:>11.4g}{:>11.3g}", error.mean, error.deviation);
    }
    if (study.has_structure) {
      const auto mean = [&](auto&& get) { return spread(level, get).mean; };
      text += fmt::format("{:>8.4g}{:>8.4g}{:>10.4g}{:>8.4g}{:>8.4g}",
                          mean([](const Trial& t) { return t.n_points; }),
                          mean([](const Trial& t) { return t.points_kept; }),
                          mean([](const Trial& t) { return t.stability_kept; }),
                          mean([](const Trial& t) { return t.edges_kept; }),
                          mean([](const Trial& t) { return t.cycles_kept; }));
    }
    text += "\n";
  }
  return text;
}

int Perturb::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty()) check_output(output, {path, import_flags.probe, settings.config_path()});
  perturbation::check_options(options);
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags);
  if (!source.subject.network)
    throw InvalidInput(fmt::format("{}: found equations, expected a network", path));
  const models::Network& network = *source.subject.network;
  const auto task = reading(path, [&] {
    return tasks::task_of_configuration(text_or_empty(source.file.attributes, "configuration"));
  });
  const Vector input = held_input(inputs.input, network.n_inputs());
  const InterruptGuard interrupt;
  Study study;
  {
    ProgressLine line("perturbing", run_options.quiet);
    study = perturb(network, input, task.get(), options, make_progress(line, interrupt));
  }
  if (study.interrupted) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    NamedArrays file = to_arrays(study);
    stamp(file, results::kPerturbation,
          "Perturbations of " + std::filesystem::path(path).stem().string(), settings.to_json(),
          options.seed);
    file.attributes["source"] = path;
    file.attributes["network_fingerprint"] = network_fingerprint(network);
    if (output.ends_with(".html"))
      io::write_text(output, report::render_page(results::perturbation_page(
                                 {{path, file}}, text_or_empty(file.attributes, "title"))));
    else
      io::write_hdf5(output, file);
  }
  if (run_options.json) {
    ordered_json document = study_json(study);
    document["verified"] = source.subject.is_verified();
    document["output"] = output.empty() ? ordered_json() : ordered_json(output);
    document["configuration"] = ordered_json::parse(settings.to_json());
    document["nullcline"] = version();
    document["seed"] = options.seed;
    print(document.dump(1) + "\n");
  } else {
    print(study_text(study) + (output.empty() ? "" : "written to " + output + "\n"));
  }
  return kDone;
}

}  // namespace

void add_perturb(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "perturb", "what noise on the weights and pruning do to error, points, graph and cycles");
  app->footer(
      "Examples: nullcline perturb ff.nc --noise 0.001,0.01,0.1 --prune 0.1,0.5 -o ff.html\n"
      "          nullcline perturb esn.nc --noise 1e-4,1e-2,1 --trials 10 --error-only");
  const auto command = std::make_shared<Perturb>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
