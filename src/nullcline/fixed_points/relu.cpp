// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/relu.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "nullcline/fixed_points/internal/rounding.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

using internal::kUlp;
using internal::rounded_up;
using numerics::Interval;

namespace {

enum class State : std::uint8_t { open, on, off };

// After some units are decided: row i is h_i of a unit that is on, and the pre-activation z_i of
// any other, as constant + sum of entry l times h_l over the open units l.
struct Tableau {
  std::vector<Interval> entries;  // n x n
  std::vector<Interval> constants;
  std::vector<State> states;
  int index = 1;  // sign of det(I - W) over the units that are on
};

bool has_zero(const Interval& x) { return x.contains(0.0); }
double distance_from_zero(const Interval& x) { return std::max({0.0, x.lower(), -x.upper()}); }

class ReluTree {
 public:
  ReluTree(const dynamics::ReluForm& form, std::int64_t max_nodes, const KeepGoing& keep_going)
      : form_(form),
        n_(form.offset.size()),
        max_nodes_(max_nodes),
        keep_going_(keep_going),
        levels_(n_ + 1, Tableau{std::vector<Interval>(n_ * n_), std::vector<Interval>(n_),
                                std::vector<State>(n_, State::open), 1}) {
    for (std::size_t k = 0; k < n_ * n_; ++k) levels_[0].entries[k] = form.weights.data()[k];
    levels_[0].constants = form.offset;
  }

  std::optional<Enumeration> run() {
    descend(0);
    if (failed_) return std::nullopt;
    result_.is_complete = true;
    merge_clusters();
    return std::move(result_);
  }

 private:
  // Visits all patterns below the tableau of a level.
  void descend(std::size_t level) {
    if (failed_ || ++result_.n_boxes > max_nodes_ || is_stopped()) {
      failed_ = true;
      return;
    }
    const Tableau& here = levels_[level];
    if (!is_feasible(here)) return;
    if (level == n_) {
      add_point(here);
      return;
    }
    const std::size_t unit = choose(here);
    switch_off(here, unit, levels_[level + 1]);
    descend(level + 1);
    if (can_be_on(here, unit)) {
      switch_on(here, unit, levels_[level + 1]);
      descend(level + 1);
    }
  }

  bool is_stopped() const {
    return result_.n_boxes % kBoxesBetweenAsking == 0 && keep_going_ &&
           !keep_going_(result_.n_boxes);
  }

  // The open unit with the largest pivot.
  std::size_t choose(const Tableau& here) const {
    std::size_t best = n_;
    double largest = -1;
    for (std::size_t j = 0; j < n_; ++j) {
      if (here.states[j] != State::open) continue;
      const double pivot = distance_from_zero(Interval(1) - here.entries[j * n_ + j]);
      if (pivot > largest) {
        largest = pivot;
        best = j;
      }
    }
    return best;
  }

  // Whether the row may be above (or below) zero for some h >= 0 of the open units.
  bool can_be(const Tableau& here, std::size_t row, bool above) const {
    const Interval& constant = here.constants[row];
    if (above ? constant.upper() >= 0 : constant.lower() <= 0) return true;
    for (std::size_t l = 0; l < n_; ++l) {
      if (here.states[l] != State::open) continue;
      const Interval& entry = here.entries[row * n_ + l];
      if (above ? entry.upper() > 0 : entry.lower() < 0) return true;
    }
    return false;
  }

  bool is_feasible(const Tableau& here) const {
    for (std::size_t i = 0; i < n_; ++i)
      if (here.states[i] != State::open && !can_be(here, i, here.states[i] == State::on))
        return false;
    return true;
  }

  // A pivot that may vanish is harmless where the unit cannot be on; otherwise the method ends.
  bool can_be_on(const Tableau& here, std::size_t unit) {
    const Interval pivot = Interval(1) - here.entries[unit * n_ + unit];
    if (!has_zero(pivot)) return true;
    bool above = here.constants[unit].upper() >= 0, below = here.constants[unit].lower() <= 0;
    for (std::size_t l = 0; l < n_; ++l) {
      if (here.states[l] != State::open || l == unit) continue;
      above = above || here.entries[unit * n_ + l].upper() > 0;
      below = below || here.entries[unit * n_ + l].lower() < 0;
    }
    const Interval& self = here.entries[unit * n_ + unit];
    if (self.lower() == 1 && self.upper() == 1 && !(above && below)) return false;
    failed_ = true;
    return false;
  }

  void switch_off(const Tableau& here, std::size_t unit, Tableau& next) const {
    next = here;
    next.states[unit] = State::off;
  }

  // h_j = (constant + sum over the other open units) / (1 - s_jj), put into all rows.
  void switch_on(const Tableau& here, std::size_t unit, Tableau& next) const {
    next = here;
    next.states[unit] = State::on;
    const Interval pivot = Interval(1) - here.entries[unit * n_ + unit];
    if (pivot.upper() < 0) next.index = -next.index;
    Interval* own = &next.entries[unit * n_];
    for (std::size_t l = 0; l < n_; ++l)
      if (next.states[l] == State::open) own[l] = own[l] / pivot;
    next.constants[unit] = next.constants[unit] / pivot;
    for (std::size_t i = 0; i < n_; ++i) {
      if (i == unit) continue;
      const Interval factor = here.entries[i * n_ + unit];
      if (factor.lower() == 0 && factor.upper() == 0) continue;
      Interval* row = &next.entries[i * n_];
      for (std::size_t l = 0; l < n_; ++l)
        if (next.states[l] == State::open) row[l] += factor * own[l];
      next.constants[i] += factor * next.constants[unit];
    }
  }

