// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/reset_latent.hpp"

#include <concepts>
#include <vector>

#include "nullcline/models/cell_tools.hpp"
#include "nullcline/models/internal/low_rank_factors.hpp"

namespace nullcline::models::internal {

using numerics::Interval;

namespace {

constexpr Index kReset = 0, kCandidate = 2;  // blocks of the weights

// A bound of the row sums of |ds/dh|: of unit i, r_i + |h_i| r_i' sum_j |R_ij|.
Vector row_sums_of_s(const Network& net) {
  const Index n = net.n_units();
  Vector sums(n);
  for (Index i = 0; i < n; ++i) {
    const double row = net.recurrent_weights.row(kReset * n + i).cwiseAbs().sum();
    sums(i) = rounded_up(1 + row / 4, n);
  }
  return sums;
}

// Units at given coordinates: states, slopes tanh' and resets.
template <class Scalar>
struct Units {
  explicit Units(Index n)
      : h(static_cast<std::size_t>(n)),
        slope(static_cast<std::size_t>(n)),
        r(static_cast<std::size_t>(n)) {}
  Index size() const { return static_cast<Index>(h.size()); }

  std::vector<Scalar> h, slope, r;
};

class ResetMap : public dynamics::System, public dynamics::IntervalExtension {
 public:
  ResetMap(const Network& net, const LowRankFactors& factors)
      : net_(net), factors_(factors), box_(rank()), steepness_(rank()) {
    const Vector sums = row_sums_of_s(net_);
    const Matrix sizes = factors_.p.cwiseAbs();
    for (Index r = 0; r < rank(); ++r) {
      box_(r) = rounded_up(sizes.row(r).sum(), n_units());
      steepness_(r) = rounded_up(sizes.row(r).dot(sums), n_units());
    }
    largest_row_sum_ = sums.maxCoeff();
    contraction_ = rounded_up(largest_row_sum_ * factors_.remainder.maxCoeff(), 1);
  }

  double contraction() const { return contraction_; }  // t max e
  const Vector& steepness() const { return steepness_; }

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return rank(); }
  Index n_inputs() const override { return net_.n_inputs(); }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for (Index b = 0; b < states.rows(); ++b) {
      const Units<double> units = units_at(states, inputs, b);
      for (Index r = 0; r < rank(); ++r) out(b, r) = coordinate(units.h, units.r, r);
    }
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    const Vector none = Vector::Zero(n_units());
    for (Index b = 0; b < states.rows(); ++b) {
      const Units<double> units = units_at(states, inputs, b);
      for (Index s = 0; s < rank(); ++s) {
        const std::vector<double> column = response(units, factors_.m.col(s), none);
        out.col(s).segment(b * rank(), rank()) = Eigen::Map<const Vector>(column.data(), rank());
      }
    }
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    const Index n = n_units();
    for (Index b = 0; b < states.rows(); ++b) {
      const Units<double> units = units_at(states, inputs, b);
      for (Index j = 0; j < n_inputs(); ++j) {
        const Vector push = net_.input_weights.col(j);
        const std::vector<double> column =
            response(units, push.segment(kCandidate * n, n), push.segment(kReset * n, n));
        out.col(j).segment(b * rank(), rank()) = Eigen::Map<const Vector>(column.data(), rank());
      }
    }
  }

  std::optional<dynamics::Box> trapping_box() const override { return dynamics::Box{-box_, box_}; }
  const IntervalExtension* intervals() const override { return this; }

  void evaluate(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    const Units<Interval> units = units_in(box, input);
    for (Index r = 0; r < rank(); ++r)
      out[static_cast<std::size_t>(r)] = coordinate(units.h, units.r, r);
  }
  void jacobian(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    const Units<Interval> units = units_in(box, input);
    const Vector none = Vector::Zero(n_units());
    for (Index s = 0; s < rank(); ++s) {
      const std::vector<Interval> column = response(units, factors_.m.col(s), none);
      for (Index r = 0; r < rank(); ++r)
        out[static_cast<std::size_t>(r * rank() + s)] = column[static_cast<std::size_t>(r)];
    }
  }

  /// Encloses h(k).
  void enclose_units(std::span<const Interval> k, ConstVectorRef input,
                     std::span<Interval> h) const {
    const Units<Interval> units = units_in(k, input);
    std::copy(units.h.begin(), units.h.end(), h.begin());
  }
  /// Encloses P s(h).
  void enclose_coordinates(std::span<const Interval> h, ConstVectorRef input,
                           std::span<Interval> k) const {
    const std::vector<Interval> x(input.begin(), input.end());
    Units<Interval> units(n_units());
    std::copy(h.begin(), h.end(), units.h.begin());
    set_resets(x.data(), units);
    for (Index r = 0; r < rank(); ++r)
      k[static_cast<std::size_t>(r)] = coordinate(units.h, units.r, r);
  }

 private:
  Index rank() const { return factors_.p.rows(); }
  Index n_units() const { return factors_.p.cols(); }

  template <class Scalar>
  void set_resets(const Scalar* x, Units<Scalar>& units) const {
    for (std::size_t i = 0; i < units.r.size(); ++i)
      units.r[i] = logistic(preactivation(net_, kReset, static_cast<Index>(i), units.h.data(), x));
  }

