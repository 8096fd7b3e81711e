// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/shape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "diagram.hpp"
#include "fixed_points_output.hpp"
#include "interrupt.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/fixed_points/descent.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/results/points_file.hpp"
#include "results.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using fixed_points::DescentStage;
using fixed_points::FixedPointSet;
using Json = nlohmann::ordered_json;
using results::PointsFile;
using results::Shape;

constexpr Index kAlignedAxes = 3;
constexpr double kSamePoint = 1e-3;  // distance below which two states are one

struct ShapeOptions {
  int threads = 0;
  std::string output;
  bool quiet = false, json = false;
  std::vector<double> tolerance;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("threads", self.threads, "number of threads; 0: all cores");
    field("output", self.output, "write a page with its figures: FILE.html");
    field("quiet", self.quiet, "no progress");
    field("json", self.json, "print the result as one JSON document");
    field("tolerance", self.tolerance,
          "also what a descent of the mean speed finds at these, such as 1e-2,1e-6,1e-24");
  }
};

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

class ShapeCommand {
 public:
  explicit ShapeCommand(CLI::App& app) : settings_(app) {
    app.add_option("points", path_, "fixed points (nullcline fixed-points -o)")
        ->required()
        ->option_text("FILE");
    settings_.add_table("", "Run", option_fields(options_));
    settings_.add_table("descent", "The descent of --tolerance [descent]", option_fields(descent_));
  }
  int run();

 private:
  Matrix readouts(const Matrix& states) const;
  Json shape_json(const Matrix& states) const;
  Json corners_json(const Matrix& states) const;
  Json set_json(const FixedPointSet& set) const;
  Json alignments_json() const;
  Json stage_json(const DescentStage& stage, const FixedPointSet& set) const;
  Json stage_alignments_json(const std::vector<std::vector<DescentStage>>& stages) const;
  Json document(const std::vector<std::vector<DescentStage>>& stages) const;
  void write_page(const Json& document) const;
  Index n_states() const { return points_.visited.states.cols(); }

  std::string path_;
  ShapeOptions options_;
  fixed_points::DescentOptions descent_;
  Settings settings_;
  PointsFile points_;
  Matrix trajectory_states_;
  Vector level_;
};

Matrix ShapeCommand::readouts(const Matrix& states) const {
  const models::Network* network = points_.subject.network_or_null();
  if (network == nullptr || states.rows() == 0)
    return Matrix::Zero(states.rows(), network == nullptr ? 0 : network->n_outputs());
  return models::readout(*network, states);
}

Json ShapeCommand::shape_json(const Matrix& states) const {
  const Matrix outputs = readouts(states);
  const Shape shape = results::shape_of(states, outputs, level_);
  Json entry;
  entry["n_states"] = shape.n_states;
  entry["explained_variance"] = numbers(shape.explained_variance);
  entry["explained_sum"] = shape.explained_variance.sum();
  entry["decided"] = shape.decided;
  entry["n_corners"] = shape.n_corners;
  entry["readout_ranges"] = Json::array();
  for (Index k = 0; k < outputs.cols() && outputs.rows() > 0; ++k)
    entry["readout_ranges"].push_back({outputs.col(k).minCoeff(), outputs.col(k).maxCoeff()});
  entry["explained_by_points"] =
      trajectory_states_.rows() == 0
          ? Json(nullptr)
          : Json(results::explained_by_points(trajectory_states_, states));
  return entry;
}

Json ShapeCommand::set_json(const FixedPointSet& set) const {
  Json entry = {{"input", numbers(set.input)}, {"n_fixed", set.n_fixed()}};
  entry.update(shape_json(results::states_of(set, false, n_states())));
  FixedPointSet stable = set;
  std::erase_if(stable.points, [](const fixed_points::FixedPoint& point) {
    return point.kind != fixed_points::Kind::fixed || point.n_unstable > 0;
  });
  const Matrix states = results::states_of(stable, true, n_states());
  entry["stable"] = shape_json(states);
  entry["stable"].update(corners_json(states));
  return entry;
}

// How far apart stable states are, and along which channels their cloud extends.
Json ShapeCommand::corners_json(const Matrix& states) const {
  const Matrix outputs = readouts(states);
  Json entry = {{"distances", Json::array()}, {"channel_shares", Json::array()}};
  for (const results::PairDistances& group : results::pair_distances(states, outputs))
    entry["distances"].push_back({{"n_differing", group.n_differing},
                                  {"n_pairs", group.n_pairs},
                                  {"least", group.least},
                                  {"mean", group.mean},
                                  {"largest", group.largest}});
  const Matrix shares = results::channel_shares(states, outputs);
  for (Index i = 0; i < shares.rows(); ++i)
    entry["channel_shares"].push_back(numbers(shares.row(i).transpose()));
  return entry;
}

