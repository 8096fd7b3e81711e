// SPDX-License-Identifier: BSD-3-Clause
// Where trajectories of a map end when they end at no fixed point. Plain data: the only header of
// this folder that the report may see.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::orbits {

/// periodic: F^k(h) = h, with the least such k above 1.
/// invariant_circle: a closed curve (or several that F permutes) on which F is an irrational
/// rotation. torus: at least two exponents vanish. chaotic: a positive Lyapunov exponent.
/// undecided: neither was shown.
enum class Kind { periodic, invariant_circle, torus, chaotic, undecided };

struct Orbit {
  Kind kind = Kind::undecided;
  /// Steps until a periodic orbit closes; the number of circles that F permutes; else 0.
  int period = 0;
  /// Invariant circles: F^period turns the circle by this share of a turn, in (0, 1/2].
  double rotation_number = std::numeric_limits<double>::quiet_NaN();
  /// (n, n_states). periodic: the orbit, one step a row. invariant_circle: circle after circle, an
  /// odd number of states each, evenly spaced in the angle that F advances evenly, so that
  /// trigonometric interpolation gives the curve. Else: consecutive states.
  Matrix points;
  /// periodic: largest infinity norm of F(h_i) - h_(i+1); invariant_circle: largest infinity norm
  /// of F^period(K(theta)) - K(theta + rho) off the grid; else NaN.
  double residual = std::numeric_limits<double>::quiet_NaN();
  fixed_points::Verdict verdict = fixed_points::Verdict::not_proven;
  /// periodic: the true orbit is this near, in the infinity norm; else infinite.
  double radius = std::numeric_limits<double>::infinity();
  /// periodic: no other orbit of this period is this near; else 0.
  double uniqueness_radius = 0;
  fixed_points::Stability stability = fixed_points::Stability::degenerate;
  int n_unstable = 0;  ///< multipliers beyond the unit circle by more than 1e-9
  int index = 0;       ///< periodic: sign det(I - DF^k); else 0
  /// periodic: a relu sits within 1e-9 of its kink at one of the states (border collision), so that
  /// the multipliers hold on one side only.
  bool at_kink = false;
  ComplexVector multipliers;  ///< periodic: eigenvalues of DF^k by falling modulus; else empty
  Vector exponents;           ///< largest Lyapunov exponents per step, falling; periodic: empty
  Vector exponent_errors;     ///< their standard errors
  std::int64_t n_ends = 0;    ///< trajectories that end here
  Matrix readouts;            ///< (n, n_outputs), or zero size
  std::string evidence;       ///< one sentence
};

/// All orbits of one period, besides the fixed points, as far as a search found them.
struct PeriodAudit {
  int period = 0;
  int n_orbits = 0;   ///< of this least period
  int index_sum = 0;  ///< over all points of F^period(h) = h
  /// Places where orbits are too degenerate, or too close together, to be told apart: points of
  /// F^period that the search left undecided, in the space of all their states.
  int n_undecided = 0;
  std::optional<int> index_expected;
  fixed_points::Completeness completeness = fixed_points::Completeness::not_auditable;
};

/// Where the trajectories that were followed under one input end.
struct OrbitSet {
  Vector input;
  std::vector<Orbit> orbits;             ///< by kind, period, number of unstable directions, state
  std::vector<PeriodAudit> periods;      ///< of the periods that were searched
  std::int64_t n_trajectories = 0;       ///< followed
  std::int64_t n_at_points = 0;          ///< of them: at fixed points that were found
  std::int64_t n_at_orbits = 0;          ///< at orbits above that are not undecided
  std::int64_t n_at_rest_elsewhere = 0;  ///< came to rest where no fixed point is listed
  std::int64_t n_diverged = 0;
  std::int64_t n_undecided = 0;
  std::vector<std::int64_t> ends_at_point;  ///< trajectories by the point of the set they end at
  std::string note;                         ///< one sentence
  double seconds = 0;
};

/// One entry per input. Dimensions orbit, orbit_point, multiplier, exponent, period and those of
/// the fixed points; points of all orbits stand in one list.
void add_arrays(NamedArrays& arrays, const std::vector<OrbitSet>& sets);
/// One entry per input; empty sets where the file has none. @throws FormatError
std::vector<OrbitSet> orbit_sets_from_arrays(const NamedArrays& arrays, std::size_t n_inputs);

}  // namespace nullcline::orbits

template <>
struct nullcline::EnumNames<nullcline::orbits::Kind> {
  static constexpr std::array values{
      std::pair{nullcline::orbits::Kind::periodic, "periodic"},
      std::pair{nullcline::orbits::Kind::invariant_circle, "invariant_circle"},
      std::pair{nullcline::orbits::Kind::torus, "torus"},
      std::pair{nullcline::orbits::Kind::chaotic, "chaotic"},
      std::pair{nullcline::orbits::Kind::undecided, "undecided"},
  };
};
