// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/levenberg_marquardt.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nullcline::fixed_points {

namespace {

constexpr double kInitialLambda = 1e-2;
constexpr double kSmallestLambda = 1e-8;
constexpr double kLargestLambda = 1e12;
// q must fall by this factor in so many steps, or the start counts as stalled.
constexpr int kStallWindow = 5;
constexpr double kStallFactor = 0.8;

class LmBatch {
 public:
  LmBatch(const Equation& equation, StepEngine& engine, Index capacity,
          const UniquenessBoxes& known, int max_iterations, EndStates& ends)
      : equation_(equation),
        engine_(engine),
        known_(known),
        max_iterations_(max_iterations),
        ends_(ends),
        n_(equation.size()),
        capacity_(capacity),
        point_(capacity_, n_),
        point_residual_(capacity_, n_),
        trial_(capacity_, n_),
        residual_(capacity_, n_),
        gathered_(capacity_, n_),
        gathered_residual_(capacity_, n_),
        step_(capacity_, n_),
        slots_(static_cast<std::size_t>(capacity_)),
        mu_(static_cast<std::size_t>(capacity_)),
        falls_(static_cast<std::size_t>(capacity_)) {}

  void run(Index first, Index count) {
    first_ = first;
    n_active_ = count;
    trial_.topRows(count) = ends_.points.middleRows(first, count);
    for (Index a = 0; a < count; ++a) {
      slots_[index(a)] = Slot{};
      slots_[index(a)].row = a;
    }
    while (n_active_ > 0) {
      equation_.residual(trial_.topRows(n_active_), residual_.topRows(n_active_));
      judge();
      take_steps();
    }
  }

 private:
  struct Slot {
    Index row = 0;  // of point_ and point_residual_, and of the start in its batch
    int n_steps = 0;
    double q = std::numeric_limits<double>::infinity();  // |r|^2 at the accepted point
    double window_q = std::numeric_limits<double>::infinity();
    int window = 0;
    double lambda = kInitialLambda;
    double predicted = 0;  // fall of |r|^2 that the linear model promises
    bool accepted = false;
    bool small_step = false;
  };

  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }

  void finish(const Slot& slot, Termination termination, Index captured = -1) {
    const Index start = first_ + slot.row;
    if (std::isfinite(slot.q)) ends_.points.row(start) = point_.row(slot.row);
    ends_.terminations[index(start)] = termination;
    ends_.captured[index(start)] = captured;
    ends_.steps[index(start)] = slot.n_steps;
    ends_.n_steps += slot.n_steps;
  }

  void judge() {
    Index kept = 0;
    for (Index a = 0; a < n_active_; ++a) {
      Slot slot = slots_[index(a)];
      const double q = residual_.row(a).squaredNorm();
      slot.accepted = std::isfinite(q) && q < slot.q;
      if (slot.accepted) {
        adapt(slot, (slot.q - q) / slot.predicted);
        point_.row(slot.row) = trial_.row(a);
        point_residual_.row(slot.row) = residual_.row(a);
        slot.q = q;
        const Index captured = known_.find(&trial_(a, 0));
        if (captured >= 0 || q == 0 || slot.small_step) {
          finish(slot, Termination::converged, captured);
          continue;
        }
      } else if (slot.n_steps == 0) {
        finish(slot, Termination::diverged);
        continue;
      } else if (slot.small_step || slot.lambda >= kLargestLambda) {
        finish(slot, slot.small_step ? Termination::converged : Termination::stalled);
        continue;
      } else {
        slot.lambda *= 8;
      }
      if (has_stalled(slot)) {
        finish(slot, Termination::stalled);
        continue;
      }
      if (slot.n_steps >= max_iterations_) {
        finish(slot, Termination::max_iterations);
        continue;
      }
      slots_[index(kept++)] = slot;
    }
    n_active_ = kept;
  }

  static void adapt(Slot& slot, double ratio) {
    if (slot.n_steps == 0) return;
    if (ratio < 0.25) slot.lambda = std::min(slot.lambda * 4, kLargestLambda);
    if (ratio > 0.75) slot.lambda = std::max(slot.lambda / 4, kSmallestLambda);
  }

  static bool has_stalled(Slot& slot) {
    if (slot.n_steps == 0) slot.window_q = slot.q;
    if (++slot.window < kStallWindow) return false;
    const bool stalled = slot.q > kStallFactor * slot.window_q;
    slot.window = 0;
    slot.window_q = slot.q;
    return stalled;
  }

  void take_steps() {
    if (n_active_ == 0) return;
    for (Index a = 0; a < n_active_; ++a) {
      const Slot& slot = slots_[index(a)];
      gathered_.row(a) = point_.row(slot.row);
      gathered_residual_.row(a) = point_residual_.row(slot.row);
      mu_[index(a)] = slot.lambda * slot.q;
    }
    engine_.solve(gathered_.topRows(n_active_), gathered_residual_.topRows(n_active_), mu_,
                  step_.topRows(n_active_), falls_);
    Index kept = 0;
    for (Index a = 0; a < n_active_; ++a) {
      Slot slot = slots_[index(a)];
      if (!lm_step(slot, a, kept)) {
        finish(slot, Termination::stalled);
        continue;
      }
      slots_[index(kept++)] = slot;
    }
    n_active_ = kept;
  }

  bool lm_step(Slot& slot, Index from, Index to) {
    ++slot.n_steps;
    if (!step_.row(from).allFinite()) return false;
    slot.predicted = falls_[index(from)];
    const auto point = point_.row(slot.row);
    auto trial = trial_.row(to);
    trial = point + step_.row(from);
    equation_.project(trial);
    slot.small_step =
        (trial - point).cwiseAbs().maxCoeff() <= kSmallStep * (1 + point.cwiseAbs().maxCoeff());
    return true;
  }

  const Equation& equation_;
  StepEngine& engine_;
  const UniquenessBoxes& known_;
  const int max_iterations_;
  EndStates& ends_;
  const Index n_, capacity_;
  Matrix point_, point_residual_, trial_, residual_, gathered_, gathered_residual_, step_;
  std::vector<Slot> slots_;
  std::vector<double> mu_, falls_;
  Index first_ = 0, n_active_ = 0;
};

}  // namespace

EndStates solve_levenberg_marquardt(const Equation& equation, ConstMatrixRef starts,
                                    const UniquenessBoxes& known, int max_iterations) {
  return solve_levenberg_marquardt(equation, starts, known, max_iterations, best_engine(equation));
}

EndStates solve_levenberg_marquardt(const Equation& equation, ConstMatrixRef starts,
                                    const UniquenessBoxes& known, int max_iterations,
                                    EngineKind kind) {
  EndStates ends(starts);
  const Index capacity = std::min(batch_size(equation.size()), starts.rows());
  const auto engine = make_step_engine(equation, capacity, kind);
  LmBatch batch(equation, *engine, capacity, known, max_iterations, ends);
  for (Index first = 0; first < starts.rows(); first += capacity)
    batch.run(first, std::min(capacity, starts.rows() - first));
  return ends;
}

}  // namespace nullcline::fixed_points
