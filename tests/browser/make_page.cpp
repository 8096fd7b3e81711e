// SPDX-License-Identifier: BSD-3-Clause
// Writes the pages that the browser opens: make_page KIND FILE.
//   flip-flop  27 points of h' = tanh(2 h + 4 u) in three units, a flip-flop solved by hand
//   inputs     the same under three inputs, with hostile names, slow points and an "other" node
//   flow       a planar flow without training and without a graph
//   empty      a search that found nothing
//   training   a learning curve and no search
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <numbers>

#include "nullcline/core/rng.hpp"
#include "nullcline/report/page.hpp"

namespace nullcline {
namespace {

constexpr double kHigh = 0.9575040240772688;  // h = tanh(2 h)
constexpr int kStarts = 1024;

fixed_points::FixedPoint flip_flop_point(const Vector& state) {
  fixed_points::FixedPoint point;
  point.state = state;
  const Vector error = (2 * state).array().tanh().matrix() - state;
  point.speed = 0.5 * error.squaredNorm();
  point.residual = error.lpNorm<Eigen::Infinity>();
  point.kind = fixed_points::Kind::fixed;
  point.verdict = fixed_points::Verdict::proven;
  point.radius = 4e-16;
  std::array<double, 3> multipliers{};
  double determinant = 1;
  for (Index i = 0; i < 3; ++i) {
    multipliers[static_cast<std::size_t>(i)] = 2 * (1 - state(i) * state(i));
    determinant *= 1 - multipliers[static_cast<std::size_t>(i)];
    point.n_unstable += multipliers[static_cast<std::size_t>(i)] > 1 ? 1 : 0;
  }
  std::sort(multipliers.rbegin(), multipliers.rend());
  point.index = determinant > 0 ? 1 : -1;
  point.stability = point.n_unstable == 0   ? fixed_points::Stability::stable
                    : point.n_unstable == 3 ? fixed_points::Stability::unstable
                                            : fixed_points::Stability::saddle;
  point.eigenvalues.resize(3);
  point.time_constants.resize(3);
  point.frequencies = Vector::Zero(3);
  for (Index i = 0; i < 3; ++i) {
    const double multiplier = multipliers[static_cast<std::size_t>(i)];
    point.eigenvalues(i) = multiplier;
    point.time_constants(i) = 1 / std::abs(std::log(multiplier));
  }
  point.readout = state / kHigh;
  point.hits = 88 - 25 * point.n_unstable;
  return point;
}

// All points, by number of unstable directions.
fixed_points::FixedPointSet flip_flop_set() {
  fixed_points::FixedPointSet set;
  set.input = Vector::Zero(3);
  for (int n_unstable = 0; n_unstable <= 3; ++n_unstable)
    for (int code = 0; code < 27; ++code) {
      const Vector state = kHigh * Eigen::Vector3d(code / 9 - 1, code / 3 % 3 - 1, code % 3 - 1);
      fixed_points::FixedPoint point = flip_flop_point(state);
      if (point.n_unstable != n_unstable) continue;
      set.audit.index_sum += point.index;
      set.points.push_back(std::move(point));
    }
  set.audit.index_expected = 1;
  set.audit.completeness = fixed_points::Completeness::statistical;
  set.audit.completeness_note =
      "The indices add up as they must and every point was reached at least 13 times";
  set.audit.coverage = 1;
  set.audit.capture_bound = 0.0067;
  set.audit.min_hits = 13;
  set.audit.n_starts = kStarts;
  set.audit.n_converged = kStarts - 3;
  set.audit.n_unconverged = 3;
  set.seconds = 0.042;
  set.seed = 18446744073709551615ULL;
  return set;
}

std::vector<Matrix> flip_flop_trajectories() {
  Rng rng(7, Purpose::tests);
  std::vector<Matrix> trajectories;
  for (int trial = 0; trial < 24; ++trial) {
    Matrix states(80, 3);
    Vector h = Vector::Zero(3);
    for (Index step = 0; step < states.rows(); ++step) {
      for (Index k = 0; k < 3; ++k) {
        const double pulse = rng.uniform() < 0.12 ? (rng.uniform() < 0.5 ? -0.6 : 0.6) : 0;
        h(k) = std::tanh(2 * h(k) + 4 * (pulse + 0.02 * rng.normal()));
      }
      states.row(step) = h.transpose();
    }
    trajectories.push_back(std::move(states));
  }
  return trajectories;
}

report::View flip_flop_view(const fixed_points::FixedPointSet& set, std::string name,
                            std::vector<std::string> labels, const Eigen::Matrix3d& axes) {
  report::View view;
  view.name = std::move(name);
  view.labels = std::move(labels);
  for (const Matrix& states : flip_flop_trajectories())
    view.trajectories.emplace_back(states * axes.transpose());
  view.points.resize(static_cast<Index>(set.points.size()), 3);
  std::vector<Vector> segments;
  for (std::size_t i = 0; i < set.points.size(); ++i) {
    const Vector& state = set.points[i].state;
    view.points.row(static_cast<Index>(i)) = (axes * state).transpose();
    for (Index k = 0; k < 3; ++k) {
      if (state(k) != 0) continue;  // 2 (1 - h^2) > 1 only at zero
      Vector segment(6);
      segment << axes * (state - 0.25 * Vector::Unit(3, k)),
          axes * (state + 0.25 * Vector::Unit(3, k));
      segments.push_back(segment);
      view.mode_points.push_back(static_cast<int>(i));
    }
  }
  view.unstable_modes.resize(static_cast<Index>(segments.size()), 6);
  for (std::size_t i = 0; i < segments.size(); ++i)
    view.unstable_modes.row(static_cast<Index>(i)) = segments[i].transpose();
  return view;
}

std::vector<report::View> flip_flop_views(const fixed_points::FixedPointSet& set) {
  Eigen::Matrix3d turned;
  turned << 0.8, 0.6, 0, -0.48, 0.64, 0.6, 0.36, -0.48, 0.8;
  const Eigen::Matrix3d readout = Eigen::Matrix3d::Identity() / kHigh;
  return {flip_flop_view(set, "principal components", {"PC 1", "PC 2", "PC 3"}, turned),
          flip_flop_view(set, "readouts", {"output 1", "output 2", "output 3"}, readout)};
}

// A point leads to every corner that it can reach along its unstable directions, evenly.
topology::Graph flip_flop_graph(const fixed_points::FixedPointSet& set) {
  topology::Graph graph;
  graph.n_points = static_cast<Index>(set.points.size());
  graph.transitions = Matrix::Zero(graph.n_points, graph.n_points + 1);
  graph.n_rollouts.assign(set.points.size(), 100);
  graph.perturbation = 0.0096;
  graph.capture_radius = 0.096;
  for (Index i = 0; i < graph.n_points; ++i) {
    const fixed_points::FixedPoint& from = set.points[static_cast<std::size_t>(i)];
    graph.point_index.push_back(static_cast<int>(i));
    std::string label;
    for (const double value : from.readout) label += value > 0.5 ? "+" : value < -0.5 ? "-" : "0";
    graph.labels.push_back(label);
    for (Index j = 0; j < graph.n_points; ++j) {
      const fixed_points::FixedPoint& to = set.points[static_cast<std::size_t>(j)];
      bool is_reached = to.n_unstable == 0;
      for (Index k = 0; k < 3; ++k)
        is_reached = is_reached && (from.state(k) == 0 || from.state(k) == to.state(k));
      if (is_reached) graph.transitions(i, j) = std::exp2(-from.n_unstable);
    }
  }
  return graph;
}

void add_training(report::PageContent& page) {
  Rng rng(11, Purpose::tests);
  for (int i = 0; i < 6000; ++i) {
    const double t = i / 6000.0;
    page.training_loss.push_back(
        (0.6 * std::exp(-9 * t) + 4e-4) *
        std::exp(0.25 * rng.normal() + 0.6 * std::exp(-std::abs(t - 0.3) * 90)));
    if (i % 250 != 249) continue;
    page.validation_iterations.push_back(i + 1);
    page.validation_loss.push_back((0.6 * std::exp(-9 * t) + 5e-4) * std::exp(0.05 * rng.normal()));
    page.validation_accuracy.push_back(1 - 0.4 * std::exp(-11 * t));
  }
}

report::PageContent flip_flop_page() {
  report::PageContent page;
  page.title = "Three-bit flip-flop, solved by hand";
  page.summary = {{"Task", "3-bit flip-flop"},
                  {"Network", "vanilla, 3 units, tanh"},
                  {"Training", "6000 iterations"},
                  {"Accuracy", "100.00 %"},
                  {"States", "24 trials of 80 steps"}};
  page.sets = {flip_flop_set()};
  page.views = {flip_flop_views(page.sets[0])};
  page.graphs = {flip_flop_graph(page.sets[0])};
  add_training(page);
  page.provenance = {{"version", "0.1.0"},
                     {"command", "nullcline report ff.nc ff.points.nc ff.graph.nc -o ff.html"},
                     {"seed", "7"},
                     {"compiler", "GNU 12.2.0, x86-64, AVX2"},
                     {"time", "2026-11-21T23:03:00Z"}};
  return page;
}

report::PageContent inputs_page() {
  const std::string hostile = "</script><img src=x onerror=\"document.title='broken'\">";
  report::PageContent page = flip_flop_page();
  page.title = hostile + " & {{data}} 'quoted'";
  page.summary.emplace_back(hostile, hostile);
  page.provenance.emplace_back("file", "/tmp/a b/" + hostile + "<!-- .nc");
  for (int i = 1; i < 3; ++i) {
    page.sets.push_back(page.sets[0]);
    page.views.push_back(page.views[0]);
    page.graphs.push_back(page.graphs[0]);
    page.sets.back().input = Vector::Unit(3, i);
  }
  fixed_points::FixedPointSet& set = page.sets[1];
  set.points[26].kind = fixed_points::Kind::undecided;
  set.points[25].kind = fixed_points::Kind::slow;
  set.points[25].lifetime = 420;
  set.points[24].verdict = fixed_points::Verdict::not_proven;
  set.points[24].radius = std::numeric_limits<double>::infinity();
  set.audit.index_sum = 3;
  set.audit.completeness = fixed_points::Completeness::incomplete;
  set.audit.completeness_note = hostile;
  page.views[1][0].name = hostile;
  page.views[1][0].labels = {hostile, "PC 2", "PC 3"};
  topology::Graph& graph = page.graphs[1];
  graph.labels[0] = hostile;
  graph.transitions.row(8) *= 0.5;
  graph.transitions(8, 27) = 0.5;
  graph.n_cycle = 30;
  graph.n_diverged = 20;
  return page;
}

// x' = x - x^3, y' = -y: two nodes and a saddle between them.
report::PageContent flow_page() {
  report::PageContent page;
  page.title = "A double well in the plane";
  page.time = dynamics::Time::continuous;
  fixed_points::FixedPointSet set;
  for (const double x : {-1.0, 1.0, 0.0}) {
    fixed_points::FixedPoint point;
    point.state = Eigen::Vector2d(x, 0);
    point.kind = fixed_points::Kind::fixed;
    const double slope = 1 - 3 * x * x;
    point.n_unstable = slope > 0 ? 1 : 0;
    point.stability = slope > 0 ? fixed_points::Stability::saddle : fixed_points::Stability::stable;
    point.index = slope > 0 ? -1 : 1;
    point.eigenvalues = Eigen::Vector2cd(std::max(slope, -1.0), std::min(slope, -1.0));
    point.time_constants = point.eigenvalues.real().cwiseAbs().cwiseInverse();
    set.audit.index_sum += point.index;
    set.points.push_back(point);
  }
  set.audit.completeness_note = "No trapping box is known";
  report::View view;
  view.name = "plane";
  view.labels = {"x", "y"};
  for (int k = 0; k < 16; ++k) {
    const double angle = 2 * std::numbers::pi * (k + 0.5) / 16;
    Matrix states(200, 2);
    Eigen::Vector2d state(1.8 * std::cos(angle), 1.2 * std::sin(angle));
    for (Index i = 0; i < states.rows(); ++i) {
      states.row(i) = state.transpose();
      state += 0.05 * Eigen::Vector2d(state(0) - std::pow(state(0), 3), -state(1));
    }
    view.trajectories.push_back(states);
  }
  view.points = (Matrix(3, 2) << -1, 0, 1, 0, 0, 0).finished();
  view.unstable_modes = (Matrix(1, 4) << -0.3, 0, 0.3, 0).finished();
  view.mode_points = {2};
  page.sets = {set};
  page.views = {{view}};
  return page;
}

// (x, y)' = (tanh(-3 x), tanh(2 y)): every trajectory ends on one of two orbits of period 2, and
// the picture has an invariant circle besides, which the map has not.
report::PageContent orbits_page() {
  report::PageContent page = flow_page();
  page.title = "A flip beside a bit";
  page.time = dynamics::Time::discrete;
  orbits::OrbitSet set;
  set.n_trajectories = 64;
  set.note =
      "64 of 64 trajectories end at no fixed point: 60 on 2 stable orbits of period 2, 4 on an "
      "invariant circle";
  for (const double y : {-0.5, 0.5}) {
    orbits::Orbit orbit;
    orbit.kind = orbits::Kind::periodic;
    orbit.period = 2;
    orbit.points = (Matrix(2, 2) << -0.995, y, 0.995, y).finished();
    orbit.stability = fixed_points::Stability::stable;
    orbit.verdict = fixed_points::Verdict::proven;
    orbit.radius = 2e-15;
    orbit.multipliers = ComplexVector::Constant(2, {0.1, 0});
    orbit.n_ends = 30;
    orbit.evidence = "proven to exist within 2.0e-15 of these states";
    set.orbits.push_back(orbit);
  }
  orbits::Orbit circle;
  circle.kind = orbits::Kind::invariant_circle;
  circle.period = 1;
  circle.rotation_number = 0.123456789;
  circle.points.resize(65, 2);
  for (Index i = 0; i < 65; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / 65;
    circle.points.row(i) << 1.4 * std::cos(angle), 1.4 * std::sin(angle);
  }
  circle.exponents = Eigen::Vector2d(0, -0.3);
  circle.exponent_errors = Eigen::Vector2d(1e-5, 1e-4);
  circle.stability = fixed_points::Stability::stable;
  circle.n_ends = 4;
  circle.evidence = "invariant up to 2e-12 with 32 Fourier modes";
  set.orbits.push_back(circle);
  page.orbits = {set};
  for (const orbits::Orbit& orbit : set.orbits) page.views[0][0].orbits.push_back(orbit.points);
  topology::Graph graph;
  graph.n_points = graph.n_orbits = 3;
  graph.point_index = graph.orbit_index = {0, 1, 2};
  graph.labels = {"-", "+", "0", "-", "+", "orbit 2"};
  graph.n_rollouts = {2, 2, 2, 0, 0, 0};
  graph.transitions = Matrix::Zero(6, 7);
  graph.transitions(0, 3) = graph.transitions(1, 4) = 1;
  graph.transitions(2, 3) = graph.transitions(2, 4) = 0.5;
  for (Index i = 3; i < 6; ++i) graph.transitions(i, i) = 1;
  page.graphs = {graph};
  return page;
}

}  // namespace
}  // namespace nullcline

int main(int argc, char** argv) {
  const std::string kind = argc == 3 ? argv[1] : "";
  nullcline::report::PageContent page;
  if (kind == "flip-flop") {
    page = nullcline::flip_flop_page();
  } else if (kind == "inputs") {
    page = nullcline::inputs_page();
  } else if (kind == "flow") {
    page = nullcline::flow_page();
  } else if (kind == "orbits") {
    page = nullcline::orbits_page();
  } else if (kind == "empty") {
    page.title = "Nothing found";
    page.sets.resize(1);
  } else if (kind == "training") {
    page.title = "A learning curve";
    nullcline::add_training(page);
  } else {
    std::cerr << "usage: make_page flip-flop|inputs|flow|orbits|empty|training FILE\n";
    return 2;
  }
  std::ofstream(argv[2], std::ios::binary) << nullcline::report::render_page(page);
  return 0;
}
