// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/projection.hpp"
#include "nullcline/results/view_axes.hpp"

namespace nullcline::results {

namespace {

using dynamics::Projection;
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

constexpr double kModeLength = 0.4;  // of the distance to the nearest other point

/// A segment in state space through an unstable point, along one of its unstable directions.
struct Segment {
  int point;
  Vector from, to;
};

double nearest_distance(const FixedPointSet& set, std::size_t point, double otherwise) {
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < set.points.size(); ++i)
    if (i != point)
      nearest = std::min(nearest, (set.points[i].state - set.points[point].state).norm());
  return std::isfinite(nearest) ? nearest : otherwise;
}

/// Real unstable eigenvalues give one direction, complex pairs two.
std::vector<Vector> unstable_directions(dynamics::Time time, const FixedPoint& point) {
  std::vector<Vector> directions;
  for (Index k = 0; k < point.eigenvalues.size(); ++k) {
    const std::complex<double> value = point.eigenvalues(k);
    const double excess = time == dynamics::Time::discrete ? std::abs(value) - 1 : value.real();
    if (excess <= 0 || value.imag() < 0) continue;
    if (k >= point.right_eigenvectors.cols()) break;
    directions.push_back(point.right_eigenvectors.col(k).real());
    if (value.imag() > 0) directions.push_back(point.right_eigenvectors.col(k).imag());
  }
  for (Vector& direction : directions)
    if (direction.norm() > 0) direction.normalize();
  return directions;
}

std::vector<Segment> unstable_segments(dynamics::Time time, const FixedPointSet& set,
                                       double otherwise) {
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < set.points.size(); ++i) {
    if (set.points[i].kind != fixed_points::Kind::fixed) continue;
    const double length = kModeLength * nearest_distance(set, i, otherwise);
    for (const Vector& direction : unstable_directions(time, set.points[i]))
      segments.push_back({static_cast<int>(i), set.points[i].state - length * direction,
                          set.points[i].state + length * direction});
  }
  return segments;
}

using Coordinates = std::function<Matrix(ConstMatrixRef)>;

report::View view_of(std::string name, std::vector<std::string> labels, const Visited& visited,
                     const FixedPointSet& set, const orbits::OrbitSet& orbit_set,
                     const std::vector<Segment>& segments, const Coordinates& coordinates) {
  report::View view;
  view.name = std::move(name);
  view.labels = std::move(labels);
  const auto n_axes = static_cast<Index>(view.labels.size());
  for (const Matrix& steps : visited.trajectories) view.trajectories.push_back(coordinates(steps));
  for (const orbits::Orbit& orbit : orbit_set.orbits)
    view.orbits.push_back(coordinates(orbit.points));
  view.points.resize(static_cast<Index>(set.points.size()), n_axes);
  for (Index i = 0; i < view.points.rows(); ++i)
    view.points.row(i) =
        coordinates(set.points[static_cast<std::size_t>(i)].state.transpose()).row(0);
  view.unstable_modes.resize(static_cast<Index>(segments.size()), 2 * n_axes);
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const auto row = static_cast<Index>(s);
    view.unstable_modes.row(row).head(n_axes) = coordinates(segments[s].from.transpose()).row(0);
    view.unstable_modes.row(row).tail(n_axes) = coordinates(segments[s].to.transpose()).row(0);
    view.mode_points.push_back(segments[s].point);
  }
  return view;
}

}  // namespace

std::vector<report::View> make_views(const dynamics::System& system, const models::Network* network,
                                     const Visited& visited, const FixedPointSet& set,
                                     const orbits::OrbitSet& orbit_set, Axes first,
                                     int mode_point) {
  const Matrix states = cloud(visited, set);
  if (states.rows() == 0) return {};
  Projection pca = dynamics::principal_components(states, kAxes);
  if (pca.axes.rows() < 2) return {};
  const double spread = (states.rowwise() - states.colwise().mean()).norm() /
                        std::sqrt(static_cast<double>(states.rows()));
  const std::vector<Segment> segments = unstable_segments(system.time(), set, spread);

  std::vector<std::pair<Axes, report::View>> views;
  const auto add = [&](Axes axes, const std::string& name, const Projection& projection) {
    views.emplace_back(axes,
                       view_of(name, projection.labels, visited, set, orbit_set, segments,
                               [&](ConstMatrixRef rows) { return projection.project(rows); }));
  };
  add(Axes::pca, "principal components", pca);
  if (network && network->n_outputs() >= 2) {
    const Index n = std::min(network->n_outputs(), kAxes);
    std::vector<std::string> labels;
    for (Index k = 0; k < n; ++k) labels.push_back(fmt::format("output {}", k + 1));
    views.emplace_back(
        Axes::readout,
        view_of("readouts", labels, visited, set, orbit_set, segments, [&](ConstMatrixRef rows) {
          return Matrix(models::readout(*network, rows).leftCols(n));
        }));
  }
  if (!set.points.empty()) {
    const std::size_t center = central_point(set, mode_point);
    const Projection inputs = input_axes(system, set.points[center], set.input);
    if (inputs.axes.rows() > 0) add(Axes::inputs, "inputs", filled(inputs, pca));
    const Projection modes = mode_axes(set.points[center], center);
    if (modes.axes.rows() > 0) add(Axes::modes, modes.name, filled(modes, pca));
  }
  const auto wanted = std::find_if(views.begin(), views.end(),
                                   [first](const auto& view) { return view.first == first; });
  if (wanted == views.end())
    throw InvalidInput(fmt::format("--axes: '{}' needs {}", name_of(first),
                                   first == Axes::readout ? "two outputs" : "a fixed point"));
  std::rotate(views.begin(), wanted, wanted + 1);
  std::vector<report::View> result;
  for (auto& [axes, view] : views) result.push_back(std::move(view));
  return result;
}

}  // namespace nullcline::results
