// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <numbers>

#include "nullcline/cycles/branch.hpp"
#include "nullcline/cycles/internal/basis.hpp"
#include "nullcline/cycles/internal/walk.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::cycles {

namespace {

constexpr Index kIntervals = 20;

}  // namespace

// Near the Hopf point the cycle is  h0 + amplitude Re(q e^(2 pi i s)).
std::optional<BornCycle> cycle_at_hopf(const continuation::Family& family, ConstVectorRef state,
                                       double parameter, double amplitude) {
  const Vector p = Vector::Constant(1, parameter);
  const numerics::Eigensystem modes =
      numerics::eigensystem(family.jacobian(continuation::Family::Form::full, state, p));
  Index critical = -1;
  for (Index i = 0; i < modes.values.size(); ++i)
    if (modes.values(i).imag() > 1e-9 &&
        (critical < 0 ||
         std::abs(modes.values(i).real()) < std::abs(modes.values(critical).real())))
      critical = i;
  if (critical < 0) return std::nullopt;
  const double omega = modes.values(critical).imag();
  const ComplexVector q = modes.right.col(critical);

  internal::BranchPoint guess;
  guess.parameter = parameter;
  guess.profile.period = 2 * std::numbers::pi / omega;
  guess.profile.mesh = Vector::LinSpaced(kIntervals + 1, 0, 1);
  guess.profile.states.resize(kIntervals * kDegree, state.size());
  for (Index i = 0; i < guess.profile.n_points(); ++i) {
    const double angle =
        2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(kIntervals * kDegree);
    guess.profile.states.row(i) = (q * std::polar(1.0, angle)).real().transpose();
  }
  guess.tangent.states = guess.profile.states;
  guess.profile.states =
      (amplitude * guess.profile.states).rowwise() + Eigen::RowVectorXd(state.transpose());
  const internal::Walk walk(family, 1, 1);
  const auto cycle = walk.step(guess, 0);
  if (!cycle || !(cycle->profile.amplitude() > 0.1 * amplitude)) return std::nullopt;
  const Vector at = Vector::Constant(1, cycle->parameter);
  return BornCycle{describe(family.base_system(at), family.input_at(at), cycle->profile),
                   cycle->parameter};
}

}  // namespace nullcline::cycles
