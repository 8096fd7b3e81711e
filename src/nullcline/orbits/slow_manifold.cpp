// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/slow_manifold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::orbits {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

void validate(const dynamics::System& map, const FixedPointSet& set,
              const SlowManifoldOptions& options) {
  if (map.time() != dynamics::Time::discrete)
    throw InvalidInput("slow manifold: found a flow, expected a map (time = discrete)");
  if (set.input.size() != map.n_inputs())
    throw InvalidInput(fmt::format("slow manifold: the set's input has {} values, expected {}",
                                   set.input.size(), map.n_inputs()));
  for (const FixedPoint& point : set.points)
    if (point.state.size() != map.n_states())
      throw InvalidInput(fmt::format("slow manifold: a point has {} coordinates, expected {}",
                                     point.state.size(), map.n_states()));
  const auto require = [](bool ok, const char* name, double found) {
    if (!ok)
      throw InvalidInput(fmt::format("{}: found {}, expected a positive number", name, found));
  };
  require(options.max_drift > 0, "max_drift", options.max_drift);
  require(options.step > 0, "step", options.step);
  require(options.max_steps > 0, "max_steps", options.max_steps);
  require(options.slowness > 0, "slowness", options.slowness);
}

// The unit direction of the real eigenvalue nearest to 1, if it is near enough.
std::optional<Vector> slow_direction(const FixedPoint& point, double slowness) {
  Index best = -1;
  double least = slowness;
  for (Index i = 0; i < point.eigenvalues.size(); ++i) {
    const std::complex<double> value = point.eigenvalues(i);
    if (value.imag() != 0 || !(std::abs(value.real() - 1) <= least)) continue;
    best = i;
    least = std::abs(value.real() - 1);
  }
  if (best < 0 || best >= point.right_eigenvectors.cols()) return std::nullopt;
  return Vector(point.right_eigenvectors.col(best).real().normalized());
}

/// A state of the curve; t points along it.
struct Node {
  Vector state, tangent;
  double drift = 0, transverse = 0;
};

class Tracer {
 public:
  Tracer(const dynamics::System& map, const Vector& input, const SlowManifoldOptions& options)
      : map_(map), input_(input), options_(options), box_(map.trapping_box()), n_(map.n_states()) {}

  /// The state with F(h) - h = drift t on the plane through `guess` across t; the tangent is
  /// updated there.
  std::optional<Node> correct(const Vector& guess, const Vector& tangent) const {
    constexpr int kMaxSteps = 8;
    constexpr double kTolerance = 1e-11;
    Node node{guess, tangent, 0, 0};
    std::vector<int> pivots(static_cast<std::size_t>(n_ + 1));
    Matrix bordered(n_ + 1, n_ + 1), jacobian;
    for (int i = 0; i < kMaxSteps; ++i) {
      jacobian = jacobian_at(map_, node.state, input_);
      bordered.topLeftCorner(n_, n_) = jacobian;
      bordered.topLeftCorner(n_, n_).diagonal().array() -= 1;
      bordered.topRightCorner(n_, 1) = -tangent;
      bordered.bottomLeftCorner(1, n_) = tangent.transpose();
      bordered(n_, n_) = 0;
      if (!numerics::lu_factor(bordered, pivots)) return std::nullopt;
      Vector step(n_ + 1);
      step.head(n_) = node.state + node.drift * tangent - evaluate_at(map_, node.state, input_);
      step(n_) = tangent.dot(guess - node.state);
      numerics::lu_solve(bordered, pivots, VectorRef(step));
      if (!step.allFinite() || step.cwiseAbs().maxCoeff() > 1) return std::nullopt;
      node.state += step.head(n_);
      node.drift += step(n_);
      if (step.cwiseAbs().maxCoeff() > kTolerance * (1 + node.state.cwiseAbs().maxCoeff()))
        continue;
      Vector direction = Vector::Zero(n_ + 1);
      direction(n_) = 1;
      numerics::lu_solve(bordered, pivots, VectorRef(direction));
      if (!direction.allFinite()) return std::nullopt;
      node.tangent = direction.head(n_).normalized();
      node.transverse = transverse(jacobian);
      return node;
    }
    return std::nullopt;
  }

  /// States after `start` in the sense of its tangent. Drifts are in that sense.
  std::vector<Node> follow(const Node& start, SlowManifoldEnd& end) const {
    constexpr double kSharpestTurn = 0.9;  // cosine between two tangents
    std::vector<Node> nodes;
    Node current = start;
    double step = options_.step / 4, travelled = 0;
    end = SlowManifoldEnd::max_steps;
    while (static_cast<int>(nodes.size()) < options_.max_steps) {
      const Vector guess = current.state + step * current.tangent;
      const auto next = correct(guess, current.tangent);
      if (!next || next->tangent.dot(current.tangent) < kSharpestTurn ||
          (next->state - guess).norm() > step) {
        step /= 2;
        if (step < 1e-4 * options_.step) {
          end = SlowManifoldEnd::stalled;
          break;
        }
        continue;
      }
      if (std::abs(next->drift) > options_.max_drift) {
        end = SlowManifoldEnd::too_fast;
        break;
      }
      if (is_outside(next->state)) {
        end = SlowManifoldEnd::outside;
        break;
      }
      travelled += (next->state - current.state).norm();
      // Past the start again: the plane through it is crossed, nearby.
      if (travelled > 4 * options_.step && closes(start, current, *next)) {
        end = SlowManifoldEnd::closed;
        break;
      }
      current = *next;
      nodes.push_back(current);
      step = std::min(1.5 * step, options_.step);
    }
    return nodes;
  }

