// SPDX-License-Identifier: BSD-3-Clause
// What a portrait holds. Plain data.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::portrait {

/// How a trajectory ends. point, cycle, orbit: captured by it (backwards in time: by a repelling
/// one); left_box: beyond the box by its own size; not_finite: it blew up; no_inverse: a map has no
/// preimage that Newton's method finds; arclength, max_time: followed so far and undecided.
enum class End {
  undecided,
  point,
  cycle,
  orbit,
  left_box,
  not_finite,
  no_inverse,
  arclength,
  max_time
};

enum class AttractorKind { point, cycle, orbit };

/// Something that attracts, and the region in which that is known.
struct Attractor {
  AttractorKind kind = AttractorKind::point;
  Index number = 0;  ///< which point, cycle or orbit of the portrait
  /// Of a point or periodic orbit: the ellipsoid |shape (h - center)| <= 1 is proven to shrink onto
  /// it; of a cycle: it is sampled.
  fixed_points::Verdict verdict = fixed_points::Verdict::not_proven;
  Vector center;
  Matrix shape;
  /// Of a cycle: a disc of this radius around `center` across the flow, whose returns contract.
  double radius = 0;
  Vector normal;  ///< the flow's direction there
  Matrix states;  ///< of an orbit: what trajectories come near to
};

struct Trajectory {
  int sense = 1;  ///< 1: forwards in time, -1: backwards
  bool is_chosen = false;
  Vector times;   ///< from 0; falling where sense is -1
  Matrix states;  ///< (n_times, n_states)
  End end = End::undecided;
  Index end_number = -1;  ///< which point, cycle or orbit
};

/// One branch of the stable or unstable manifold of a saddle.
struct Manifold {
  Index point = 0;
  bool is_stable = false;
  Matrix states;  ///< (n, n_states), from the saddle on
  double length = 0;
  End end = End::undecided;
  Index end_number = -1;
};

/// Where one component of the rate vanishes, within a box of two dimensions.
struct NullclineCurve {
  Matrix points;  ///< (n, 2) in order
  bool is_closed = false;
};
/// Where branches cross: the function and its gradient vanish.
struct BranchPoint {
  Vector place;
  int n_arms = 0;       ///< curves that end here; 0: an isolated point
  double residual = 0;  ///< of the function, in units of its change across the box
};
struct Nullcline {
  std::vector<NullclineCurve> curves;
  std::vector<BranchPoint> branch_points;
  /// proven: the topology outside the branch points is that of the exact zero set in the box.
  fixed_points::Verdict verdict = fixed_points::Verdict::not_proven;
  double max_residual = 0;  ///< distance of a point from the zero set, to first order
  std::string note;         ///< why it is not proven, or empty
};

/// Values on a grid of two dimensions, row-major: a row is one value of the second coordinate.
struct Field {
  Vector x, y;                        ///< coordinates (n)
  Matrix rate_x, rate_y;              ///< f, or F(h) - h of a map
  Matrix log_speed;                   ///< log10 of the rate's 2-norm
  std::vector<std::uint8_t> stopped;  ///< components whose motion is lost to rounding: 1 + 2
  std::vector<std::int64_t> basins;   ///< the attractor, -1 undecided, -2 leaves; or empty
};

/// One dimension: the rate along the line.
struct FlowLine {
  Vector h, rate;
};

struct Ensemble {
  double sigma = 0, step = 0;
  Vector times;                    ///< (n_times)
  Matrix states;                   ///< (n_members * n_times, n_states)
  std::vector<std::int64_t> ends;  ///< the attractor that each goes to once the noise stops, or -1
};

struct Portrait {
  dynamics::Time time = dynamics::Time::continuous;
  std::vector<std::string> state_names;
  Vector input;
  dynamics::Box box;
  fixed_points::FixedPointSet points;
  std::optional<cycles::CycleSet> cycles;  ///< of a flow of two or three states
  std::optional<orbits::OrbitSet> orbits;  ///< of a map
  std::vector<Attractor> attractors;
  std::vector<Trajectory> trajectories;
  std::vector<Manifold> manifolds;
  std::vector<Nullcline> nullclines;  ///< two, of two states
  std::optional<Field> field;         ///< of two states
  std::optional<FlowLine> line;       ///< of one state
  std::optional<Ensemble> ensemble;
  std::vector<std::string> notes;  ///< what was not done, and what is doubtful, in sentences

  Index n_states() const { return box.lower.size(); }
};

}  // namespace nullcline::portrait

template <>
struct nullcline::EnumNames<nullcline::portrait::End> {
  using E = nullcline::portrait::End;
  static constexpr std::array values{
      std::pair{E::undecided, "undecided"},   std::pair{E::point, "point"},
      std::pair{E::cycle, "cycle"},           std::pair{E::orbit, "orbit"},
      std::pair{E::left_box, "left_box"},     std::pair{E::not_finite, "not_finite"},
      std::pair{E::no_inverse, "no_inverse"}, std::pair{E::arclength, "arclength"},
      std::pair{E::max_time, "max_time"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::portrait::AttractorKind> {
  using E = nullcline::portrait::AttractorKind;
  static constexpr std::array values{
      std::pair{E::point, "point"},
      std::pair{E::cycle, "cycle"},
      std::pair{E::orbit, "orbit"},
  };
};
