// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/low_rank.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include "nullcline/models/gru.hpp"
#include "nullcline/models/internal/layer_latent.hpp"
#include "nullcline/models/internal/low_rank_factors.hpp"
#include "nullcline/models/lstm.hpp"
#include "nullcline/models/vanilla.hpp"

namespace nullcline::models::internal {

using numerics::Interval;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The rows of the blocks of W that count, one block for each term of the Jacobian.
template <class Cell>
Matrix stacked_blocks(const Network& net) {
  const Index n = net.n_units();
  Matrix w(Cell::kTerms * n, n);
  for (Index t = 0; t < Cell::kTerms; ++t)
    w.middleRows(t * n, n) = net.recurrent_weights.middleRows(Cell::term_gate(t) * n, n);
  return w;
}

// The same cell, driven by (k, u) instead of h: recurrent weights (M e), and u in [-1, 1].
template <class Cell>
Network latent_network(const Network& net, const LowRankFactors& factors) {
  const Index n = net.n_units(), rank = factors.m.cols();
  Network latent = net;
  latent.recurrent_weights = Matrix::Zero(net.recurrent_weights.rows(), rank + 1);
  for (Index t = 0; t < Cell::kTerms; ++t) {
    auto block = latent.recurrent_weights.middleRows(Cell::term_gate(t) * n, n);
    block.leftCols(rank) = factors.m.middleRows(t * n, n);
    block.col(rank) = factors.remainder.segment(t * n, n);
  }
  latent.projection = Matrix::Zero(rank + 1, n);
  latent.projection.topRows(rank) = factors.p;
  return latent;
}

template <class Cell>
class LatentMap : public dynamics::System, public dynamics::IntervalExtension {
 public:
  LatentMap(const Network& net, const LowRankFactors& factors)
      : net_(latent_network<Cell>(net, factors)),
        drive_(net),
        projection_(factors.p),
        box_(rank()) {
    for (Index r = 0; r < rank(); ++r)
      box_(r) = rounded_up(projection_.row(r).cwiseAbs().sum(), n_units());
  }