Json ShapeCommand::alignments_json() const {
  Json entries = Json::array();
  for (std::size_t a = 0; a < points_.sets.size(); ++a)
    for (std::size_t b = a + 1; b < points_.sets.size(); ++b) {
      const Matrix first = results::states_of(points_.sets[a], false, n_states());
      const Matrix second = results::states_of(points_.sets[b], false, n_states());
      if (first.rows() == 0 || second.rows() == 0) continue;
      const Vector cosines = results::alignment(first, second, kAlignedAxes);
      entries.push_back({{"inputs", {a, b}},
                         {"cosines", numbers(cosines)},
                         {"distance", (first.colwise().mean() - second.colwise().mean()).norm()}});
    }
  return entries;
}

Json ShapeCommand::stage_json(const DescentStage& stage, const FixedPointSet& set) const {
  Json entry = {
      {"input", numbers(set.input)}, {"tolerance", stage.tolerance},
      {"reached", stage.reached},    {"by", stage.by_adam ? "adam" : "levenberg-marquardt"},
      {"steps", stage.steps},        {"mean_speed", stage.mean_speed}};
  entry.update(shape_json(stage.states));
  const Matrix fixed = results::states_of(set, true, n_states());
  Index n_near = 0;
  for (Index i = 0; i < stage.states.rows() && fixed.rows() > 0; ++i)
    n_near +=
        (fixed.rowwise() - stage.states.row(i)).rowwise().norm().minCoeff() < kSamePoint ? 1 : 0;
  entry["n_at_fixed_points"] = n_near;
  entry["n_distinct"] = results::n_distinct(stage.states, kSamePoint);
  return entry;
}

// How parallel the clouds of different inputs are, at each tolerance.
Json ShapeCommand::stage_alignments_json(
    const std::vector<std::vector<DescentStage>>& stages) const {
  Json entries = Json::array();
  for (std::size_t a = 0; a < stages.size(); ++a)
    for (std::size_t b = a + 1; b < stages.size(); ++b)
      for (std::size_t k = 0; k < stages[a].size(); ++k)
        entries.push_back(
            {{"tolerance", stages[a][k].tolerance},
             {"inputs", {a, b}},
             {"cosines", numbers(results::alignment(stages[a][k].states, stages[b][k].states,
                                                    kAlignedAxes))}});
  return entries;
}

Json ShapeCommand::document(const std::vector<std::vector<DescentStage>>& stages) const {
  Json document = {{"points", path_}, {"nullcline", version()}, {"level", numbers(level_)}};
  document["sets"] = Json::array();
  Matrix all(0, n_states());
  for (const FixedPointSet& set : points_.sets) {
    document["sets"].push_back(set_json(set));
    const Matrix states = results::states_of(set, false, n_states());
    all.conservativeResize(all.rows() + states.rows(), Eigen::NoChange);
    all.bottomRows(states.rows()) = states;
  }
  document["all"] = shape_json(all);
  document["visited"] = shape_json(points_.visited.states);
  document["alignment"] = alignments_json();
  document["stages"] = Json::array();
  for (std::size_t i = 0; i < stages.size(); ++i)
    for (const DescentStage& stage : stages[i])
      document["stages"].push_back(stage_json(stage, points_.sets[i]));
  document["stage_alignment"] = stage_alignments_json(stages);
  document["configuration"] = Json::parse(settings_.to_json());
  document["output"] = options_.output.empty() ? Json(nullptr) : Json(options_.output);
  return document;
}

