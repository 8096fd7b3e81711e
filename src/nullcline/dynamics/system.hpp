// SPDX-License-Identifier: BSD-3-Clause
// The one idea that carries the code: everything that is analysed is a system.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/numerics/interval.hpp"

namespace nullcline::dynamics {

/// A map h' = F(h, x) (discrete) or a flow dh/dt = F(h, x) (continuous).
enum class Time { discrete, continuous };

/// Interval extension of a system: encloses F and its Jacobian over a box of states, at an exact
/// input, with directed rounding. Proofs use it.
class IntervalExtension {
 public:
  virtual ~IntervalExtension() = default;
  /// F(box, input) is inside `out` (n_states).
  virtual void evaluate(std::span<const numerics::Interval> box, ConstVectorRef input,
                        std::span<numerics::Interval> out) const = 0;
  /// dF/dh(box, input) is inside `out` (n_states x n_states, row-major). Where F has a kink inside
  /// the box the generalized Jacobian is enclosed.
  virtual void jacobian(std::span<const numerics::Interval> box, ConstVectorRef input,
                        std::span<numerics::Interval> out) const = 0;
  /// System::lift of a box of points of reduced() is inside `out` (n_states). False, and `out` left
  /// as it is, where that is not known.
  virtual bool lift(std::span<const numerics::Interval> /*points*/, ConstVectorRef /*input*/,
                    std::span<numerics::Interval> /*out*/) const {
    return false;
  }
};

/// Derivatives of F along a direction v: DF v, D2F[v,v] and D3F[v,v,v].
struct DirectionalDerivatives {
  Vector first, second, third;
};

/// A box of states: lower and upper corner.
struct Box {
  Vector lower, upper;
};

/// A Jacobian made of constant matrices with scaled rows:
///
///     dF/dh (h, x) = sum_k D(s_k(h, x)) W_k + c I
///
/// Solvers for many states then need neither the Jacobians nor products with each of them.
class RowScaledJacobian {
 public:
  virtual ~RowScaledJacobian() = default;
  virtual Index n_terms() const = 0;
  /// W_1, W_2, ... one below the other: (n_terms * n_states) x n_states.
  virtual const Matrix& weights() const = 0;
  /// out.row(b) = [s_1, s_2, ...] at states.row(b): n_batch x (n_terms * n_states).
  virtual void scales(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const = 0;
  virtual double diagonal() const = 0;  ///< c
};

class System;

/// Few coordinates k(h) that hold all that recurrence carries from step to step: a map g of them
/// whose fixed points are, by `lift`, exactly those of a map of many states, with the same index.
class Latent {
 public:
  virtual ~Latent() = default;
  /// g, discrete, with an interval extension and a trapping box. Its values in floating point may
  /// be off by what rounding leaves of the rank of the weights; its intervals enclose the exact g.
  virtual const System& map() const = 0;
  /// Encloses in `k` the coordinates of each state in the box `h`.
  virtual void coordinates(std::span<const numerics::Interval> h, ConstVectorRef input,
                           std::span<numerics::Interval> k) const = 0;
  /// s: the coordinates r of two states of the trapping box differ by at most s_r max |h - h'|.
  virtual const Vector& steepness() const = 0;
  /// Encloses in `h` each fixed point whose coordinates are in the box `k`.
  virtual void lift(std::span<const numerics::Interval> k, ConstVectorRef input,
                    std::span<numerics::Interval> h) const = 0;
};

/// A relu map at a held input: h' = max(W h + c, 0), with an enclosure of c.
struct ReluForm {
  Matrix weights;  ///< W: (n_states, n_states)
  std::vector<numerics::Interval> offset;
};

/// What analysis sees: a state of `n_states` numbers, driven by an input of `n_inputs` numbers.
///
/// The entry ticket is `time`, the sizes, `evaluate`, `jacobian` and `input_jacobian`. The rest are
/// extras; a system without them says so by the defaults, and analysis then does without.
/// Calls are const and safe from several threads at once. Batches are rows.
class System {
 public:
  virtual ~System() = default;

  virtual Time time() const = 0;
  virtual Index n_states() const = 0;
  virtual Index n_inputs() const = 0;

  /// out.row(b) = F(states.row(b), inputs.row(b)). `inputs` has one row per state, or one row that
  /// is held for all of them. `out` must not overlap `states`.
  virtual void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const = 0;