  const Matrix& projection() const { return projection_; }
  const Vector& largest() const { return box_; }  // bounds of |P h|: row sums of |P|

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return rank(); }
  Index n_inputs() const override { return net_.n_inputs(); }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b) {
      const Vector g = gates(states, inputs, b);
      Vector h(n_units());
      values(g.data(), h.data());
      out.row(b) = (projection_ * h).transpose();
    }
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b)
      out.middleRows(b * rank(), rank()) =
          projection_ * scaled_rows(gates(states, inputs, b), net_.recurrent_weights, rank());
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    Matrix rows(n_units(), n_inputs());
    for (Index b = 0; b < states.rows(); ++b) {
      const Vector g = gates(states, inputs, b);
      Cell::input_jacobian(net_, static_cast<const double*>(nullptr), g.data(), rows.data());
      if constexpr (std::is_same_v<Cell, ReducedLstmCell>)  // which projects by itself
        out.middleRows(b * rank(), rank()) = rows.topRows(rank());
      else
        out.middleRows(b * rank(), rank()) = projection_ * rows;
    }
  }

  std::optional<dynamics::Box> trapping_box() const override { return dynamics::Box{-box_, box_}; }
  const IntervalExtension* intervals() const override { return this; }

  void evaluate(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    thread_local Scratch<Interval> scratch;
    Interval* h = scratch.get(n_units());
    const std::vector<Interval> x(input.begin(), input.end());
    units(box.data(), x.data(), h);
    for (Index r = 0; r < rank(); ++r)
      out[static_cast<std::size_t>(r)] = row_product(projection_.data(), r, n_units(), h);
  }

  void jacobian(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    const Index n = n_units();
    thread_local Scratch<Interval> scratch;
    Interval* by_k = scratch.get(n * rank());
    const std::vector<Interval> x(input.begin(), input.end());
    slopes(box.data(), x.data(), by_k, static_cast<Interval*>(nullptr));
    for (Index r = 0; r < rank(); ++r)
      for (Index s = 0; s < rank(); ++s)
        out[static_cast<std::size_t>(r * rank() + s)] =
            row_product(projection_.data(), r, n, static_cast<const Interval*>(by_k + s * n));
  }

  /// f(M k + A x + b), and over intervals f(M k + A x + b + [-e, e]).
  template <class Scalar>
  void units(const Scalar* k, const Scalar* x, Scalar* h) const {
    values(gates(k, x), h);
  }

  /// (I - D E)^-1 D M, one column after the other, and (I - D E)^-1 D A unless `by_x` is null;
  /// numbers without E.
  template <class Scalar>
  void slopes(const Scalar* k, const Scalar* x, Scalar* by_k, Scalar* by_x) const {
    const Index n = n_units();
    thread_local Scratch<Scalar> scratch;
    Scalar* scales = scratch.get(Cell::kTerms * n);  // D
    const Scalar* g = gates(k, x);
    Cell::row_scales(net_, k, g, scales);
    for (Index s = 0; s < rank(); ++s)
      for (Index i = 0; i < n; ++i) {
        Scalar& entry = by_k[s * n + i];
        entry = Scalar(0.0);
        for (Index t = 0; t < Cell::kTerms; ++t) entry += times(weight(t, i, s), scales[t * n + i]);
      }
    if (by_x != nullptr) Cell::input_jacobian(drive_, k, g, by_x);
    if constexpr (std::is_same_v<Scalar, Interval>) {
      const Vector slack = remainder_slack(scales);
      for (Index s = 0; s < rank(); ++s) widen(by_k + s * n, 1, slack);
      for (Index j = 0; by_x != nullptr && j < n_inputs(); ++j) widen(by_x + j, n_inputs(), slack);
    }
  }

 private:
  Index rank() const { return projection_.rows(); }
  Index n_units() const { return projection_.cols(); }
  double weight(Index term, Index unit, Index column) const {
    return net_.recurrent_weights(Cell::term_gate(term) * n_units() + unit, column);
  }

  template <class Scalar>
  void values(const Scalar* g, Scalar* h) const {
    if constexpr (std::is_same_v<Cell, ReducedLstmCell>)
      Cell::rates(net_, g, h);
    else
      Cell::next(net_, static_cast<const Scalar*>(nullptr), g, h);
  }

  // Valid until the next call of this thread.
  template <class Scalar>
  const Scalar* gates(const Scalar* k, const Scalar* x) const {
    thread_local Scratch<Scalar> state_scratch, scratch;
    Scalar* state = state_scratch.get(rank() + 1);
    std::copy(k, k + rank(), state);
    if constexpr (std::is_same_v<Scalar, Interval>)
      state[rank()] = Interval(-1, 1);
    else
      state[rank()] = 0;
    Scalar* g = scratch.get(Cell::kSlots * n_units());
    Cell::gates(net_, static_cast<const Scalar*>(state), x, g);
    return g;
  }

  Vector gates(ConstMatrixRef states, ConstMatrixRef inputs, Index row) const {
    Vector state = Vector::Zero(rank() + 1);
    state.head(rank()) = states.row(row).transpose();
    const Vector x = inputs.row(inputs.rows() == 1 ? 0 : row).transpose();
    Vector g(Cell::kSlots * n_units());
    Cell::gates(net_, static_cast<const double*>(state.data()),
                static_cast<const double*>(x.data()), g.data());
    return g;
  }

  // D M
  Matrix scaled_rows(const Vector& g, const Matrix& weights, Index n_columns) const {
    const Index n = n_units();
    Vector scales(Cell::kTerms * n);
    Cell::row_scales(net_, static_cast<const double*>(nullptr), g.data(), scales.data());
    Matrix rows = Matrix::Zero(n, n_columns);
    for (Index t = 0; t < Cell::kTerms; ++t)
      rows += scales.segment(t * n, n).asDiagonal() *
              weights.block(Cell::term_gate(t) * n, 0, n, n_columns);
    return rows;
  }

  // d / (1 - max d): |(I - D E)^-1 v - v|_i is at most that times max |v|. Infinite where I - D E
  // need not be regular.
  Vector remainder_slack(const Interval* scales) const {
    Vector d(n_units());
    for (Index i = 0; i < n_units(); ++i) {
      double sum = 0;
      for (Index t = 0; t < Cell::kTerms; ++t)
        sum += scales[t * n_units() + i].magnitude() * weight(t, i, rank());
      d(i) = rounded_up(sum, Cell::kTerms);
    }
    const double largest = d.maxCoeff();
    if (!(largest < 0.5)) return Vector::Constant(n_units(), kInfinity);
    return d / (1 - largest) * (1 + 8 * kUlp);
  }

  // Adds what a column of n_units entries, `stride` apart, may change by.
  void widen(Interval* column, Index stride, const Vector& slack) const {
    double most = 0;
    for (Index i = 0; i < n_units(); ++i) most = std::max(most, column[i * stride].magnitude());
    for (Index i = 0; i < n_units(); ++i) {
      const double room = slack(i) * most * (1 + 8 * kUlp);
      column[i * stride] += std::isnan(room) ? Interval::whole() : Interval(-room, room);
    }
  }

  Network net_;
  Network drive_;  // as given, without projection: its input_jacobian() is that of the units
  Matrix projection_;
  Vector box_;
};

