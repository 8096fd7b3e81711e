// SPDX-License-Identifier: BSD-3-Clause
// Orbits of period k as fixed points: of k states at once, or of the k-th iterate.
#pragma once

#include <memory>
#include <vector>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::orbits {

/// The map of k states of a map F,
///
///     G(h_0, ..., h_(k-1)) = (F(h_(k-1)), F(h_0), ..., F(h_(k-2))),
///
/// whose fixed points are the orbits of F^k(h) = h: multiple shooting. Since G is no iterate of F
/// its residual stays tame where that of F^k is not. det(I - DG) = det(I - DF^k), so the indices
/// agree; eigenvalues of DG are the k-th roots of the multipliers. It has intervals and a trapping
/// box where F has. Keeps a reference to F.
class CyclicSystem : public dynamics::System {
 public:
  /// @throws InvalidInput if F is a flow or period < 1.
  CyclicSystem(const dynamics::System& map, int period);

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return period_ * n_; }
  Index n_inputs() const override { return map_.n_inputs(); }
  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  std::optional<dynamics::Box> trapping_box() const override;
  std::string no_trapping_box_reason() const override { return map_.no_trapping_box_reason(); }
  bool has_kinks() const override { return map_.has_kinks(); }
  double kink_distance(ConstVectorRef state, ConstVectorRef input) const override;
  const dynamics::IntervalExtension* intervals() const override { return intervals_.get(); }
  /// Of a relu map: the map of k states is one too, with W below the diagonal of blocks and in the
  /// last corner, so that its orbits are found and enumerated as fixed points are.
  std::optional<dynamics::ReluForm> relu_form(ConstVectorRef input) const override;

  /// The states h, F(h), ..., F^(k-1)(h) as one row.
  Vector unroll(ConstVectorRef state, ConstVectorRef input) const;

 private:
  class Intervals;
  const dynamics::System& map_;
  const Index period_, n_;
  std::unique_ptr<dynamics::IntervalExtension> intervals_;
};

/// The k-th iterate F^k of a map. Keeps a reference to F.
class IteratedSystem : public dynamics::System {
 public:
  /// @throws InvalidInput if F is a flow or n_steps < 1.
  IteratedSystem(const dynamics::System& map, int n_steps);

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return map_.n_states(); }
  Index n_inputs() const override { return map_.n_inputs(); }
  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  std::optional<dynamics::Box> trapping_box() const override { return map_.trapping_box(); }
  std::string no_trapping_box_reason() const override { return map_.no_trapping_box_reason(); }
  bool has_kinks() const override { return map_.has_kinks(); }
  std::optional<dynamics::DirectionalDerivatives> directional_derivatives(
      ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const override;

 private:
  const dynamics::System& map_;
  const int n_steps_;
};

}  // namespace nullcline::orbits