std::string list_text(const Json& values, const char* format) {
  std::vector<std::string> texts;
  for (const Json& value : values)
    texts.push_back(fmt::format(fmt::runtime(format), value.get<double>()));
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Of the first input, with its loosest and its tightest tolerance.
std::string verdict_of(const Json& document) {
  const Json& set = document["sets"][0];
  const auto n_fixed = set["n_fixed"].get<Index>();
  std::string text = fmt::format("{} fixed point{}", n_fixed, n_fixed == 1 ? "" : "s");
  if (document["sets"].size() > 1)
    text += fmt::format(" under the input ({})", list_text(set["input"], "{:g}"));
  std::vector<Json> stages;
  for (const Json& stage : document["stages"])
    if (stage["input"] == set["input"]) stages.push_back(stage);
  if (stages.empty())
    return text + fmt::format("; three components explain {:.3g} of their variance.",
                              set["explained_sum"].get<double>());
  if (stages.size() > 2) stages = {stages.front(), stages.back()};
  for (const Json& stage : stages)
    text += fmt::format("; of {} visited states whose mean speed fell below {:g}, {} are at one",
                        stage["n_states"].get<Index>(), stage["tolerance"].get<double>(),
                        stage["n_at_fixed_points"].get<Index>());
  return text + ".";
}

void ShapeCommand::write_page(const Json& document) const {
  report::DiagramPage page;
  page.kind = report::DiagramPage::Kind::shape;
  page.title = "Shape of " + std::filesystem::path(path_).stem().string();
  page.verdict = verdict_of(document);
  page.summary.emplace_back("Model", points_.subject.description());
  page.provenance = {{"source", path_},
                     {"nullcline_version", version()},
                     {"configuration", document["configuration"].dump()}};
  io::write_text(options_.output, report::render_diagram(page, document));
}

std::string shape_text(const Json& shape) {
  std::string text = fmt::format("{} states", shape["n_states"].get<Index>());
  if (!shape["explained_variance"].empty())
    text += fmt::format("; principal components explain {}",
                        list_text(shape["explained_variance"], "{:.3f}"));
  if (shape["decided"].size() > 1)
    text += fmt::format("; with 0, 1, ... decided channels: {}; {} corners",
                        list_text(shape["decided"], "{}"), shape["n_corners"].get<Index>());
  if (shape["explained_by_points"].is_number())
    text += fmt::format("; explain {:.3f} of the trajectories",
                        shape["explained_by_points"].get<double>());
  return text;
}

std::string text_of(const Json& document) {
  std::string text;
  for (const Json& set : document["sets"])
    text += fmt::format("input ({}): {}\n  stable: {}\n", list_text(set["input"], "{}"),
                        shape_text(set), shape_text(set["stable"]));
  if (document["sets"].size() > 1) text += "all inputs: " + shape_text(document["all"]) + "\n";
  text += "visited: " + shape_text(document["visited"]) + "\n";
  for (const Json& pair : document["alignment"])
    text += fmt::format("inputs {} and {}: cosines of the angles between their axes {}\n",
                        pair["inputs"][0].get<int>(), pair["inputs"][1].get<int>(),
                        list_text(pair["cosines"], "{:.3f}"));
  for (const Json& stage : document["stages"])
    text += fmt::format("input ({}), tolerance {:g} ({}): {}, {} of them at fixed points\n",
                        list_text(stage["input"], "{}"), stage["tolerance"].get<double>(),
                        stage["reached"].get<bool>()
                            ? fmt::format("{}, mean q {:.1e}", stage["by"].get<std::string>(),
                                          stage["mean_speed"].get<double>())
                            : std::string("not reached"),
                        shape_text(stage), stage["n_at_fixed_points"].get<Index>());
  return text;
}

int ShapeCommand::run() {
  settings_.resolve();
  if (settings_.print_config()) {
    print(settings_.to_toml());
    return kDone;
  }
  if (!options_.output.empty()) {
    check_output(options_.output, {path_, settings_.config_path()});
    if (!is_page(options_.output))
      throw InvalidInput(
          fmt::format("--output: found {}, expected a page, FILE.html", options_.output));
  }
  set_n_threads(options_.threads);
  points_ = results::read_points(path_);
  Index n = 0;
  for (const Matrix& steps : points_.visited.trajectories) n += steps.rows();
  trajectory_states_.resize(n, n_states());
  n = 0;
  for (const Matrix& steps : points_.visited.trajectories) {
    trajectory_states_.middleRows(n, steps.rows()) = steps;
    n += steps.rows();
  }
  const Matrix outputs = readouts(points_.visited.states);
  if (outputs.rows() > 0) level_ = outputs.cwiseAbs2().colwise().mean().cwiseSqrt().transpose();

  std::vector<std::vector<DescentStage>> stages;
  const InterruptGuard interrupt;
  if (!options_.tolerance.empty()) {
    if (points_.visited.states.rows() == 0)
      throw InvalidInput(path_ + ": no visited states to descend from (fixed-points --states)");
    const auto system = points_.subject.make_system();
    for (const FixedPointSet& set : points_.sets) {
      ProgressLine line("descending " + input_text(set.input), options_.quiet);
      stages.push_back(fixed_points::descend_speed(*system, set.input, points_.visited.states,
                                                   options_.tolerance, descent_,
                                                   make_progress(line, interrupt)));
      if (interrupt.signal() != 0) {
        print_error("interrupted");
        return interrupted_exit_code(interrupt.signal(), false);
      }
    }
  }
  const Json result = document(stages);
  if (!options_.output.empty()) write_page(result);
  if (options_.json)
    print(result.dump(1) + "\n");
  else
    print(text_of(result) +
          (options_.output.empty() ? "" : "written to " + options_.output + "\n"));
  return kDone;
}

}  // namespace

void add_shape(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "shape", "describe the cloud of fixed points: dimensions, corners, what tolerances change");
  app->footer(
      "Examples: nullcline shape ff.points.nc\n"
      "          nullcline shape ff.points.nc --tolerance 1e-2,1e-6,1e-24 -o tolerance.html");
  const auto command = std::make_shared<ShapeCommand>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
