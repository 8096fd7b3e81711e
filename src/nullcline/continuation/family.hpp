// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nullcline/dynamics/system.hpp"

namespace nullcline::continuation {

/// A system as a function of one or two of its parameters, and the equations R(x; p) = 0 of its
/// equilibria, fixed points, or orbits of period k.
///
/// A parameter is a component of the input, "input[i]", or a name of System::parameter_names().
/// The equations have two forms with the same solutions:
///
///     solved: n(k) - k on the reduced map where there is one; the k states of an orbit at once;
///             else as full. Precise where gates saturate, and of few unknowns: branches, folds.
///     full:   f(h) for a flow, F(h) - h for a map, F^k(h) - h for orbits. Its Jacobian tells
///             stability: Hopf, flip and Neimark-Sacker points.
///
/// Keeps a reference to the system. Copies are cheap; each thread needs its own.
class Family {
 public:
  enum class Form { solved, full };

  /// @throws InvalidInput for an unknown or repeated parameter, an input of the wrong size, or a
  /// period above 1 of a flow.
  Family(const dynamics::System& system, Vector input, std::vector<std::string> parameters,
         int period = 1);

  const std::vector<std::string>& parameters() const { return parameters_; }
  dynamics::Time time() const { return base_->time(); }
  int period() const { return period_; }
  Index n_states() const { return base_->n_states(); }
  const Vector& input() const { return input_; }
  /// The value of parameter k in the system and the input that the family was made of.
  double start(Index k = 0) const;
  Index size(Form form) const;

  /// R(x; p), dR/dx and dR/dp_k.
  Vector residual(Form form, ConstVectorRef x, ConstVectorRef p) const;
  Matrix jacobian(Form form, ConstVectorRef x, ConstVectorRef p) const;
  Vector parameter_derivative(Form form, ConstVectorRef x, ConstVectorRef p, Index k) const;
  /// The same in the full form of a flow, at many states: one row each.
  Matrix flow_parameter_derivatives(ConstMatrixRef states, ConstVectorRef p, Index k) const;
  /// d/ds dR/dx (x + s dx; p + s dp) at s = 0, by differences of fourth order: for the slopes of
  /// test functions, whose values stay exact.
  Matrix jacobian_derivative(Form form, ConstVectorRef x, ConstVectorRef p, ConstVectorRef dx,
                             ConstVectorRef dp) const;

  /// The state (of an orbit its first one) at a point of the solved form, and back.
  Vector lift(ConstVectorRef x, ConstVectorRef p) const;
  Vector restrict_state(ConstVectorRef state, ConstVectorRef p) const;

  /// The system (of orbits F^k) and its input at p.
  const dynamics::System& full_system(ConstVectorRef p) const;
  /// The system itself, of one step, and its input at p; valid until the next call but three.
  const dynamics::System& base_system(ConstVectorRef p) const;
  Vector input_at(ConstVectorRef p) const;

 private:
  struct Member;
  const Member& member(ConstVectorRef p) const;
  const dynamics::System& system_of(const Member& member, Form form) const;

  std::shared_ptr<const dynamics::System> base_;
  Vector input_;
  std::vector<std::string> parameters_;
  std::vector<Index> component_;  // of the input, or -1 for a named parameter
  std::vector<bool> is_exact_;    // whether the system offers the derivative
  int period_;
  mutable std::vector<std::shared_ptr<const Member>> recent_;  // the last first
};

}  // namespace nullcline::continuation
