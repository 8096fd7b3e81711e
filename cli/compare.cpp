// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "compared_files.hpp"
#include "interrupt.hpp"
#include "nullcline/comparison/embedding.hpp"
#include "nullcline/comparison/separation.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using comparison::Activity;
using comparison::Measure;
using Json = nlohmann::ordered_json;  // writes NaN as null

struct PermutationOptions {
  int permutations = 999;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("permutations", self.permutations, "random permutations of the labels");
  }
};

/// Everything that is told about the files.
struct Comparison {
  ComparedFiles files;
  Matrix distances;
  std::vector<std::pair<std::string, double>> all;     // two networks: by every measure
  std::optional<comparison::OperatorDistance> search;  // two networks: behind dsa
  std::optional<double> noise;                         // graphs: root mean square over pairs
  std::vector<std::pair<std::string, comparison::Separation>> separations;  // by factor
  Matrix points;
  std::optional<double> stress;
  std::string warning;

  bool is_defined() const { return distances.allFinite(); }
};

struct Compare {
  explicit Compare(CLI::App& app) : settings(app) {
    app.add_option("files", paths,
                   "two or more: trained networks of one task, graphs or state machines (.nc), or "
                   "samples (n, n_units) or (trials, steps, n_units) as .npz or .npy; or folders")
        ->required()
        ->option_text("FILES");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("compare", "What is compared [compare]", option_fields(options));
    settings.add_table("measure", "How [measure]", option_fields(measure));
    settings.add_table("separation", "Of a factor [separation]", option_fields(permutations));
  }
  int run();
  Matrix distances(const ComparedFiles& files, const Progress& progress) const;
  void complete(Comparison& result) const;
  Json json(const Comparison& result) const;
  std::string text(const Comparison& result) const;
  void write(const Comparison& result) const;

  std::vector<std::string> paths;
  RunOptions run_options;
  CompareOptions options;
  comparison::MeasureOptions measure;
  PermutationOptions permutations;
  Settings settings;
};

// What two networks have in common, by every measure of activity.
std::vector<std::pair<std::string, double>> all_measures(const Activity& x, const Activity& y,
                                                         comparison::MeasureOptions options) {
  std::vector<std::pair<std::string, double>> values;
  for (const auto& [measure, name] : EnumNames<Measure>::values) {
    if (comparison::compared_by(measure) != comparison::Compared::activity) continue;
    const bool pairs_samples = measure == Measure::rbf_cka || measure == Measure::rsa;
    if (pairs_samples && x.n_samples() > comparison::kMostPairedSamples) continue;
    const bool has_delays = measure == Measure::dsa || measure == Measure::dsa_wasserstein;
    if (has_delays && !comparison::fits_trials(x, options.dsa())) continue;
    options.measure = measure;
    values.emplace_back(name, comparison::distance(x, y, options));
  }
  return values;
}

// The search behind the dsa of two networks; nothing where it is not defined.
std::optional<comparison::OperatorDistance> dsa_search(const Activity& x, const Activity& y,
                                                       const comparison::MeasureOptions& options) {
  if (!comparison::fits_trials(x, options.dsa())) return std::nullopt;
  const Matrix a = comparison::delay_operator(x.samples, x.n_trials, options.dsa());
  const Matrix b = comparison::delay_operator(y.samples, y.n_trials, options.dsa());
  if (a.size() == 0 || b.size() == 0) return std::nullopt;
  return comparison::operator_distance(a, b, options.alignment());
}

double mean_noise(const std::vector<std::vector<comparison::PointGraph>>& graphs,
                  const comparison::MeasureOptions& options) {
  double squares = 0, n = 0;
  for (std::size_t i = 0; i < graphs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j, ++n)
      squares += std::pow(comparison::sampling_noise(graphs[i], graphs[j], options), 2);
  return std::sqrt(squares / n);
}

Json rows(const Matrix& matrix) {
  Json result = Json::array();
  for (Index i = 0; i < matrix.rows(); ++i) {
    Json row = Json::array();
    for (Index j = 0; j < matrix.cols(); ++j) row.push_back(matrix(i, j));
    result.push_back(row);
  }
  return result;
}

Matrix Compare::distances(const ComparedFiles& files, const Progress& progress) const {
  switch (comparison::compared_by(measure.measure)) {
    case comparison::Compared::graph:
      return comparison::pairwise_distances(files.graphs, measure, progress);
    case comparison::Compared::automaton:
      return comparison::pairwise_distances(files.automata, progress);
    case comparison::Compared::activity:
      break;
  }
  return comparison::pairwise_distances(files.activities, measure, progress);
}

void Compare::complete(Comparison& result) const {
  const ComparedFiles& files = result.files;
  if (!files.graphs.empty()) result.noise = mean_noise(files.graphs, measure);
  if (!files.activities.empty()) result.warning = comparison::sample_warning(files.activities);
  if (files.activities.size() == 2) {
    result.all = all_measures(files.activities[0], files.activities[1], measure);
    result.search = dsa_search(files.activities[0], files.activities[1], measure);
  }
  const std::vector<std::string> factors = factors_of(options.factor);
  if (!result.is_defined()) return;
  for (std::size_t k = 0; k < factors.size(); ++k)
    result.separations.emplace_back(
        factors[k], comparison::separation(result.distances, files.labels[k],
                                           {permutations.permutations, options.seed}));
  if (result.distances.rows() > 2) {
    const auto start = comparison::classical_scaling(result.distances.cwiseMax(0.0));
    const auto scaled = comparison::smacof(result.distances.cwiseMax(0.0), start.points);
    result.points = scaled.points;
    result.stress = scaled.stress.back();
  }
}

