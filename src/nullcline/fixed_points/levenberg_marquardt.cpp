// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/levenberg_marquardt.hpp"

#include <cmath>
#include <limits>

#include "nullcline/numerics/normal_equations.hpp"

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
  LmBatch(const Equation& equation, const UniquenessBoxes& known, int max_iterations,
          EndStates& ends)
      : equation_(equation),
        known_(known),
        max_iterations_(max_iterations),
        ends_(ends),
        n_(equation.size()),
        capacity_(batch_size(n_)),
        point_(capacity_, n_),
        gradient_(capacity_, n_),
        trial_(capacity_, n_),
        residual_(capacity_, n_),
        gathered_(capacity_, n_),
        jacobian_(capacity_ * n_, n_),
        normal_(capacity_ * n_, n_),
        factor_(n_, n_),
        step_(n_),
        slots_(static_cast<std::size_t>(capacity_)) {}

  Index capacity() const { return capacity_; }

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
      update_normal_equations();
      take_steps();
    }
  }

 private:
  struct Slot {
    Index row = 0;  // of point_, gradient_ and normal_, and of the start in its batch
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
      if (slot.accepted) residual_.row(kept) = residual_.row(a);
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

  // A^T A and A^T r of the accepted points.
  void update_normal_equations() {
    Index n_accepted = 0;
    for (Index a = 0; a < n_active_; ++a)
      if (slots_[index(a)].accepted) gathered_.row(n_accepted++) = point_.row(slots_[index(a)].row);
    if (n_accepted == 0) return;
    equation_.jacobian(gathered_.topRows(n_accepted), jacobian_.topRows(n_accepted * n_));
    Index accepted = 0;
    for (Index a = 0; a < n_active_; ++a) {
      if (!slots_[index(a)].accepted) continue;
      const Index row = slots_[index(a)].row;
      const auto jacobian = jacobian_.middleRows(accepted++ * n_, n_);
      numerics::gram(jacobian, normal_.middleRows(row * n_, n_));
      gradient_.row(row).noalias() = residual_.row(a) * jacobian;
    }
  }

  void take_steps() {
    Index kept = 0;
    for (Index a = 0; a < n_active_; ++a) {
      Slot slot = slots_[index(a)];
      if (!lm_step(slot, kept)) {
        finish(slot, Termination::stalled);
        continue;
      }
      slots_[index(kept++)] = slot;
    }
    n_active_ = kept;
  }

  bool lm_step(Slot& slot, Index to) {
    ++slot.n_steps;
    const auto point = point_.row(slot.row);
    double mu = slot.lambda * slot.q;
    for (int attempt = 0;; ++attempt) {
      factor_ = normal_.middleRows(slot.row * n_, n_);
      factor_.diagonal().array() += mu;
      if (numerics::cholesky_factor(factor_)) break;
      if (attempt == 20) return false;
      mu = std::max(100 * mu, 1e-16 * factor_.diagonal().cwiseAbs().maxCoeff());
    }
    step_ = -gradient_.row(slot.row).transpose();
    numerics::cholesky_solve(factor_, step_);
    if (!step_.allFinite()) return false;
    slot.predicted = -gradient_.row(slot.row).dot(step_) + mu * step_.squaredNorm();
    auto trial = trial_.row(to);
    trial = point + step_.transpose();
    equation_.project(trial);
    slot.small_step =
        (trial - point).cwiseAbs().maxCoeff() <= kSmallStep * (1 + point.cwiseAbs().maxCoeff());
    return true;
  }

  const Equation& equation_;
  const UniquenessBoxes& known_;
  const int max_iterations_;
  EndStates& ends_;
  const Index n_, capacity_;
  Matrix point_, gradient_, trial_, residual_, gathered_, jacobian_, normal_, factor_;
  Vector step_;
  std::vector<Slot> slots_;
  Index first_ = 0, n_active_ = 0;
};

}  // namespace

EndStates solve_levenberg_marquardt(const Equation& equation, ConstMatrixRef starts,
                                    const UniquenessBoxes& known, int max_iterations) {
  EndStates ends(starts);
  LmBatch batch(equation, known, max_iterations, ends);
  for (Index first = 0; first < starts.rows(); first += batch.capacity())
    batch.run(first, std::min(batch.capacity(), starts.rows() - first));
  return ends;
}

}  // namespace nullcline::fixed_points