  /// dF/dh at each state: rows b*n_states to (b+1)*n_states-1 of `out` are the Jacobian at
  /// states.row(b); out is (n_batch * n_states) x n_states.
  virtual void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const = 0;

  /// dF/dx at each state: `out` is (n_batch * n_states) x n_inputs.
  virtual void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs,
                              MatrixRef out) const = 0;

  /// Parameters that a branch can vary, beside the components of the input ("gain", "alpha").
  virtual std::vector<std::string> parameter_names() const { return {}; }
  /// @throws InvalidInput for an unknown name.
  virtual double parameter(std::string_view name) const;
  /// The same system with one parameter changed. @throws InvalidInput for an unknown name.
  virtual std::unique_ptr<System> with_parameter(std::string_view name, double value) const;
  /// out.row(b) = dF/dp (states.row(b), inputs) for the parameter p of this name, exactly: one row
  /// of n_states per state. @throws InvalidInput for an unknown name, or one without derivative.
  virtual void parameter_derivative(std::string_view name, ConstMatrixRef states,
                                    ConstMatrixRef inputs, MatrixRef out) const;

  /// A smaller or better-behaved map n whose fixed points, lifted, are exactly those of this
  /// system, with the same index sign det(I - J); null if there is none. It lives as long as this
  /// system.
  virtual const System* reduced() const { return nullptr; }
  /// Points of reduced() to states: a fixed point becomes a fixed point.
  virtual Matrix lift(ConstMatrixRef points, ConstMatrixRef inputs) const;
  /// States to points of reduced(), the inverse of `lift` at fixed points.
  virtual Matrix restrict_states(ConstMatrixRef states) const;

  /// A map n of the same states with F(h) - h = D(g(h)) (n(h) - h) (of a flow: f(h) = ...) and all
  /// g positive: each component vanishes where that of n(h) - h does. Null if none is known. It
  /// lives as long as this system.
  virtual const System* candidate() const { return nullptr; }

  /// A box that the map sends into its own interior (a flow points inwards on it), so that it holds
  /// every fixed point, and their indices sum to +1. Empty where none is proven.
  virtual std::optional<Box> trapping_box() const { return std::nullopt; }
  /// Why `trapping_box` is empty, in a sentence for the user; empty if it is not.
  virtual std::string no_trapping_box_reason() const { return "no trapping set is known"; }
  /// The region that is searched for fixed points where no trapping box is proven for every input:
  /// what is outside is not asked for. Whether it traps the dynamics at an input is tested.
  virtual std::optional<Box> search_box() const { return std::nullopt; }
  /// Whether F has kinks (relu), so that Newton steps are semismooth.
  virtual bool has_kinks() const { return false; }
  /// Smallest distance of a pre-activation from a kink at this state; infinity without kinks.
  virtual double kink_distance(ConstVectorRef state, ConstVectorRef input) const;

  virtual const IntervalExtension* intervals() const { return nullptr; }
  virtual const RowScaledJacobian* row_scaled_jacobian() const { return nullptr; }
  /// Of a map that is a relu of an affine one.
  virtual std::optional<ReluForm> relu_form(ConstVectorRef input) const;
  /// Few latent coordinates of this map, where it has them; they live as long as this system.
  virtual const Latent* latent() const { return nullptr; }
  virtual std::optional<DirectionalDerivatives> directional_derivatives(
      ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const;
};

// One state at a time.
Vector evaluate_at(const System& system, ConstVectorRef state, ConstVectorRef input);
Matrix jacobian_at(const System& system, ConstVectorRef state, ConstVectorRef input);
Matrix input_jacobian_at(const System& system, ConstVectorRef state, ConstVectorRef input);
Vector parameter_derivative_at(const System& system, std::string_view name, ConstVectorRef state,
                               ConstVectorRef input);

/// The index of a fixed point: the sign of det(I - J) for a map, of det(-J) for a flow; 0 if the
/// computed determinant vanishes. Poincare-Hopf and Lefschetz: over all fixed points in a trapping
/// ball the indices sum to +1.
int fixed_point_index(Time time, ConstMatrixRef jacobian);

}  // namespace nullcline::dynamics

template <>
struct nullcline::EnumNames<nullcline::dynamics::Time> {
  static constexpr std::array values{
      std::pair{nullcline::dynamics::Time::discrete, "discrete"},
      std::pair{nullcline::dynamics::Time::continuous, "continuous"},
  };
};