void Compare::write(const Comparison& result) const {
  NamedArrays file;
  file.set_strings("networks", result.files.paths, "network", "files that were compared");
  file.set("distances", result.distances, {"network", "other_network"}, "distance");
  if (result.points.size() > 0)
    file.set("points", result.points, {"network", "axis"}, "embedding by majorization");
  if (result.noise)
    file.set_scalar("sampling_noise", *result.noise, "expected of graphs that differ by chance");
  const std::vector<std::string> factors = factors_of(options.factor);
  for (std::size_t k = 0; k < factors.size(); ++k)
    file.set_strings("label_" + factors[k], result.files.labels[k], "network", factors[k]);
  for (const auto& [factor, found] : result.separations) {
    file.set_scalar("separation_" + factor, found.statistic, "ANOSIM R");
    file.set_scalar("p_value_" + factor, found.p_value, "of the permutation test");
  }
  stamp(file, results::kComparison,
        fmt::format("Distances of {} networks", result.files.paths.size()), settings.to_json(),
        options.seed);
  io::write_hdf5(run_options.output, file);
}

Json Compare::json(const Comparison& result) const {
  const ComparedFiles& files = result.files;
  Json document;
  document["measure"] = name_of(measure.measure);
  document["networks"] = files.paths;
  if (!files.activities.empty()) {
    document["n_samples"] = files.activities.front().n_samples();
    document["n_units"] = Json::array();
    for (const Activity& activity : files.activities)
      document["n_units"].push_back(activity.n_units());
  }
  document["distances"] = rows(result.distances);
  document["sampling_noise"] = result.noise ? Json(*result.noise) : Json(nullptr);
  document["all"] = result.all.empty() ? Json(nullptr) : Json::object();
  for (const auto& [name, value] : result.all) document["all"][name] = value;
  document["dsa_search"] = nullptr;
  if (result.search)
    document["dsa_search"] = {{"n_starts", measure.n_starts},
                              {"n_best", result.search->n_best},
                              {"spread", result.search->spread}};
  document["separation"] = Json::object();
  for (const auto& [factor, found] : result.separations)
    document["separation"][factor] = {{"statistic", found.statistic},
                                      {"p_value", found.p_value},
                                      {"n_permutations", found.n_permutations},
                                      {"groups", found.groups},
                                      {"sizes", found.sizes}};
  document["points"] = rows(result.points);
  document["stress"] = result.stress ? Json(*result.stress) : Json(nullptr);
  document["warning"] = result.warning;
  document["configuration"] = Json::parse(settings.to_json());
  document["output"] = run_options.output.empty() ? Json(nullptr) : Json(run_options.output);
  document["nullcline"] = version();
  return document;
}

std::string Compare::text(const Comparison& result) const {
  const ComparedFiles& files = result.files;
  std::string text;
  if (!result.all.empty()) {
    text +=
        fmt::format("distance over {} samples (0: the same)\n", files.activities[0].n_samples());
    for (const auto& [name, value] : result.all)
      text += fmt::format("{:<16}{:>12.6g}\n", name, value);
  } else {
    text += fmt::format("{} distance", name_of(measure.measure));
    if (!files.activities.empty())
      text += fmt::format(" over {} samples", files.activities.front().n_samples());
    text += "\n";
    for (Index i = 0; i < result.distances.rows(); ++i) {
      for (Index j = 0; j < result.distances.cols(); ++j)
        text += fmt::format("{:>9.4f}", result.distances(i, j));
      text += "  " + files.paths[static_cast<std::size_t>(i)] + "\n";
    }
  }
  if (result.noise)
    text +=
        *result.noise > 0
            ? fmt::format("{:.4g} is expected of equal networks, as rollouts are drawn at random\n",
                          *result.noise)
            : "rollouts are exact: equal networks have distance 0\n";
  if (result.search)
    text += fmt::format("dsa: {} of {} searches found this; the worst is {:.3g} above\n",
                        result.search->n_best, measure.n_starts, result.search->spread);
  for (const auto& [factor, found] : result.separations)
    text += fmt::format(
        "separated by {} ({} groups): ANOSIM R = {:.3f}, p = {:.3g} of {} permutations\n", factor,
        found.groups.size(), found.statistic, found.p_value, found.n_permutations);
  if (!result.is_defined())
    text +=
        "nan: not defined, as a network has no variance (dsa: fewer directions than its rank)\n";
  if (!result.warning.empty()) text += "careful: " + result.warning + "\n";
  if (!run_options.output.empty()) text += "written to " + run_options.output + "\n";
  return text;
}

int Compare::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  std::vector<std::string> inputs = paths;
  inputs.push_back(settings.config_path());
  inputs.push_back(options.labels);
  if (!run_options.output.empty()) check_output(run_options.output, inputs);
  set_n_threads(run_options.threads);
  if (!settings.is_given("measure")) measure.measure = usual_measure(paths);
  measure.seed = options.seed;
  Comparison result;
  result.files = read_compared(paths, measure.measure, options);

  const InterruptGuard interrupt;
  {
    ProgressLine line("comparing", run_options.quiet);
    result.distances = distances(result.files, make_progress(line, interrupt));
  }
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  complete(result);
  if (!run_options.output.empty()) write(result);
  print(run_options.json ? json(result).dump(1) + "\n" : text(result));
  return kDone;
}

}  // namespace

void add_compare(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "compare", "how alike networks are: in what their units do, or in what they compute");
  app->footer(
      "Examples: nullcline compare a.nc b.nc\n"
      "          nullcline compare runs/ --measure linear_cka --factor cell,activation -o "
      "distances.nc\n"
      "          nullcline compare a.graph.nc b.graph.nc --measure graph_frobenius\n"
      "          nullcline compare x.npz y.npz --json");
  const auto command = std::make_shared<Compare>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
