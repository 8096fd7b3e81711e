// SPDX-License-Identifier: BSD-3-Clause
// A system from one formula: a few lines of C++ get everything that a cell has.
#pragma once

#include <utility>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/numerics/dual.hpp"
#include "nullcline/numerics/interval.hpp"
#include "nullcline/numerics/jet.hpp"

namespace nullcline::dynamics {

/// The map h' = F(h, x) or the flow dh/dt = F(h, x) of a function object
///
///     template <class Scalar>
///     void operator()(const Scalar* h, const Scalar* x, Scalar* out) const;
///
/// which is evaluated in doubles, in dual numbers (exact Jacobians), in intervals and dual numbers
/// over intervals (proofs), and in jets (slow points, normal forms). It may use + - * /, numbers,
/// and exp, tanh, sigmoid and relu of namespace nullcline::numerics. A trapping box is taken on the
/// caller's word: F must send it into its own interior (a flow: point inwards on it) for every
/// input.
template <class Function>
class FunctionSystem : public System {
 public:
  FunctionSystem(Function function, Index n_states, Index n_inputs, Time time = Time::discrete,
                 std::optional<Box> trapping_box = std::nullopt)
      : function_(std::move(function)),
        n_states_(n_states),
        n_inputs_(n_inputs),
        time_(time),
        trapping_box_(std::move(trapping_box)),
        intervals_(*this) {}
  FunctionSystem(const FunctionSystem&) = delete;  // intervals_ refers to it
  FunctionSystem& operator=(const FunctionSystem&) = delete;

  Time time() const override { return time_; }
  Index n_states() const override { return n_states_; }
  Index n_inputs() const override { return n_inputs_; }
  std::optional<Box> trapping_box() const override { return trapping_box_; }
  const IntervalExtension* intervals() const override { return &intervals_; }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index row = 0; row < states.rows(); ++row)
      function_(states.row(row).data(), input_row(inputs, row), out.row(row).data());
  }

  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index row = 0; row < states.rows(); ++row)
      derivatives(states.row(row).data(), input_row(inputs, row), n_states_, 0,
                  out.row(row * n_states_).data());
  }

  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    if (n_inputs_ == 0) return;
    for (Index row = 0; row < states.rows(); ++row)
      derivatives(states.row(row).data(), input_row(inputs, row), 0, n_inputs_,
                  out.row(row * n_states_).data());
  }

  std::optional<DirectionalDerivatives> directional_derivatives(
      ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const override {
    using numerics::Jet;
    std::vector<Jet> h(size(n_states_)), out(size(n_states_));
    const std::vector<Jet> x(input.data(), input.data() + input.size());
    for (Index i = 0; i < n_states_; ++i) h[size(i)] = Jet::line(state(i), direction(i));
    function_(h.data(), x.data(), out.data());
    DirectionalDerivatives result{Vector(n_states_), Vector(n_states_), Vector(n_states_)};
    for (Index i = 0; i < n_states_; ++i) {
      const auto& c = out[size(i)].c;
      result.first(i) = c[1];
      result.second(i) = 2 * c[2];
      result.third(i) = 6 * c[3];
    }
    return result;
  }

 private:
  static std::size_t size(Index n) { return static_cast<std::size_t>(n); }
  static const double* input_row(ConstMatrixRef inputs, Index row) {
    return inputs.row(inputs.rows() == 1 ? 0 : row).data();
  }

  // Columns of the Jacobian, one evaluation each: of n_h states, then of n_x inputs.
  template <class Scalar>
  void derivatives(const Scalar* state, const double* input, Index n_h, Index n_x,
                   Scalar* out) const {
    using Dual = numerics::Dual<Scalar>;
    std::vector<Dual> h(size(n_states_)), x(size(n_inputs_)), next(size(n_states_));
    for (Index i = 0; i < n_states_; ++i) h[size(i)] = Dual(state[i], Scalar(0.0));
    for (Index i = 0; i < n_inputs_; ++i) x[size(i)] = Dual(input[i]);
    for (Index j = 0; j < n_h + n_x; ++j) {
      Dual& varied = j < n_h ? h[size(j)] : x[size(j - n_h)];
      varied.derivative = Scalar(1.0);
      function_(h.data(), x.data(), next.data());
      varied.derivative = Scalar(0.0);
      for (Index i = 0; i < n_states_; ++i) out[i * (n_h + n_x) + j] = next[size(i)].derivative;
    }
  }

  class Intervals : public IntervalExtension {
   public:
    explicit Intervals(const FunctionSystem& system) : system_(system) {}

    void evaluate(std::span<const numerics::Interval> box, ConstVectorRef input,
                  std::span<numerics::Interval> out) const override {
      const std::vector<numerics::Interval> x(input.data(), input.data() + input.size());
      system_.function_(box.data(), x.data(), out.data());
    }
    void jacobian(std::span<const numerics::Interval> box, ConstVectorRef input,
                  std::span<numerics::Interval> out) const override {
      system_.derivatives(box.data(), input.data(), system_.n_states_, 0, out.data());
    }

   private:
    const FunctionSystem& system_;
  };

  Function function_;
  Index n_states_, n_inputs_;
  Time time_;
  std::optional<Box> trapping_box_;
  Intervals intervals_;
};

}  // namespace nullcline::dynamics
