// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/numerics/jet.hpp"

namespace nullcline::models::internal {

/// The input as intervals, valid until the next call of this thread.
const numerics::Interval* as_intervals(ConstVectorRef input);

/// A map, or its flow F - h, whose formula takes every scalar: layers of a stack are driven by
/// intervals and jets. From these come what proofs and normal forms need.
class MapSystem : public dynamics::System {
 public:
  explicit MapSystem(dynamics::Time time) : time_(time) {}
  MapSystem(const MapSystem&) = delete;  // intervals_ refers to this
  MapSystem& operator=(const MapSystem&) = delete;

  dynamics::Time time() const override { return time_; }
  const dynamics::IntervalExtension* intervals() const override { return &intervals_; }
  std::optional<dynamics::DirectionalDerivatives> directional_derivatives(
      ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const override;

  /// The derivative of F along a change of the weights, one row per state; of a stack, `change` has
  /// its layers.
  virtual void weight_derivative(const Network& change, ConstMatrixRef states,
                                 ConstMatrixRef inputs, MatrixRef out) const = 0;

  /// The reduced map with these functions; null if there is none.
  virtual const MapSystem* reduced_map() const { return nullptr; }
  const dynamics::System* reduced() const override { return reduced_map(); }

  /// F, also where this system is the flow F - h.
  virtual void next(const numerics::Interval* state, const numerics::Interval* input,
                    numerics::Interval* out) const = 0;
  virtual void next(const numerics::Jet* state, const numerics::Jet* input,
                    numerics::Jet* out) const = 0;
  /// dF/dh (n_states x n_states), and dF/dx (n_states x n_inputs) unless `by_input` is null.
  virtual void jacobians(const numerics::Interval* state, const numerics::Interval* input,
                         numerics::Interval* by_state, numerics::Interval* by_input) const = 0;
  /// The states of a box of points of the reduced map.
  virtual void lift_box(const numerics::Interval* points, const numerics::Interval* input,
                        numerics::Interval* states) const = 0;
  /// A of a map h' = max(W h + A x + b, 0); null of any other.
  virtual const Matrix* relu_input_weights() const { return nullptr; }

 protected:
  bool is_flow() const { return time_ == dynamics::Time::continuous; }

 private:
  class Intervals : public dynamics::IntervalExtension {
   public:
    explicit Intervals(const MapSystem& map) : map_(map) {}
    void evaluate(std::span<const numerics::Interval> box, ConstVectorRef input,
                  std::span<numerics::Interval> out) const override;
    void jacobian(std::span<const numerics::Interval> box, ConstVectorRef input,
                  std::span<numerics::Interval> out) const override;
    bool lift(std::span<const numerics::Interval> points, ConstVectorRef input,
              std::span<numerics::Interval> out) const override;

   private:
    const MapSystem& map_;
  };

  dynamics::Time time_;
  Intervals intervals_{*this};
};

}  // namespace nullcline::models::internal