  template <class Scalar>
  Units<Scalar> units_of(const Scalar* k, const Scalar* x) const {
    Units<Scalar> units(n_units());
    for (Index i = 0; i < n_units(); ++i) {
      Scalar a = row_product(input_block(net_, kCandidate), i, n_inputs(), x) +
                 Scalar(bias_block(net_, kCandidate)[i]) +
                 row_product(factors_.m.data(), i, rank(), k);
      if constexpr (std::same_as<Scalar, Interval>)
        a += Interval(-factors_.remainder(i), factors_.remainder(i));
      const auto unit = phi(Activation::tanh, a);
      units.h[static_cast<std::size_t>(i)] = unit.value;
      units.slope[static_cast<std::size_t>(i)] = unit.derivative;
    }
    set_resets(x, units);
    return units;
  }
  Units<Interval> units_in(std::span<const Interval> k, ConstVectorRef input) const {
    const std::vector<Interval> x(input.begin(), input.end());
    return units_of(k.data(), x.data());
  }
  Units<double> units_at(ConstMatrixRef states, ConstMatrixRef inputs, Index row) const {
    const Vector k = states.row(row).transpose();
    const Vector x = inputs.row(inputs.rows() == 1 ? 0 : row).transpose();
    return units_of(k.data(), x.data());
  }

  // (P s)_r
  template <class Scalar>
  Scalar coordinate(const std::vector<Scalar>& h, const std::vector<Scalar>& r, Index row) const {
    std::vector<Scalar> carried(h.size());
    for (std::size_t i = 0; i < h.size(); ++i) carried[i] = r[i] * h[i];
    return row_product(factors_.p.data(), row, n_units(),
                       static_cast<const Scalar*>(carried.data()));
  }

  // P ds along a direction in which the pre-activations of the candidates change by `push`, and
  // those of the resets by `reset_push` beyond what they get from h.
  template <class Scalar>
  std::vector<Scalar> response(const Units<Scalar>& units, ConstVectorRef push,
                               ConstVectorRef reset_push) const {
    const auto n = static_cast<std::size_t>(units.size());
    std::vector<Scalar> change(n), carried(n), result(static_cast<std::size_t>(rank()));
    for (std::size_t i = 0; i < n; ++i)
      change[i] = times(push(static_cast<Index>(i)), units.slope[i]);
    if constexpr (std::same_as<Scalar, Interval>) add_slack(units, change);
    for (std::size_t i = 0; i < n; ++i) {
      const auto unit = static_cast<Index>(i);
      const Scalar reset = row_product(recurrent_block(net_, kReset), unit, n_units(),
                                       static_cast<const Scalar*>(change.data())) +
                           Scalar(reset_push(unit));
      carried[i] =
          units.r[i] * change[i] + units.h[i] * numerics::sigmoid_slope(units.r[i]) * reset;
    }
    for (Index r = 0; r < rank(); ++r)
      result[static_cast<std::size_t>(r)] =
          row_product(factors_.p.data(), r, n_units(), static_cast<const Scalar*>(carried.data()));
    return result;
  }

  // D M to dh/dk
  void add_slack(const Units<Interval>& units, std::vector<Interval>& change) const {
    double most = 0;
    for (const Interval& v : change) most = std::max(most, v.magnitude());
    const double growth = largest_row_sum_ * most / (1 - contraction_);
    for (std::size_t i = 0; i < change.size(); ++i) {
      const double slack = rounded_up(
          units.slope[i].magnitude() * factors_.remainder(static_cast<Index>(i)) * growth, 4);
      change[i] += Interval(-slack, slack);
    }
  }

  Network net_;
  LowRankFactors factors_;
  Vector box_, steepness_;
  double largest_row_sum_ = 0, contraction_ = 0;
};

class ResetLatent : public dynamics::Latent {
 public:
  ResetLatent(const Network& net, const LowRankFactors& factors) : map_(net, factors) {}

  bool is_usable() const { return map_.contraction() < 0.5; }
  const dynamics::System& map() const override { return map_; }
  void coordinates(std::span<const Interval> h, ConstVectorRef input,
                   std::span<Interval> k) const override {
    map_.enclose_coordinates(h, input, k);
  }
  const Vector& steepness() const override { return map_.steepness(); }
  void lift(std::span<const Interval> k, ConstVectorRef input,
            std::span<Interval> h) const override {
    map_.enclose_units(k, input, h);
  }

 private:
  ResetMap map_;
};

}  // namespace

std::unique_ptr<dynamics::Latent> make_reset_latent(const Network& network) {
  if (network.activation != Activation::tanh) return nullptr;
  const Index n = network.n_units();
  const std::optional<LowRankFactors> factors =
      low_rank_factors(network.recurrent_weights.middleRows(kCandidate * n, n));
  if (!factors) return nullptr;
  auto latent = std::make_unique<ResetLatent>(network, *factors);
  if (!latent->is_usable()) return nullptr;
  return latent;
}

}  // namespace nullcline::models::internal
