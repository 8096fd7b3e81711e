// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/newton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

constexpr double kArmijo = 1e-4;
constexpr double kSmallestDamping = 0x1p-10;

// The starts that still run sit in rows [0, n_active) of `trial` and `residual`; what belongs to a
// start for good (its last accepted point and step) sits in the row of its slot.
class NewtonBatch {
 public:
  NewtonBatch(const Equation& equation, StepEngine& engine, Index capacity,
              const UniquenessBoxes& known, int max_iterations, Damping damping, EndStates& ends)
      : equation_(equation),
        engine_(engine),
        known_(known),
        max_iterations_(max_iterations),
        damped_(!equation.box_holds_all() && damping == Damping::automatic),
        ends_(ends),
        n_(equation.size()),
        capacity_(capacity),
        point_(capacity_, n_),
        step_(capacity_, n_),
        trial_(capacity_, n_),
        residual_(capacity_, n_),
        gathered_(capacity_, n_),
        gathered_residual_(capacity_, n_),
        gathered_step_(capacity_, n_),
        slots_(static_cast<std::size_t>(capacity_)),
        zeros_(static_cast<std::size_t>(capacity_), 0.0),
        falls_(static_cast<std::size_t>(capacity_)) {}

  void run(Index first, Index count) {
    first_ = first;
    n_active_ = count;
    trial_.topRows(count) = ends_.points.middleRows(first, count);
    point_.topRows(count) = trial_.topRows(count);
    for (Index a = 0; a < count; ++a)
      slots_[index(a)] = {a, 0, std::numeric_limits<double>::infinity(), 1};
    while (n_active_ > 0) {
      equation_.residual(trial_.topRows(n_active_), residual_.topRows(n_active_));
      judge();
      take_steps();
    }
  }

 private:
  struct Slot {
    Index row = 0;  // of point_ and step_, and of the start in its batch
    int n_steps = 0;
    double norm = 0;  // |r| at the last accepted point
    double damping = 1;
    bool accepted = false;
    bool small_step = false;
  };

  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }

  void finish(const Slot& slot, Termination termination, Index captured = -1) {
    const Index start = first_ + slot.row;
    ends_.points.row(start) = point_.row(slot.row);
    ends_.terminations[index(start)] = termination;
    ends_.captured[index(start)] = captured;
    ends_.steps[index(start)] = slot.n_steps;
    ends_.n_steps += slot.n_steps;
  }

  // Accepts the trial points or shortens their steps, and drops the starts that are done.
  void judge() {
    Index kept = 0;
    for (Index a = 0; a < n_active_; ++a) {
      Slot slot = slots_[index(a)];
      const double norm = residual_.row(a).norm();
      const bool good = std::isfinite(norm) && (norm <= (1 - kArmijo * slot.damping) * slot.norm);
      slot.accepted = good || (!damped_ && std::isfinite(norm));
      if (!slot.accepted && !shorten(slot)) {
        finish(slot, std::isfinite(norm) ? Termination::stalled : Termination::diverged);
        continue;
      }
      if (slot.accepted) {
        point_.row(slot.row) = trial_.row(a);
        slot.norm = norm;
        const Index captured = known_.find(&trial_(a, 0));
        if (captured >= 0 || norm == 0 || slot.small_step) {
          finish(slot, Termination::converged, captured);
          continue;
        }
        if (slot.n_steps >= max_iterations_) {
          finish(slot, Termination::max_iterations);
          continue;
        }
        residual_.row(kept) = residual_.row(a);
      } else {
        trial_.row(kept) = point_.row(slot.row) + slot.damping * step_.row(slot.row);
      }
      slots_[index(kept++)] = slot;
    }
    n_active_ = kept;
  }

  // Halves the step. Beyond the shortest one, a map with kinks takes the full step after all: |r|
  // need not fall along a semismooth step.
  bool shorten(Slot& slot) {
    if (slot.n_steps == 0) return false;  // the start itself is not finite
    slot.damping /= 2;
    if (slot.damping >= kSmallestDamping) return true;
    const bool is_forced = !std::isfinite(slot.norm);
    if (!equation_.solved().has_kinks() || is_forced) return false;
    slot.damping = 1;
    slot.norm = std::numeric_limits<double>::infinity();
    return true;
  }

  void take_steps() {
    Index n_accepted = 0;
    for (Index a = 0; a < n_active_; ++a) {
      if (!slots_[index(a)].accepted) continue;
      gathered_.row(n_accepted) = point_.row(slots_[index(a)].row);
      gathered_residual_.row(n_accepted++) = residual_.row(a);
    }
    if (n_accepted == 0) return;
    engine_.solve(gathered_.topRows(n_accepted), gathered_residual_.topRows(n_accepted), zeros_,
                  gathered_step_.topRows(n_accepted), falls_);
    Index kept = 0, accepted = 0;
    for (Index a = 0; a < n_active_; ++a) {
      Slot slot = slots_[index(a)];
      if (!slot.accepted) {
        if (kept != a) trial_.row(kept) = trial_.row(a);
      } else if (!newton_step(slot, accepted++, kept)) {
        finish(slot, Termination::stalled);
        continue;
      }
      slots_[index(kept++)] = slot;
    }
    n_active_ = kept;
  }

  bool newton_step(Slot& slot, Index from, Index to) {
    ++slot.n_steps;
    if (!gathered_step_.row(from).allFinite()) return false;
    auto step = step_.row(slot.row);
    auto trial = trial_.row(to);
    trial = point_.row(slot.row) + gathered_step_.row(from);
    equation_.project(trial);
    step = trial - point_.row(slot.row);
    slot.damping = 1;
    slot.small_step =
        step.cwiseAbs().maxCoeff() <= kSmallStep * (1 + point_.row(slot.row).cwiseAbs().maxCoeff());
    if (damped_ && slot.small_step) slot.norm = std::numeric_limits<double>::infinity();
    return true;
  }

  const Equation& equation_;
  StepEngine& engine_;
  const UniquenessBoxes& known_;
  const int max_iterations_;
  const bool damped_;
  EndStates& ends_;
  const Index n_, capacity_;
  Matrix point_, step_, trial_, residual_;
  Matrix gathered_, gathered_residual_, gathered_step_;
  std::vector<Slot> slots_;
  std::vector<double> zeros_, falls_;
  Index first_ = 0, n_active_ = 0;
};

}  // namespace