template <class Cell>
class LowRankLatent : public LayerLatent {
 public:
  LowRankLatent(const Network& net, const LowRankFactors& factors) : map_(net, factors) {}

  const dynamics::System& map() const override { return map_; }
  void coordinates(std::span<const Interval> h, ConstVectorRef,
                   std::span<Interval> k) const override {
    const Matrix& p = map_.projection();
    for (Index r = 0; r < p.rows(); ++r)
      k[static_cast<std::size_t>(r)] = row_product(p.data(), r, p.cols(), h.data());
  }
  const Vector& steepness() const override { return map_.largest(); }
  void lift(std::span<const Interval> k, ConstVectorRef input,
            std::span<Interval> h) const override {
    const std::vector<Interval> x(input.begin(), input.end());
    map_.units(k.data(), x.data(), h.data());
  }

  const Matrix& projection() const override { return map_.projection(); }
  Index n_inputs() const override { return map_.n_inputs(); }
  void units(const double* k, const double* x, double* h) const override { map_.units(k, x, h); }
  void units(const Interval* k, const Interval* x, Interval* h) const override {
    map_.units(k, x, h);
  }
  void slopes(const double* k, const double* x, double* by_k, double* by_x) const override {
    map_.slopes(k, x, by_k, by_x);
  }
  void slopes(const Interval* k, const Interval* x, Interval* by_k, Interval* by_x) const override {
    map_.slopes(k, x, by_k, by_x);
  }

 private:
  LatentMap<Cell> map_;
};

}  // namespace

template <class Cell>
std::unique_ptr<dynamics::Latent> make_latent(const Network& network) {
  if (network.activation != Activation::tanh || !Cell::is_row_scaled(network)) return nullptr;
  const std::optional<LowRankFactors> factors = low_rank_factors(stacked_blocks<Cell>(network));
  if (!factors) return nullptr;
  return std::make_unique<LowRankLatent<Cell>>(network, *factors);
}

template std::unique_ptr<dynamics::Latent> make_latent<VanillaCell>(const Network&);
template std::unique_ptr<dynamics::Latent> make_latent<ReducedGruCell>(const Network&);
template std::unique_ptr<dynamics::Latent> make_latent<ReducedLstmCell>(const Network&);

}  // namespace nullcline::models::internal
