// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/manifolds.hpp"

#include <cmath>
#include <list>

#include "nullcline/portrait/attractors.hpp"

namespace nullcline::portrait {

namespace {

using dynamics::System;
using fixed_points::FixedPoint;

constexpr double kOffset = 1e-6;   // of the first place from the saddle, in diagonals of the box
constexpr double kSpacing = 1e-2;  // of neighbors on a manifold of a map
constexpr int kMostImages = 400;
constexpr int kMostPoints = 20000;
constexpr double kClosest = 1e-9;  // of parameters in the fundamental domain

struct Mode {
  Index number = -1;
  double value = 0;
};

// The only eigenvalue on that side of the boundary, if it is real.
Mode single_mode(const FixedPoint& point, bool is_stable, bool is_map) {
  Mode mode;
  for (Index i = 0; i < point.eigenvalues.size(); ++i) {
    const bool is_inside =
        is_map ? std::abs(point.eigenvalues(i)) < 1 : point.eigenvalues(i).real() < 0;
    if (is_inside != is_stable) continue;
    if (mode.number >= 0 || point.eigenvalues(i).imag() != 0) return {};
    mode = {i, point.eigenvalues(i).real()};
  }
  return mode;
}

// A point of the fundamental domain and its k-th image.
struct DomainPoint {
  double parameter;
  Vector image;
};

class MapManifold {
 public:
  MapManifold(const System& map, ConstVectorRef input, const Vector& saddle, const Vector& offset,
              double eigenvalue, bool is_stable, const dynamics::Box& box,
              const std::vector<Attractor>& ends, const PathOptions& options)
      : map_(map),
        input_(input),
        saddle_(saddle),
        offset_(offset),
        is_stable_(is_stable),
        n_steps_(eigenvalue < 0 ? 2 : 1),  // a negative eigenvalue swaps the branches
        growth_(std::pow(std::abs(is_stable ? 1 / eigenvalue : eigenvalue), n_steps_)),
        box_(box),
        size_((box.upper - box.lower).norm()),
        ends_(ends),
        options_(options) {}

  Manifold run() {
    Manifold result;
    std::vector<Vector> points{saddle_};
    for (const double t : {0.0, 0.5, 1.0}) domain_.push_back({t, at(t)});
    End end = End::max_time;
    for (int k = 1; k <= kMostImages && end == End::max_time; ++k) {
      n_images_ = k;
      for (DomainPoint& point : domain_)
        if (!advance(point.image)) return finish(result, points, lost_);
      if (!refine()) return finish(result, points, lost_);
      for (auto point = std::next(domain_.begin()); point != domain_.end(); ++point) {
        const Vector before = points.back();
        result.length += (point->image - before).norm();
        points.push_back(point->image);
        const Index end_found = captured_by(ends_, before, point->image);
        if (end_found >= 0 && is_arrived(end_found, point->image)) {
          end = end_of(ends_[static_cast<std::size_t>(end_found)]);
          result.end_number = ends_[static_cast<std::size_t>(end_found)].number;
        } else if (has_left(box_, point->image)) {
          end = End::left_box;
        } else if (result.length > options_.max_length ||
                   static_cast<int>(points.size()) > kMostPoints) {
          end = End::arclength;
        }
        if (end != End::max_time) break;
      }
    }
    return finish(result, points, end);
  }

 private:
  // The domain, from the offset to its image under the linear map; even in its logarithm.
  Vector at(double t) const { return saddle_ + std::pow(growth_, t) * offset_; }

  bool is_arrived(Index end, const Vector& state) const {
    const Attractor& a = ends_[static_cast<std::size_t>(end)];
    return a.kind != AttractorKind::point || (state - a.center).norm() <= 1e-3 * size_;
  }

  bool advance(Vector& state) {
    for (int i = 0; i < n_steps_; ++i) {
      if (is_stable_) {
        const auto back = preimage(map_, input_, state, state);
        if (!back) {
          lost_ = End::no_inverse;
          return false;
        }
        state = *back;
      } else {
        state = dynamics::evaluate_at(map_, state, input_);
      }
      if (!state.allFinite()) {
        lost_ = End::not_finite;
        return false;
      }
    }
    return true;
  }

  bool refine() {
    for (auto point = domain_.begin(); std::next(point) != domain_.end();) {
      const auto next = std::next(point);
      const bool is_near = (next->image - point->image).norm() <= kSpacing * size_;
      if (is_near || next->parameter - point->parameter < kClosest ||
          static_cast<int>(domain_.size()) > kMostPoints) {
        ++point;
        continue;
      }
      DomainPoint middle{(point->parameter + next->parameter) / 2, {}};
      middle.image = at(middle.parameter);
      for (int k = 0; k < n_images_; ++k)
        if (!advance(middle.image)) return false;
      domain_.insert(next, std::move(middle));
    }
    return true;
  }

  static Manifold finish(Manifold& result, const std::vector<Vector>& points, End end) {
    result.end = end;
    result.states.resize(static_cast<Index>(points.size()), points.front().size());
    for (std::size_t i = 0; i < points.size(); ++i)
      result.states.row(static_cast<Index>(i)) = points[i].transpose();
    return result;
  }

  const System& map_;
  const Vector input_, saddle_, offset_;
  const bool is_stable_;
  const int n_steps_;
  const double growth_;
  const dynamics::Box& box_;
  const double size_;
  const std::vector<Attractor>& ends_;
  const PathOptions& options_;
  std::list<DomainPoint> domain_;
  int n_images_ = 0;
  End lost_ = End::undecided;
};

Manifold flow_manifold(const System& flow, ConstVectorRef input, const Vector& saddle,
                       const Vector& start, bool is_stable, const dynamics::Box& box,
                       const std::vector<Attractor>& ends, const PathOptions& options) {
  const Path path = follow(flow, input, start, box, ends, is_stable ? -1 : 1, options);
  Manifold result;
  result.states.resize(path.states.rows() + 1, path.states.cols());
  result.states << saddle.transpose(), path.states;
  result.length = path.length;
  result.end = path.end;
  if (path.attractor >= 0)
    result.end_number = ends[static_cast<std::size_t>(path.attractor)].number;
  return result;
}

}  // namespace

std::vector<Manifold> manifolds_of(const System& system, ConstVectorRef input,
                                   const FixedPoint& saddle, bool is_stable,
                                   const dynamics::Box& box, const std::vector<Attractor>& ends,
                                   const PathOptions& options) {
  const bool is_map = system.time() == dynamics::Time::discrete;
  const Mode mode = single_mode(saddle, is_stable, is_map);
  if (mode.number < 0 || (is_map && mode.value == 0)) return {};
  const double size = kOffset * (box.upper - box.lower).norm();
  const Vector direction = saddle.right_eigenvectors.col(mode.number).real().normalized() * size;
  std::vector<Manifold> result;
  for (const double side : {1.0, -1.0}) {
    const Vector offset = side * direction;
    Manifold branch = is_map ? MapManifold(system, input, saddle.state, offset, mode.value,
                                           is_stable, box, ends, options)
                                   .run()
                             : flow_manifold(system, input, saddle.state, saddle.state + offset,
                                             is_stable, box, ends, options);
    branch.is_stable = is_stable;
    result.push_back(std::move(branch));
  }
  return result;
}

}  // namespace nullcline::portrait
