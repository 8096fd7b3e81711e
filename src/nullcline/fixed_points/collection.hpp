// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/fixed_points/merge.hpp"
#include "nullcline/fixed_points/proof.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::fixed_points {

/// A zero of r that was found: certified (Kind::fixed), or one whose residual is down to rounding
/// but whose Jacobian is too near singular for a certificate (Kind::undecided).
struct FoundPoint {
  Vector point;  ///< in the coordinates of the equation
  Kind kind = Kind::undecided;
  Certificate certificate;
  int index = 0;           ///< sign det(I - J), or the net index of a cluster
  bool has_index = true;   ///< false: not known, and 0
  std::int64_t hits = 0;   ///< counted starts that met it
  double hull_radius = 0;  ///< of a cluster of a proof: its zeros are this near
};

/// The points found so far, each once.
class Collection {
 public:
  enum class Fate { found, not_a_zero, outside };
  struct Verdict {
    Fate fate = Fate::not_a_zero;
    Index id = -1;  ///< which point, if found
  };

  explicit Collection(const Equation& equation) : equation_(equation), boxes_(equation.size()) {}

  /// Polishes an end state, tests it for a zero, and says which point it is; a new one is added.
  /// A zero outside the trapping box cannot be: what ended there is counted as outside.
  Verdict add(ConstVectorRef end_state);
  /// Takes the points and clusters of a proof of completeness, first of all. From then on an end
  /// state is one of them, or no zero.
  void set_all(const Proof& proof);
  /// Whether a certified zero turned up that the proof of completeness does not know: what the
  /// system says about its box or its intervals cannot be true.
  bool contradicts_proof() const { return contradicts_proof_; }
  void count_hit(Index id) { ++points_[static_cast<std::size_t>(id)].hits; }

  const std::vector<FoundPoint>& points() const { return points_; }
  const UniquenessBoxes& boxes() const { return boxes_; }  ///< ids are indices into points()
  Matrix fixed() const;                                    ///< rows: the certified points
  Index n_fixed() const;
  Index n_undecided() const { return static_cast<Index>(points_.size()) - n_fixed(); }
  int index_sum() const;
  /// What the clusters of a proof add to the sum of the indices, in a trapping box.
  int index_in_clusters() const;

  /// Whether one proven uniqueness box holds the whole trapping box: then its point is the only
  /// one.
  bool is_proven_unique() const;

 private:
  Index add_fixed(const Vector& point, Certificate certificate);
  Index add_undecided(const Vector& point);
  Index find_on_straight_way(const Vector& point) const;
  Index find_on_bent_way(const Vector& point);
  Index find_nearest_undecided(const Vector& point) const;
  bool add_if_certified(const Cluster& cluster);
  void add_enclosed(const EnclosedPoint& enclosed);

  const Equation& equation_;
  UniquenessBoxes boxes_;
  std::vector<FoundPoint> points_;
  int n_bent_tests_ = 0;
  bool has_all_ = false, contradicts_proof_ = false;
};

}  // namespace nullcline::fixed_points
