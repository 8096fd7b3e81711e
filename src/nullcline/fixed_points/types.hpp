// SPDX-License-Identifier: BSD-3-Clause
// What a search for fixed points returns. Plain data: the only header of this folder that the
// report may see.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::fixed_points {

/// fixed: F(h) = h. slow: a local minimum of q that is no fixed point. undecided: neither was
/// shown.
enum class Kind { fixed, slow, undecided };

/// Whether existence and uniqueness were proven with directed rounding: exactly one fixed point has
/// coordinates of the reduced map within `uniqueness_radius`, and its state is within `radius`. Of
/// a slow point: whether absence within `exclusion_radius` was.
enum class Verdict { proven, not_proven };

/// stable: all |lambda| < 1 (map) or Re lambda < 0 (flow); saddle: some unstable; unstable: all
/// unstable; degenerate: some eigenvalue within its proven error of the boundary, or within 1e-9
/// where no error is proven.
enum class Stability { stable, saddle, unstable, degenerate };

enum class Completeness { proven, statistical, incomplete, not_auditable };

struct FixedPoint {
  Vector state;
  double speed = 0;     ///< q = 1/2 |F(h) - h|^2 of the full map (1/2 |f|^2 for a flow)
  double residual = 0;  ///< infinity norm of F(h) - h
  Kind kind = Kind::undecided;
  Verdict verdict = Verdict::not_proven;
  /// The fixed point is this near to `state` in the infinity norm (full state).
  double radius = std::numeric_limits<double>::infinity();
  /// undecided, where all fixed points were enumerated: the ones that are too close together or too
  /// degenerate to be told apart are this near to `state` (coordinates of the reduced map); 0
  /// otherwise.
  double hull_radius = 0;
  /// No other fixed point is this near, in the coordinates of the reduced map where there is one.
  double uniqueness_radius = 0;
  Stability stability = Stability::degenerate;
  int n_unstable = 0;  ///< eigenvalues beyond the boundary by more than that
  /// proven: no eigenvalue of any J within `radius` meets the boundary, so n_unstable holds.
  Verdict stability_verdict = Verdict::not_proven;
  /// Every eigenvalue of J at the exact point is this near to one of `eigenvalues`, proven.
  double eigenvalue_radius = std::numeric_limits<double>::infinity();
  /// sign det(I - J); slow: 0, as there is no fixed point. undecided: what the indices of the fixed
  /// points there sum to, where a proof has left only one such place.
  int index = 0;
  bool has_index = true;      ///< false: that sum is not known, and `index` is 0
  ComplexVector eigenvalues;  ///< of dF/dh, by falling magnitude (flow: real part)
  /// Columns, unit 2-norm, of all eigenvalues or of the leading ones (SearchOptions::max_modes).
  ComplexMatrix right_eigenvectors;
  ComplexMatrix left_eigenvectors;  ///< rows l_i with l_i r_j = delta_ij (no conjugation)
  Vector time_constants;            ///< map: 1 / |ln |lambda|| steps; flow: 1 / |Re lambda|
  Vector frequencies;               ///< map: |arg lambda| / 2 pi cycles per step; flow: |Im| / 2 pi
  bool defective = false;           ///< condition of the eigenvectors above 1e8: modes unreliable
  bool at_kink = false;             ///< a relu sits within 1e-9 of its kink
  std::int64_t hits = 0;            ///< counted starts that ended here
  double lifetime = std::numeric_limits<double>::infinity();  ///< steps, slow points only
  /// No fixed point is this near, proven; slow points only, in the coordinates of the reduced map.
  double exclusion_radius = 0;
  Vector readout;  ///< (n_outputs) or zero size
};

/// The audit: what is known about points that were not found.
struct Audit {
  int index_sum = 0;
  std::optional<int> index_expected;  ///< +1 where a trapping box is proven
  Completeness completeness = Completeness::not_auditable;
  std::string completeness_note;  ///< one sentence
  double unseen_estimate = 0;     ///< Chao1: f1 (f1 - 1) / (2 (f2 + 1))
  double coverage = 0;            ///< Good-Turing: 1 - f1 / n
  double capture_bound = 1;  ///< points with at least this capture probability: found with 99.9 %
  std::int64_t min_hits = 0;
  std::int64_t n_starts = 0;
  std::int64_t n_converged = 0;
  std::int64_t n_outside_box = 0;  ///< end states rejected: outside the trapping box, proven
  std::int64_t n_unconverged = 0;
  std::int64_t n_newton_steps = 0;  ///< linear solves in all
};

/// All points found for one held input.
struct FixedPointSet {
  Vector input;
  std::vector<FixedPoint>
      points;  ///< fixed (by n_unstable, then state), slow (by speed), undecided
  Audit audit;
  double seconds = 0;
  std::uint64_t seed = 0;

  Index n_fixed() const {
    Index n = 0;
    for (const FixedPoint& point : points) n += point.kind == Kind::fixed ? 1 : 0;
    return n;
  }
};

/// One entry per input; dimensions input, fixed_point, state, eigenvalue, output. Points of all
/// inputs stand in one list, with their input's number in `input_index`.
/// `n_states` is that of the system, which sets without points do not tell.
NamedArrays to_arrays(const std::vector<FixedPointSet>& sets, Index n_states = 0);
/// @throws FormatError
std::vector<FixedPointSet> fixed_point_sets_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::fixed_points

template <>
struct nullcline::EnumNames<nullcline::fixed_points::Kind> {
  static constexpr std::array values{
      std::pair{nullcline::fixed_points::Kind::fixed, "fixed"},
      std::pair{nullcline::fixed_points::Kind::slow, "slow"},
      std::pair{nullcline::fixed_points::Kind::undecided, "undecided"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::fixed_points::Verdict> {
  static constexpr std::array values{
      std::pair{nullcline::fixed_points::Verdict::proven, "proven"},
      std::pair{nullcline::fixed_points::Verdict::not_proven, "not_proven"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::fixed_points::Stability> {
  static constexpr std::array values{
      std::pair{nullcline::fixed_points::Stability::stable, "stable"},
      std::pair{nullcline::fixed_points::Stability::saddle, "saddle"},
      std::pair{nullcline::fixed_points::Stability::unstable, "unstable"},
      std::pair{nullcline::fixed_points::Stability::degenerate, "degenerate"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::fixed_points::Completeness> {
  static constexpr std::array values{
      std::pair{nullcline::fixed_points::Completeness::proven, "proven"},
      std::pair{nullcline::fixed_points::Completeness::statistical, "statistical"},
      std::pair{nullcline::fixed_points::Completeness::incomplete, "incomplete"},
      std::pair{nullcline::fixed_points::Completeness::not_auditable, "not_auditable"},
  };
};
