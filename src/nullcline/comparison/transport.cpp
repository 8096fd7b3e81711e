// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::comparison {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNothing = 1e-14;  // a mass below this share of the total is a rounding error

void check(ConstMatrixRef cost, ConstVectorRef from, ConstVectorRef to) {
  if (cost.size() == 0 || cost.rows() != from.size() || cost.cols() != to.size())
    throw InvalidInput(fmt::format("transport: found {} x {} costs for {} and {} masses",
                                   cost.rows(), cost.cols(), from.size(), to.size()));
  if (!cost.allFinite()) throw InvalidInput("transport: found a cost that is not finite");
  const double total = from.sum(), other = to.sum();
  if (!(from.minCoeff() >= 0 && to.minCoeff() >= 0 && total > 0 &&
        std::abs(total - other) <= 1e-9 * total))
    throw InvalidInput(fmt::format(
        "transport: found masses that sum to {} and {}, expected equal sums of masses of 0 or more",
        total, other));
}

// Sources are 0 ... n - 1; sinks n ... n + m - 1. Potentials keep reduced costs at 0 or above.
class Transport {
 public:
  Transport(ConstMatrixRef cost, ConstVectorRef from, ConstVectorRef to)
      : n_(cost.rows()),
        m_(cost.cols()),
        cost_(cost.array() - cost.minCoeff()),
        supply_(from),
        demand_(to * (from.sum() / to.sum())),
        flow_(Matrix::Zero(n_, m_)),
        potential_(Vector::Zero(n_ + m_)),
        nothing_(kNothing * from.sum()) {}

  Matrix solve() {
    while (supply_.maxCoeff() > nothing_ && demand_.maxCoeff() > nothing_) {
      const Index sink = shortest_path();
      NULLCLINE_ASSERT(sink >= 0);
      augment(sink);
    }
    return std::move(flow_);
  }

 private:
  // Dijkstra from all sources that still have mass, to the nearest sink that still takes some.
  Index shortest_path() {
    distance_ = Vector::Constant(n_ + m_, kInfinity);
    before_.assign(static_cast<std::size_t>(n_ + m_), -1);
    std::vector<char> is_done(static_cast<std::size_t>(n_ + m_), 0);
    for (Index i = 0; i < n_; ++i)
      if (supply_(i) > nothing_) distance_(i) = 0;
    Index sink = -1;
    while (sink < 0) {
      Index next = -1;
      for (Index v = 0; v < n_ + m_; ++v)
        if (!is_done[static_cast<std::size_t>(v)] && distance_(v) < kInfinity &&
            (next < 0 || distance_(v) < distance_(next)))
          next = v;
      if (next < 0) return -1;
      is_done[static_cast<std::size_t>(next)] = 1;
      if (next < n_) {
        for (Index j = 0; j < m_; ++j) relax(next, n_ + j, cost_(next, j));
      } else if (demand_(next - n_) > nothing_) {
        sink = next;
      } else {
        for (Index i = 0; i < n_; ++i)
          if (flow_(i, next - n_) > nothing_) relax(next, i, -cost_(i, next - n_));
      }
    }
    potential_ += distance_.cwiseMin(distance_(sink));
    return sink;
  }

  void relax(Index from, Index to, double cost) {
    const double reduced = std::max(cost + potential_(from) - potential_(to), 0.0);
    if (distance_(from) + reduced >= distance_(to)) return;
    distance_(to) = distance_(from) + reduced;
    before_[static_cast<std::size_t>(to)] = from;
  }

  void augment(Index sink) {
    double amount = demand_(sink - n_);
    Index start = sink;
    for (Index v = sink; before_[static_cast<std::size_t>(v)] >= 0;) {
      const Index u = before_[static_cast<std::size_t>(v)];
      if (u >= n_) amount = std::min(amount, flow_(v, u - n_));
      v = start = u;
    }
    amount = std::min(amount, supply_(start));
    for (Index v = sink; before_[static_cast<std::size_t>(v)] >= 0;) {
      const Index u = before_[static_cast<std::size_t>(v)];
      (u < n_ ? flow_(u, v - n_) : flow_(v, u - n_)) += u < n_ ? amount : -amount;
      v = u;
    }
    supply_(start) -= amount;
    demand_(sink - n_) -= amount;
  }

  const Index n_, m_;
  const Matrix cost_;
  Vector supply_, demand_;
  Matrix flow_;
  Vector potential_, distance_;
  std::vector<Index> before_;
  const double nothing_;
};

}  // namespace

Matrix optimal_transport(ConstMatrixRef cost, ConstVectorRef from, ConstVectorRef to) {
  check(cost, from, to);
  return Transport(cost, from, to).solve();
}

}  // namespace nullcline::comparison
