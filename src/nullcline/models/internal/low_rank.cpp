// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/low_rank.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "nullcline/core/rng.hpp"
#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models::internal {

using numerics::Interval;

namespace {

// Weights that are farther than this from low rank (row sums of |E|) are not treated as such.
constexpr double kLargestRemainder = 1e-5;
constexpr double kUlp = std::numeric_limits<double>::epsilon();

// An upper bound of a sum of n products, or roundings, of numbers that are not negative.
double rounded_up(double sum, Index n) {
  return sum * (1 + static_cast<double>(n + 8) * kUlp) + std::numeric_limits<double>::min();
}

struct Factors {
  Matrix m;          // (n_units, rank), orthonormal columns but for rounding
  Matrix p;          // (rank, n_units)
  Vector remainder;  // e: row sums of |W - M P|, bounds
};

// Orthonormal columns that span the range of W, from products with random vectors. Columns in
// which nothing but rounding is left are dropped.
Matrix find_range(const Matrix& w) {
  constexpr double kNothing = 1e-9;
  const Index n = w.rows();
  Rng rng(0, Purpose::perturbations, 0);
  Matrix range(n, 0);
  for (Index k = 0; k < kMaxLatentRank; ++k) {
    Vector probe(n);
    for (double& x : probe) x = rng.normal();
    Vector column = w * probe;
    const double size = column.norm();
    for (int pass = 0; pass < 2; ++pass) column -= range * (range.transpose() * column);
    if (!(column.norm() > kNothing * size)) break;
    range.conservativeResize(n, k + 1);
    range.col(k) = column / column.norm();
  }
  return range;
}

std::optional<Factors> factorize(const Matrix& w) {
  const Index n = w.rows();
  Factors factors{find_range(w), {}, Vector(n)};
  const Index rank = factors.m.cols();
  if (rank < 1 || rank >= n) return std::nullopt;
  factors.p = factors.m.transpose() * w;
  const Matrix product = factors.m * factors.p;
  const Matrix sizes = factors.m.cwiseAbs() * factors.p.cwiseAbs();
  for (Index i = 0; i < n; ++i) {
    double sum = 0;
    for (Index j = 0; j < n; ++j)
      sum += std::abs(w(i, j) - product(i, j)) +
             static_cast<double>(rank + 4) * kUlp * (sizes(i, j) + std::abs(w(i, j)));
    factors.remainder(i) = rounded_up(sum, n);
  }
  if (!(factors.remainder.maxCoeff() <= kLargestRemainder)) return std::nullopt;
  return factors;
}

class LatentMap : public dynamics::System, public dynamics::IntervalExtension {
 public:
  LatentMap(const Network& net, Factors factors)
      : input_weights_(net.input_weights),
        bias_(net.bias),
        factors_(std::move(factors)),
        slack_(rank(), rank()),
        box_(rank()) {
    const double largest = factors_.remainder.maxCoeff();
    for (Index r = 0; r < rank(); ++r) {
      box_(r) = rounded_up(factors_.p.row(r).cwiseAbs().sum(), n_units());
      const double sum = factors_.p.row(r).cwiseAbs().dot(factors_.remainder);
      for (Index s = 0; s < rank(); ++s)
        slack_(r, s) = rounded_up(sum, n_units()) * factors_.m.col(s).cwiseAbs().maxCoeff() /
                       (1 - largest) * (1 + 8 * kUlp);
    }
  }

  const Matrix& projection() const { return factors_.p; }

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return rank(); }
  Index n_inputs() const override { return input_weights_.cols(); }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b)
      out.row(b) = (factors_.p * rates(states, inputs, b)).transpose();
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b)
      out.middleRows(b * rank(), rank()) =
          factors_.p * slopes(rates(states, inputs, b)).asDiagonal() * factors_.m;
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b)
      out.middleRows(b * rank(), rank()) =
          factors_.p * slopes(rates(states, inputs, b)).asDiagonal() * input_weights_;
  }

  std::optional<dynamics::Box> trapping_box() const override { return dynamics::Box{-box_, box_}; }
  const IntervalExtension* intervals() const override { return this; }

  void evaluate(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    thread_local Scratch<Interval> scratch;
    Interval* h = scratch.get(n_units());
    rates(box, input, h);
    for (Index r = 0; r < rank(); ++r)
      out[static_cast<std::size_t>(r)] = row_product(factors_.p.data(), r, n_units(), h);
  }

  void jacobian(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    thread_local Scratch<Interval> rate_scratch, scaled_scratch;
    Interval* h = rate_scratch.get(n_units());
    Interval* scaled = scaled_scratch.get(n_units());  // a column of D M
    rates(box, input, h);
    for (Index i = 0; i < n_units(); ++i) h[i] = numerics::tanh_slope(h[i]);
    for (Index s = 0; s < rank(); ++s) {
      for (Index i = 0; i < n_units(); ++i) scaled[i] = h[i] * Interval(factors_.m(i, s));
      for (Index r = 0; r < rank(); ++r)
        out[static_cast<std::size_t>(r * rank() + s)] =
            row_product(factors_.p.data(), r, n_units(), scaled) +
            Interval(-slack_(r, s), slack_(r, s));
    }
  }

  /// h in tanh(M k + c + [-e, e])
  void rates(std::span<const Interval> k, ConstVectorRef input, Interval* h) const {
    const Interval* x = offsets(input);
    for (Index i = 0; i < n_units(); ++i) {
      const double e = factors_.remainder(i);
      h[i] = numerics::tanh(row_product(factors_.m.data(), i, rank(), k.data()) + x[i] +
                            Interval(-e, e));
    }
  }

 private:
  Index rank() const { return factors_.m.cols(); }
  Index n_units() const { return factors_.m.rows(); }

  // c = A x + b. Valid until the next call of this thread.
  const Interval* offsets(ConstVectorRef input) const {
    thread_local Scratch<Interval> input_scratch, scratch;
    Interval* x = input_scratch.get(n_inputs());
    std::copy(input.begin(), input.end(), x);
    Interval* c = scratch.get(n_units());
    for (Index i = 0; i < n_units(); ++i)
      c[i] = row_product(input_weights_.data(), i, n_inputs(), static_cast<const Interval*>(x)) +
             Interval(bias_(i));
    return c;
  }

  Vector rates(ConstMatrixRef states, ConstMatrixRef inputs, Index row) const {
    const Index input = inputs.rows() == 1 ? 0 : row;
    return (factors_.m * states.row(row).transpose() +
            input_weights_ * inputs.row(input).transpose() + bias_)
        .array()
        .tanh();
  }
  static Vector slopes(const Vector& rates) { return 1 - rates.array().square(); }

  Matrix input_weights_;
  Vector bias_;
  Factors factors_;
  Matrix slack_;  // p
  Vector box_;
};

class LowRankLatent : public dynamics::Latent {
 public:
  LowRankLatent(const Network& net, Factors factors) : map_(net, std::move(factors)) {}

  const dynamics::System& map() const override { return map_; }
  const Matrix& projection() const override { return map_.projection(); }
  void lift(std::span<const Interval> k, ConstVectorRef input,
            std::span<Interval> h) const override {
    map_.rates(k, input, h.data());
  }

 private:
  LatentMap map_;
};

}  // namespace

std::unique_ptr<dynamics::Latent> make_latent(const Network& vanilla) {
  if (vanilla.activation != Activation::tanh) return nullptr;
  std::optional<Factors> factors = factorize(vanilla.recurrent_weights);
  if (!factors) return nullptr;
  return std::make_unique<LowRankLatent>(vanilla, std::move(*factors));
}

}  // namespace nullcline::models::internal
