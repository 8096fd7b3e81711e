// SPDX-License-Identifier: BSD-3-Clause
// What one trajectory comes to: its Lyapunov exponents and a plain verdict.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/trajectories/lyapunov.hpp"

namespace nullcline::trajectories {

/// fixed_point: a stable one, that the trajectory draws near to as fast as its eigenvalues say.
/// cycle: a stable limit cycle of a flow, or orbit of period k of a map, in the same sense; or a
/// closed orbit of a flow that is one of a family, on which the trajectory is (its second
/// exact exponent is zero). torus:
/// quasiperiodic (of a map: an invariant circle or a torus). chaos: a positive exponent on a
/// bounded set that the trajectory has gone over many times. diverged: it left every bound.
/// undecided: none of these was shown; a slow passage, for one, is no attractor.
enum class Verdict { fixed_point, cycle, torus, chaos, diverged, undecided };

struct TrajectoryOptions {
  /// Over which exponents are averaged: time of a flow, steps of a map. 0: 2000 of a flow, 20 000
  /// steps of a map.
  double duration = 0;
  double transient = 0;      ///< left out before; 0: a tenth of the duration
  int n_exponents = 0;       ///< 0: all, of up to 32 states; else four
  double tolerance = 1e-10;  ///< of a step of the integrator of a flow

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("duration", self.duration,
          "time of a flow, steps of a map, to average over; 0: 2000 or 20000");
    field("transient", self.transient, "left out before; 0: a tenth of the duration");
    field("n_exponents", self.n_exponents, "largest exponents; 0: all of up to 32 states, else 4");
    field("tolerance", self.tolerance, "error of a step of the integrator of a flow");
  }
};

struct Trajectory {
  bool is_flow = false;
  Verdict verdict = Verdict::undecided;
  std::string evidence;  ///< one sentence
  Spectrum spectrum;
  double kaplan_yorke = std::numeric_limits<double>::quiet_NaN();
  /// Of a cycle: its period, or steps of the map; of an invariant circle of a map steps per turn;
  /// else NaN.
  double period = std::numeric_limits<double>::quiet_NaN();
  /// Of a fixed point or a cycle: the exponents that its eigenvalues or multipliers give, in
  /// falling order; those above converge to them. Else zero size.
  Vector exact_exponents;
  Vector point;  ///< the fixed point, or a state on the cycle, at the end of the trajectory
};

/// Follows the trajectory of a map or a flow from `start` under a held input, and says what it
/// comes to: first its Lyapunov spectrum is averaged, then its end is solved for as a fixed point
/// or a cycle; what is neither is told by the exponents.
/// @throws InvalidInput if sizes do not fit or an option is out of range.
Trajectory classify_trajectory(const dynamics::System& system, ConstVectorRef input,
                               ConstVectorRef start, const TrajectoryOptions& options = {},
                               const Progress& progress = {});

/// Dimensions exponent, state, block.
NamedArrays to_arrays(const Trajectory& trajectory);

}  // namespace nullcline::trajectories

template <>
struct nullcline::EnumNames<nullcline::trajectories::Verdict> {
  using E = nullcline::trajectories::Verdict;
  static constexpr std::array values{
      std::pair{E::fixed_point, "fixed_point"},
      std::pair{E::cycle, "cycle"},
      std::pair{E::torus, "torus"},
      std::pair{E::chaos, "chaos"},
      std::pair{E::diverged, "diverged"},
      std::pair{E::undecided, "undecided"},
  };
};