EndStates solve_newton(const Equation& equation, ConstMatrixRef starts,
                       const UniquenessBoxes& known, int max_iterations) {
  return solve_newton(equation, starts, known, max_iterations, best_engine(equation));
}

EndStates solve_newton(const Equation& equation, ConstMatrixRef starts,
                       const UniquenessBoxes& known, int max_iterations, EngineKind kind,
                       Damping damping) {
  EndStates ends(starts);
  const Index capacity = std::min(batch_size(equation.size()), starts.rows());
  const auto engine = make_step_engine(equation, capacity, kind);
  NewtonBatch batch(equation, *engine, capacity, known, max_iterations, damping, ends);
  for (Index first = 0; first < starts.rows(); first += capacity)
    batch.run(first, std::min(capacity, starts.rows() - first));
  return ends;
}

Polished polish(const Equation& equation, ConstVectorRef start) {
  constexpr int kMaxSteps = 30;
  std::vector<int> pivots(static_cast<std::size_t>(equation.size()));
  Polished best{start, std::numeric_limits<double>::infinity()};
  Vector point = start;
  double previous_step = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kMaxSteps; ++i) {
    Vector residual = equation.residual_at(point);
    const double size = residual.cwiseAbs().maxCoeff();
    if (!std::isfinite(size)) break;
    const bool better = size < best.residual;
    if (better) best = {point, size};
    if (size == 0) break;
    Matrix jacobian = equation.jacobian_at(point);
    numerics::lu_factor(jacobian, pivots);
    Vector step = -residual;
    numerics::lu_solve(jacobian, pivots, VectorRef(step));
    const double length = step.cwiseAbs().maxCoeff();
    if (!std::isfinite(length)) break;
    // At the floor steps no longer shrink; before it, three steps in a row may wander.
    if (!better && length >= previous_step / 2 && i > 2) break;
    previous_step = length;
    point += step;
  }
  return best;
}

double rounding_floor(const Equation& equation, ConstVectorRef point) {
  const Matrix jacobian = equation.jacobian_at(point);
  const double norm = jacobian.cwiseAbs().rowwise().sum().maxCoeff();
  return 16 * std::numeric_limits<double>::epsilon() * (1 + norm) *
         (1 + point.cwiseAbs().maxCoeff());
}

}  // namespace nullcline::fixed_points