  void add_point(const Tableau& leaf) {
    const auto n = static_cast<Index>(n_);
    dynamics::Box box{Vector::Zero(n), Vector::Zero(n)};
    double reach = std::numeric_limits<double>::infinity();
    bool is_regular = true;
    for (std::size_t i = 0; i < n_; ++i) {
      const Interval& value = leaf.constants[i];
      const auto row = static_cast<Index>(i);
      if (leaf.states[i] == State::on) {
        box.lower(row) = std::max(0.0, value.lower());
        box.upper(row) = std::max(0.0, value.upper());
      }
      if (has_zero(value)) is_regular = false;
      // The pattern holds where |W| |h - h*| stays below every |z_i|.
      const double sum = rounded_up(form_.weights.row(row).cwiseAbs().sum(), n_);
      if (sum > 0) reach = std::min(reach, distance_from_zero(value) / sum);
    }
    if (!is_regular) {
      result_.clusters.push_back({box});
      return;
    }
    reach = std::min(reach, std::numeric_limits<double>::max() / 4);
    reach = reach / 2;
    result_.points.push_back(
        {box, {box.lower.array() - reach, box.upper.array() + reach}, leaf.index});
  }

  // Several patterns share a point at a border.
  void merge_clusters() {
    std::vector<Cluster> merged;
    for (Cluster cluster : result_.clusters) {
      for (std::size_t k = 0; k < merged.size();) {
        const double slack =
            16 * kUlp * (1 + cluster.hull.upper.maxCoeff() + merged[k].hull.upper.maxCoeff());
        const bool apart = ((merged[k].hull.upper.array() + slack < cluster.hull.lower.array()) ||
                            (cluster.hull.upper.array() + slack < merged[k].hull.lower.array()))
                               .any();
        if (apart) {
          ++k;
          continue;
        }
        cluster.hull.lower = cluster.hull.lower.cwiseMin(merged[k].hull.lower).eval();
        cluster.hull.upper = cluster.hull.upper.cwiseMax(merged[k].hull.upper).eval();
        merged.erase(merged.begin() + static_cast<std::ptrdiff_t>(k));
        k = 0;
      }
      merged.push_back(cluster);
    }
    result_.clusters = std::move(merged);
  }

  const dynamics::ReluForm& form_;
  const std::size_t n_;
  const std::int64_t max_nodes_;
  const KeepGoing& keep_going_;
  std::vector<Tableau> levels_;
  Enumeration result_;
  bool failed_ = false;
};

// Whether |W|_2 < 1: |S^(2^k)|_inf^(1 / 2^k) falls to |W|_2^2 for S = W^T W, and is above it
// always.
bool is_l2_contraction(const Matrix& w) {
  constexpr int kSquarings = 6;
  const auto n = static_cast<std::size_t>(w.rows());
  const double gamma = static_cast<double>(n + 4) * kUlp;
  const auto norm = [n](const Matrix& a) {
    return rounded_up(a.cwiseAbs().rowwise().sum().maxCoeff(), n);
  };
  const double w_norms = norm(w) * norm(w.transpose());
  if (!std::isfinite(w_norms)) return false;
  Matrix s = w.transpose() * w;
  double error = gamma * w_norms * (1 + 4 * kUlp);  // |S - s|_inf
  for (int k = 0; k < kSquarings; ++k) {
    const double size = norm(s);
    if (size + error < 1 - 4 * kUlp) return true;
    if (!(size < 1e3)) return false;
    error = (gamma * size * size + 2 * size * error + error * error) * (1 + 16 * kUlp) + 1e-290;
    s = (s * s).eval();
  }
  return norm(s) + error < 1 - 4 * kUlp;
}

}  // namespace

std::optional<Enumeration> enumerate_relu(const dynamics::ReluForm& form, std::int64_t max_nodes,
                                          const KeepGoing& keep_going) {
  return ReluTree(form, max_nodes, keep_going).run();
}

std::string contracting_norm(const Matrix& weights) {
  const auto n = static_cast<std::size_t>(weights.rows());
  if (rounded_up(weights.cwiseAbs().rowwise().sum().maxCoeff(), n) < 1) return "l-infinity";
  if (rounded_up(weights.cwiseAbs().colwise().sum().maxCoeff(), n) < 1) return "l1";
  return is_l2_contraction(weights) ? "l2" : "";
}

Vector draw_virtual_point(const dynamics::ReluForm& form, Rng& rng) {
  const Index n = form.weights.rows();
  Matrix a = Matrix::Identity(n, n);
  Vector h = Vector::Zero(n);
  for (Index i = 0; i < n; ++i) {
    if (rng.bits() >> 63) continue;
    a.row(i) -= form.weights.row(i);
    h(i) = form.offset[static_cast<std::size_t>(i)].midpoint();
  }
  std::vector<int> pivots(static_cast<std::size_t>(n));
  numerics::lu_factor(a, pivots);
  numerics::lu_solve(a, pivots, VectorRef(h));
  return h;
}

}  // namespace nullcline::fixed_points
