// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/report/internal/payload.hpp"

namespace nullcline::report::internal {
namespace {

void expect(bool fits, const std::string& what, Index found, Index expected) {
  if (!fits) throw InvalidInput(fmt::format("page: {} is {}, expected {}", what, found, expected));
}

void expect_equal(const std::string& what, Index found, Index expected) {
  expect(found == expected, what, found, expected);
}

void expect_position(const std::string& what, int found, Index size) {
  if (found < 0 || found >= size)
    throw InvalidInput(fmt::format("page: {} is {}, expected 0 to {}", what, found, size - 1));
}

template <class Container>
Index size_of(const Container& container) {
  return static_cast<Index>(container.size());
}

void check_point(const fixed_points::FixedPoint& point, const std::string& what) {
  const Index n = point.eigenvalues.size();
  if (point.time_constants.size() > 0)
    expect_equal("number of time constants of " + what, point.time_constants.size(), n);
  if (point.frequencies.size() > 0)
    expect_equal("number of frequencies of " + what, point.frequencies.size(), n);
}

void check_view(const View& view, Index n_points, const orbits::OrbitSet* orbit_set,
                const std::string& where) {
  const std::string what = fmt::format("view '{}' of {}", view.name, where);
  const Index n_axes = size_of(view.labels);
  if (n_axes != 2 && n_axes != 3)
    throw InvalidInput(fmt::format("page: {} has {} axes, expected 2 or 3", what, n_axes));
  for (const Matrix& trajectory : view.trajectories)
    if (trajectory.rows() > 0)
      expect_equal("number of columns of a trajectory in " + what, trajectory.cols(), n_axes);
  expect_equal("number of points in " + what, view.points.rows(), n_points);
  if (n_points > 0)
    expect_equal("number of columns of the points in " + what, view.points.cols(), n_axes);
  expect_equal("number of unstable modes in " + what, view.unstable_modes.rows(),
               size_of(view.mode_points));
  if (view.unstable_modes.rows() > 0)
    expect_equal("number of columns of the unstable modes in " + what, view.unstable_modes.cols(),
                 2 * n_axes);
  expect_equal("number of orbits in " + what, size_of(view.orbits),
               orbit_set ? size_of(orbit_set->orbits) : 0);
  for (std::size_t i = 0; i < view.orbits.size(); ++i) {
    expect_equal("number of states of an orbit in " + what, view.orbits[i].rows(),
                 orbit_set->orbits[i].points.rows());
    expect_equal("number of columns of an orbit in " + what, view.orbits[i].cols(), n_axes);
  }
  for (const int point : view.mode_points)
    expect_position("the point of an unstable mode in " + what, point, n_points);
}

void check_graph(const topology::Graph& graph, Index n_points, Index n_orbits,
                 const std::string& where) {
  const std::string what = "the graph of " + where;
  const Index n_nodes = graph.n_nodes();
  expect_equal("number of rows of " + what, graph.transitions.rows(), n_nodes);
  if (n_nodes > 0)
    expect_equal("number of columns of " + what, graph.transitions.cols(), n_nodes + 1);
  expect_equal("number of nodes in " + what, size_of(graph.point_index), graph.n_points);
  expect_equal("number of orbits in " + what, size_of(graph.orbit_index), graph.n_orbits);
  expect_equal("number of labels in " + what, size_of(graph.labels), n_nodes);
  expect_equal("number of rollout counts in " + what, size_of(graph.n_rollouts), n_nodes);
  for (const int point : graph.point_index)
    expect_position("the point of a node in " + what, point, n_points);
  for (const int orbit : graph.orbit_index)
    expect_position("the orbit of a node in " + what, orbit, n_orbits);
}

}  // namespace

void check_sizes(const PageContent& content) {
  const Index n_sets = size_of(content.sets);
  if (!content.views.empty())
    expect_equal("number of lists of views", size_of(content.views), n_sets);
  if (!content.graphs.empty()) expect_equal("number of graphs", size_of(content.graphs), n_sets);
  if (!content.orbits.empty())
    expect_equal("number of sets of orbits", size_of(content.orbits), n_sets);
  for (std::size_t s = 0; s < content.sets.size(); ++s) {
    const std::string where = fmt::format("set {}", s);
    const auto& points = content.sets[s].points;
    for (std::size_t p = 0; p < points.size(); ++p)
      check_point(points[p], fmt::format("point {} of {}", p, where));
    const Index n_orbits = content.orbits.empty() ? 0 : size_of(content.orbits[s].orbits);
    if (!content.views.empty())
      for (const View& view : content.views[s])
        check_view(view, size_of(points), content.orbits.empty() ? nullptr : &content.orbits[s],
                   where);
    if (!content.graphs.empty()) check_graph(content.graphs[s], size_of(points), n_orbits, where);
  }
  expect_equal("number of validation losses", size_of(content.validation_loss),
               size_of(content.validation_iterations));
  if (!content.validation_accuracy.empty())
    expect_equal("number of validation accuracies", size_of(content.validation_accuracy),
                 size_of(content.validation_iterations));
}

}  // namespace nullcline::report::internal
