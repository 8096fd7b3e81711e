// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/internal/payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/encode.hpp"
#include "nullcline/report/thin.hpp"
#include "nullcline/report/verdict.hpp"

namespace nullcline::report::internal {
namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using nlohmann::ordered_json;

constexpr Index kMaxTrajectoryPoints = 200'000;
constexpr Index kMaxCurvePoints = 4'000;
constexpr Index kLeastCurvePoints = 400;  // of each of several
// Base64 writes 3 bytes as 4 characters.
constexpr std::size_t kCharactersPerFloat = 6;
constexpr std::size_t kFloatsPerEigenvalue = 4;

ordered_json numbers(ConstVectorRef values) {
  return std::vector<double>(values.begin(), values.end());
}

std::string floats(const Matrix& values) {
  return base64_floats({values.data(), static_cast<std::size_t>(values.size())});
}

// How near to instability: the largest |lambda| of a map, the largest real part of a flow.
double leading_eigenvalue(const FixedPoint& point, dynamics::Time time) {
  if (point.eigenvalues.size() == 0) return std::nan("");
  return time == dynamics::Time::discrete ? point.eigenvalues.cwiseAbs().maxCoeff()
                                          : point.eigenvalues.real().maxCoeff();
}

ordered_json point_json(const FixedPoint& point, dynamics::Time time) {
  return {{"kind", name_of(point.kind)},
          {"verdict", name_of(point.verdict)},
          {"stability", name_of(point.stability)},
          {"n_unstable", point.n_unstable},
          {"index", point.has_index ? ordered_json(point.index) : ordered_json()},
          {"speed", point.speed},
          {"residual", point.residual},
          {"radius", point.radius},
          {"hits", point.hits},
          {"lifetime", point.lifetime},
          {"exclusion_radius", point.exclusion_radius},
          {"stability_verdict", name_of(point.stability_verdict)},
          {"eigenvalue_radius", point.eigenvalue_radius},
          {"defective", point.defective},
          {"at_kink", point.at_kink},
          {"leading", leading_eigenvalue(point, time)},
          {"readout", numbers(point.readout)}};
}

ordered_json audit_json(const fixed_points::Audit& audit) {
  return {{"index_sum", audit.index_sum},
          {"index_expected",
           audit.index_expected ? ordered_json(*audit.index_expected) : ordered_json()},
          {"completeness", name_of(audit.completeness)},
          {"completeness_note", audit.completeness_note},
          {"unseen_estimate", audit.unseen_estimate},
          {"coverage", audit.coverage},
          {"capture_bound", audit.capture_bound},
          {"min_hits", audit.min_hits},
          {"n_starts", audit.n_starts},
          {"n_converged", audit.n_converged},
          {"n_outside_box", audit.n_outside_box},
          {"n_unconverged", audit.n_unconverged}};
}

// Where a trajectory ends that is no fixed point: what the page tells of it.
ordered_json orbit_json(const orbits::Orbit& orbit) {
  return {
      {"kind", name_of(orbit.kind)},
      {"period", orbit.period},
      {"rotation_number", orbit.rotation_number},
      {"stability", name_of(orbit.stability)},
      {"n_unstable", orbit.n_unstable},
      {"verdict", name_of(orbit.verdict)},
      {"radius", orbit.radius},
      {"residual", orbit.residual},
      {"at_kink", orbit.at_kink},
      {"leading", orbit.multipliers.size() > 0 ? std::abs(orbit.multipliers(0)) : std::nan("")},
      {"exponents", numbers(orbit.exponents)},
      {"exponent_errors", numbers(orbit.exponent_errors)},
      {"n_ends", orbit.n_ends},
      {"readout", orbit.readouts.rows() > 0 ? numbers(orbit.readouts.colwise().mean().transpose())
                                            : ordered_json::array()},
      {"evidence", orbit.evidence}};
}

ordered_json ends_json(const orbits::OrbitSet& set) {
  return {{"note", set.note},
          {"n_trajectories", set.n_trajectories},
          {"n_at_points", set.n_at_points},
          {"at_point", set.ends_at_point}};
}

ordered_json view_json(const View& view) {
  ordered_json orbits = ordered_json::array();
  for (const Matrix& orbit : view.orbits) orbits.push_back(floats(orbit));
  return {{"name", view.name},
          {"labels", view.labels},
          {"points", floats(view.points)},
          {"modes", floats(view.unstable_modes)},
          {"mode_points", view.mode_points},
          {"orbits", std::move(orbits)}};
}

ordered_json graph_json(const topology::Graph& graph) {
  ordered_json edges = ordered_json::array();
  for (Index from = 0; from < graph.n_nodes(); ++from)
    for (Index to = 0; to <= graph.n_nodes(); ++to)
      if (graph.transitions(from, to) != 0)  // NaN is an edge: it must not vanish silently
        edges.push_back({from, to, graph.transitions(from, to)});
  ordered_json cycles = ordered_json::array();
  for (const topology::CycleNode& cycle : graph.cycles)
    cycles.push_back({{"period", cycle.period}, {"stable", cycle.is_stable}});
  return {{"probe", name_of(graph.probe)},
          {"points", graph.point_index},
          {"orbits", graph.orbit_index},
          {"labels", graph.labels},
          {"cycles", std::move(cycles)},
          {"n_rollouts", graph.n_rollouts},
          {"edges", std::move(edges)},
          {"perturbation", graph.perturbation},
          {"capture_radius", graph.capture_radius},
          {"n_cycle", graph.n_cycle},
          {"n_diverged", graph.n_diverged},
          {"n_undecided", graph.n_undecided}};
}

ordered_json curve_json(const std::vector<double>& losses, Index max_points) {
  const std::vector<Index> kept = thin_curve(losses, max_points);
  std::vector<double> loss;
  for (const Index i : kept) loss.push_back(losses[static_cast<std::size_t>(i)]);
  return {{"n_iterations", losses.size()}, {"iterations", kept}, {"loss", base64_floats(loss)}};
}

ordered_json panel_json(const LinePanel& panel) {
  ordered_json lines = ordered_json::array();
  for (const LinePanel::Line& line : panel.lines) {
    std::vector<double> x, y, spread;
    for (const Index i : thin_curve(line.y, kMaxCurvePoints)) {
      const auto k = static_cast<std::size_t>(i);
      x.push_back(line.x[k]);
      y.push_back(line.y[k]);
      if (!line.spread.empty()) spread.push_back(line.spread[k]);
    }
    lines.push_back({{"name", line.name},
                     {"is_target", line.is_target},
                     {"x", base64_floats(x)},
                     {"y", base64_floats(y)}});
    if (!spread.empty()) lines.back()["spread"] = base64_floats(spread);
  }
  return {{"x_label", panel.x_label},
          {"y_label", panel.y_label},
          {"is_logarithmic", panel.is_logarithmic},
          {"x_is_logarithmic", panel.x_is_logarithmic},
          {"lines", std::move(lines)}};
}

ordered_json training_json(const PageContent& content) {
  ordered_json curves = ordered_json::array();
  const Index n = kMaxCurvePoints / std::max<Index>(1, static_cast<Index>(content.curves.size()));
  for (const LearningCurve& curve : content.curves) {
    curves.push_back(curve_json(curve.loss, std::max<Index>(n, kLeastCurvePoints)));
    curves.back()["name"] = curve.name;
  }
  ordered_json training = curve_json(content.training_loss, kMaxCurvePoints);
  ordered_json panels = ordered_json::array();
  for (const LinePanel& panel : content.plots.panels) panels.push_back(panel_json(panel));
  training.update({{"curves", std::move(curves)},
                   {"panels", std::move(panels)},
                   {"heading", content.plots.heading},
                   {"caption", content.plots.caption},
                   {"validation_iterations", content.validation_iterations},
                   {"validation_loss", content.validation_loss},
                   {"validation_accuracy", content.validation_accuracy}});
  return training;
}

// Everything but eigenvalues and trajectories.
ordered_json fixed_part(const PageContent& content) {
  ordered_json sets = ordered_json::array();
  for (std::size_t s = 0; s < content.sets.size(); ++s) {
    const FixedPointSet& set = content.sets[s];
    ordered_json points = ordered_json::array(), views = ordered_json::array();
    for (const FixedPoint& point : set.points) points.push_back(point_json(point, content.time));
    if (!content.views.empty())
      for (const View& view : content.views[s]) views.push_back(view_json(view));
    const orbits::OrbitSet* orbit_set = content.orbits.empty() ? nullptr : &content.orbits[s];
    sets.push_back({{"input", numbers(set.input)},
                    {"verdict", verdict(set, orbit_set)},
                    {"points", std::move(points)},
                    {"audit", audit_json(set.audit)},
                    {"views", std::move(views)},
                    {"seconds", set.seconds},
                    {"seed", std::to_string(set.seed)}});  // exact: JavaScript has 53 bits
    if (!content.graphs.empty()) sets.back()["graph"] = graph_json(content.graphs[s]);
    sets.back()["orbits"] = ordered_json::array();
    if (!orbit_set) continue;
    sets.back()["ends"] = ends_json(*orbit_set);
    for (const orbits::Orbit& orbit : orbit_set->orbits)
      sets.back()["orbits"].push_back(orbit_json(orbit));
  }
  return {{"time", content.time == dynamics::Time::discrete ? "discrete" : "continuous"},
          {"sets", std::move(sets)},
          {"training", training_json(content)}};
}

double at_or_nan(const Vector& values, Index i) {
  return i < values.size() ? values(i) : std::nan("");
}

// re, im, time constant, frequency of the first `n_shown` of each point's eigenvalues.
void add_eigenvalues(ordered_json& document, const PageContent& content, Index n_shown) {
  for (std::size_t s = 0; s < content.sets.size(); ++s) {
    std::vector<double> values;
    std::vector<Index> counts, totals;
    for (const FixedPoint& point : content.sets[s].points) {
      totals.push_back(point.eigenvalues.size());
      counts.push_back(std::min(n_shown, totals.back()));
      for (Index i = 0; i < counts.back(); ++i)
        values.insert(values.end(),
                      {point.eigenvalues(i).real(), point.eigenvalues(i).imag(),
                       at_or_nan(point.time_constants, i), at_or_nan(point.frequencies, i)});
    }
    document["sets"][s]["eigenvalues"] = {
        {"counts", counts}, {"totals", totals}, {"values", base64_floats(values)}};
  }
}

Index most_eigenvalues(const PageContent& content) {
  Index most = 0;
  for (const FixedPointSet& set : content.sets)
    for (const FixedPoint& point : set.points) most = std::max(most, point.eigenvalues.size());
  return most;
}

std::size_t size_of_eigenvalues(const PageContent& content, Index n_shown) {
  Index n = 0;
  for (const FixedPointSet& set : content.sets)
    for (const FixedPoint& point : set.points) n += std::min(n_shown, point.eigenvalues.size());
  return static_cast<std::size_t>(n) * kFloatsPerEigenvalue * kCharactersPerFloat;
}

// The most eigenvalues per point that fit; at least one.
Index eigenvalues_that_fit(const PageContent& content, std::size_t max_bytes) {
  Index n = std::max<Index>(1, most_eigenvalues(content));
  while (n > 1 && size_of_eigenvalues(content, n) > max_bytes) n = n * 9 / 10;
  return n;
}

bool same_trajectories(const View& a, const View& b) {
  return a.trajectories.size() == b.trajectories.size() &&
         std::equal(a.trajectories.begin(), a.trajectories.end(), b.trajectories.begin(),
                    [](const Matrix& x, const Matrix& y) {
                      return x.rows() == y.rows() && x.cols() == y.cols() && x == y;
                    });
}

Index n_steps(const View& view) {
  return std::accumulate(
      view.trajectories.begin(), view.trajectories.end(), Index{0},
      [](Index sum, const Matrix& trajectory) { return sum + trajectory.rows(); });
}

ordered_json trajectories_json(const View& view, Index max_points) {
  const ThinnedTrajectories thinned = thin_trajectories(view.trajectories, max_points);
  std::vector<double> values;
  std::vector<Index> lengths;
  for (const Matrix& trajectory : thinned.trajectories) {
    lengths.push_back(trajectory.rows());
    values.insert(values.end(), trajectory.data(), trajectory.data() + trajectory.size());
  }
  return {{"n_trajectories", view.trajectories.size()},
          {"n_steps", n_steps(view)},
          {"tolerance", thinned.tolerance},
          {"lengths", lengths},
          {"values", base64_floats(values)}};
}

// Views of several inputs often show the same trajectories: those are stored once, and each view
// names its entry in "trajectories".
void add_trajectories(ordered_json& document, const PageContent& content, std::size_t max_bytes) {
  std::vector<const View*> stored;
  for (std::size_t s = 0; s < content.views.size(); ++s)
    for (std::size_t v = 0; v < content.views[s].size(); ++v) {
      const View& view = content.views[s][v];
      auto entry = std::find_if(stored.begin(), stored.end(),
                                [&](const View* other) { return same_trajectories(*other, view); });
      if (entry == stored.end()) entry = stored.insert(entry, &view);
      document["sets"][s]["views"][v]["trajectories"] = entry - stored.begin();
    }
  Index total = 0;
  for (const View* view : stored) total += n_steps(*view);
  document["trajectories"] = ordered_json::array();
  for (const View* view : stored) {
    const double share =
        total > 0 ? static_cast<double>(n_steps(*view)) / static_cast<double>(total) : 0;
    const double bytes_per_point = static_cast<double>(view->labels.size() * kCharactersPerFloat);
    const double fitting = std::min(static_cast<double>(kMaxTrajectoryPoints),
                                    static_cast<double>(max_bytes) / bytes_per_point);
    document["trajectories"].push_back(
        trajectories_json(*view, static_cast<Index>(share * fitting)));
  }
}

}  // namespace

std::string page_data(const PageContent& content, std::size_t max_bytes) {
  ordered_json document = fixed_part(content);
  std::size_t spare = 4096 + content.sets.size() * 256;  // names and lengths of what is added below
  for (const auto& views : content.views)
    for (const View& view : views) spare += 64 + 8 * view.trajectories.size();
  const auto left = [&] {
    const std::size_t used = script_json(document).size() + spare;
    return used < max_bytes ? max_bytes - used : 0;
  };
  add_eigenvalues(document, content, eigenvalues_that_fit(content, left() / 2));
  add_trajectories(document, content, left());
  std::string json = script_json(document);
  if (json.size() > max_bytes)
    throw InvalidInput(fmt::format(
        "page: the points and graphs of {} inputs need {} bytes, {} fit; report fewer at a time",
        content.sets.size(), json.size(), max_bytes));
  return json;
}

}  // namespace nullcline::report::internal
