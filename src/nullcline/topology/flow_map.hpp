// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"

namespace nullcline::topology {

/// The map of a flow over a fixed time: h(0) to h(duration), with an error of 1e-10 per step of the
/// integration. States that escape become NaN. Keeps a reference to the flow.
class FlowMap : public dynamics::System {
 public:
  /// @throws InvalidInput for a map.
  FlowMap(const dynamics::System& flow, double duration);

  double duration() const { return duration_; }
  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return flow_.n_states(); }
  Index n_inputs() const override { return flow_.n_inputs(); }
  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  /// @throws InternalError: nobody asks for the derivatives.
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;

 private:
  const dynamics::System& flow_;
  const double duration_;
};

}  // namespace nullcline::topology