 private:
  bool closes(const Node& start, const Node& before, const Node& after) const {
    const double was = start.tangent.dot(before.state - start.state);
    const double is = start.tangent.dot(after.state - start.state);
    return was < 0 && is >= 0 && (before.state - start.state).norm() < 2 * options_.step &&
           before.tangent.dot(start.tangent) > 0.5;
  }

  bool is_outside(const Vector& state) const {
    return box_ && ((state.array() < box_->lower.array()).any() ||
                    (state.array() > box_->upper.array()).any());
  }

  static double transverse(const Matrix& jacobian) {
    const ComplexVector values = numerics::eigenvalues(jacobian);
    Index along = 0;
    for (Index i = 1; i < values.size(); ++i)
      if (std::abs(values(i) - 1.0) < std::abs(values(along) - 1.0)) along = i;
    double largest = 0;
    for (Index i = 0; i < values.size(); ++i)
      if (i != along) largest = std::max(largest, std::abs(values(i)));
    return largest;
  }

  const dynamics::System& map_;
  const Vector& input_;
  const SlowManifoldOptions& options_;
  const std::optional<dynamics::Box> box_;
  const Index n_;
};

void set_marks(SlowManifold& curve) {
  const Index n = curve.drift.size();
  for (Index i = 0; i + 1 < n; ++i)
    if ((curve.drift(i) < 0) != (curve.drift(i + 1) < 0))
      curve.fixed_points.push_back(static_cast<int>(i));
  for (Index i = 1; i + 1 < n; ++i) {
    const double before = curve.drift(i - 1), here = curve.drift(i), after = curve.drift(i + 1);
    const bool same_sign = (before < 0) == (here < 0) && (here < 0) == (after < 0);
    if (same_sign && std::abs(here) < std::abs(before) && std::abs(here) < std::abs(after))
      curve.ghosts.push_back(static_cast<int>(i));
  }
}

SlowManifold assembled(const std::vector<Node>& nodes, const std::vector<bool>& reversed) {
  SlowManifold curve;
  const auto n = static_cast<Index>(nodes.size());
  curve.states.resize(n, nodes.front().state.size());
  curve.arclength = curve.drift = curve.transverse = Vector::Zero(n);
  for (Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    curve.states.row(i) = nodes[k].state.transpose();
    curve.drift(i) = reversed[k] ? -nodes[k].drift : nodes[k].drift;
    curve.transverse(i) = nodes[k].transverse;
    if (i > 0)
      curve.arclength(i) = curve.arclength(i - 1) + (nodes[k].state - nodes[k - 1].state).norm();
  }
  curve.length = curve.arclength(n - 1);
  return curve;
}

SlowManifold trace(const Tracer& tracer, const Node& start) {
  SlowManifoldEnd ahead_end{}, behind_end = SlowManifoldEnd::closed;
  const std::vector<Node> ahead = tracer.follow(start, ahead_end);
  std::vector<Node> behind;
  if (ahead_end != SlowManifoldEnd::closed) {
    Node back = start;
    back.tangent = -back.tangent;
    behind = tracer.follow(back, behind_end);
  }
  std::vector<Node> nodes(behind.rbegin(), behind.rend());
  std::vector<bool> reversed(nodes.size(), true);
  nodes.push_back(start);
  nodes.insert(nodes.end(), ahead.begin(), ahead.end());
  reversed.resize(nodes.size(), false);
  const bool is_ring = ahead_end == SlowManifoldEnd::closed;
  if (is_ring) {  // the first state again, so that the last stretch is seen
    nodes.push_back(start);
    reversed.push_back(false);
  }
  SlowManifold curve = assembled(nodes, reversed);
  curve.is_ring = is_ring;
  curve.first_end = behind_end;
  curve.last_end = ahead_end;
  set_marks(curve);
  return curve;
}

bool is_on(const SlowManifold& curve, const Vector& state, double distance) {
  return (curve.states.rowwise() - state.transpose()).rowwise().norm().minCoeff() <= distance;
}

}  // namespace

std::vector<SlowManifold> trace_slow_manifold(const dynamics::System& map, const FixedPointSet& set,
                                              const SlowManifoldOptions& options) {
  validate(map, set, options);
  const Tracer tracer(map, set.input, options);
  std::vector<SlowManifold> curves;
  for (std::size_t i = 0; i < set.points.size(); ++i) {
    const FixedPoint& point = set.points[i];
    const std::optional<Vector> direction = slow_direction(point, options.slowness);
    if (!direction) continue;
    if (std::any_of(curves.begin(), curves.end(), [&](const SlowManifold& curve) {
          return is_on(curve, point.state, options.step);
        }))
      continue;
    const auto start = tracer.correct(point.state, *direction);
    if (!start || std::abs(start->drift) > options.max_drift) continue;
    SlowManifold curve = trace(tracer, *start);
    if (curve.states.rows() < 2) continue;
    curve.point = static_cast<int>(i);
    curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace nullcline::orbits
