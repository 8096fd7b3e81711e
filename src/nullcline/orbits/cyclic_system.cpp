// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/cyclic_system.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::orbits {

namespace {

using numerics::Interval;

int checked(const dynamics::System& map, int period) {
  if (map.time() != dynamics::Time::discrete)
    throw InvalidInput("orbits: found a flow, expected a map (time = discrete)");
  if (period < 1) throw InvalidInput(fmt::format("period: found {}, expected 1 or more", period));
  return period;
}

// The input of row b of a batch: one row for all, or one each.
Matrix input_of(ConstMatrixRef inputs, Index b) { return inputs.row(inputs.rows() == 1 ? 0 : b); }

}  // namespace

class CyclicSystem::Intervals : public dynamics::IntervalExtension {
 public:
  Intervals(const dynamics::IntervalExtension& map, Index period, Index n)
      : map_(map), period_(static_cast<std::size_t>(period)), n_(static_cast<std::size_t>(n)) {}

  void evaluate(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    for (std::size_t i = 0; i < period_; ++i)
      map_.evaluate(box.subspan(i * n_, n_), input, out.subspan(next(i) * n_, n_));
  }

  void jacobian(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    std::fill(out.begin(), out.end(), Interval(0));
    std::vector<Interval> block(n_ * n_);
    for (std::size_t i = 0; i < period_; ++i) {
      map_.jacobian(box.subspan(i * n_, n_), input, block);
      for (std::size_t row = 0; row < n_; ++row)
        std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(row * n_), n_,
                    out.begin() +
                        static_cast<std::ptrdiff_t>((next(i) * n_ + row) * period_ * n_ + i * n_));
    }
  }

 private:
  std::size_t next(std::size_t i) const { return (i + 1) % period_; }

  const dynamics::IntervalExtension& map_;
  const std::size_t period_, n_;
};

CyclicSystem::CyclicSystem(const dynamics::System& map, int period)
    : map_(map), period_(checked(map, period)), n_(map.n_states()) {
  if (map.intervals()) intervals_ = std::make_unique<Intervals>(*map.intervals(), period_, n_);
}

void CyclicSystem::evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  const Index n_batch = states.rows();
  Matrix from(n_batch, n_), to(n_batch, n_);
  for (Index i = 0; i < period_; ++i) {
    from = states.middleCols(i * n_, n_);
    map_.evaluate(from, inputs, to);
    out.middleCols((i + 1) % period_ * n_, n_) = to;
  }
}

void CyclicSystem::jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  const Index n_batch = states.rows();
  out.setZero();
  Matrix from(n_batch, n_), blocks(n_batch * n_, n_);
  for (Index i = 0; i < period_; ++i) {
    from = states.middleCols(i * n_, n_);
    map_.jacobian(from, inputs, blocks);
    for (Index b = 0; b < n_batch; ++b)
      out.block(b * n_states() + (i + 1) % period_ * n_, i * n_, n_, n_) =
          blocks.middleRows(b * n_, n_);
  }
}

void CyclicSystem::input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs,
                                  MatrixRef out) const {
  const Index n_batch = states.rows();
  Matrix from(n_batch, n_), blocks(n_batch * n_, n_inputs());
  for (Index i = 0; i < period_; ++i) {
    from = states.middleCols(i * n_, n_);
    map_.input_jacobian(from, inputs, blocks);
    for (Index b = 0; b < n_batch; ++b)
      out.middleRows(b * n_states() + (i + 1) % period_ * n_, n_) = blocks.middleRows(b * n_, n_);
  }
}

std::optional<dynamics::Box> CyclicSystem::trapping_box() const {
  const std::optional<dynamics::Box> box = map_.trapping_box();
  if (!box) return std::nullopt;
  return dynamics::Box{box->lower.replicate(period_, 1), box->upper.replicate(period_, 1)};
}

std::optional<dynamics::ReluForm> CyclicSystem::relu_form(ConstVectorRef input) const {
  const std::optional<dynamics::ReluForm> one = map_.relu_form(input);
  if (!one) return std::nullopt;
  dynamics::ReluForm all{Matrix::Zero(n_states(), n_states()), {}};
  for (Index i = 0; i < period_; ++i) {
    all.weights.block((i + 1) % period_ * n_, i * n_, n_, n_) = one->weights;
    all.offset.insert(all.offset.end(), one->offset.begin(), one->offset.end());
  }
  return all;
}

double CyclicSystem::kink_distance(ConstVectorRef state, ConstVectorRef input) const {
  double least = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < period_; ++i)
    least = std::min(least, map_.kink_distance(Vector(state.segment(i * n_, n_)), input));
  return least;
}

Vector CyclicSystem::unroll(ConstVectorRef state, ConstVectorRef input) const {
  Vector all(n_states());
  Vector current = state;
  for (Index i = 0; i < period_; ++i) {
    all.segment(i * n_, n_) = current;
    if (i + 1 < period_) current = evaluate_at(map_, current, input);
  }
  return all;
}

IteratedSystem::IteratedSystem(const dynamics::System& map, int n_steps)
    : map_(map), n_steps_(checked(map, n_steps)) {}

void IteratedSystem::evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  Matrix current = states;
  for (int step = 0; step < n_steps_; ++step) {
    map_.evaluate(current, inputs, out);
    current = out;
  }
}

void IteratedSystem::jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  const Index n = n_states();
  Matrix factor(n, n), product(n, n), next(n, n), state(1, n), image(1, n);
  for (Index b = 0; b < states.rows(); ++b) {
    const Matrix input = input_of(inputs, b);
    state = states.row(b);
    product.setIdentity();
    for (int step = 0; step < n_steps_; ++step) {
      map_.jacobian(state, input, factor);
      numerics::multiply(factor, product, next);
      product.swap(next);
      map_.evaluate(state, input, image);
      state.swap(image);
    }
    out.middleRows(b * n, n) = product;
  }
}

// D_x F^(j+1) = D_h F . D_x F^j + D_x F
void IteratedSystem::input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs,
                                    MatrixRef out) const {
  const Index n = n_states();
  Matrix factor(n, n), direct(n, n_inputs()), state(1, n), image(1, n);
  for (Index b = 0; b < states.rows(); ++b) {
    const Matrix input = input_of(inputs, b);
    state = states.row(b);
    Matrix sum = Matrix::Zero(n, n_inputs());
    for (int step = 0; step < n_steps_; ++step) {
      map_.jacobian(state, input, factor);
      map_.input_jacobian(state, input, direct);
      sum = factor * sum + direct;
      map_.evaluate(state, input, image);
      state.swap(image);
    }
    out.middleRows(b * n, n) = sum;
  }
}

// Along the curve h(t) with derivatives v1, v2, v3 those of F(h(t)) are
//     DF v1,  D2F[v1,v1] + DF v2,  D3F[v1,v1,v1] + 3 D2F[v1,v2] + DF v3.
std::optional<dynamics::DirectionalDerivatives> IteratedSystem::directional_derivatives(
    ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const {
  dynamics::DirectionalDerivatives v{direction, Vector::Zero(n_states()), Vector::Zero(n_states())};
  Vector h = state;
  for (int step = 0; step < n_steps_; ++step) {
    const auto along = map_.directional_derivatives(h, input, v.first);
    const auto sum = map_.directional_derivatives(h, input, v.first + v.second);
    const auto difference = map_.directional_derivatives(h, input, v.first - v.second);
    if (!along || !sum || !difference) return std::nullopt;
    const Matrix jacobian = jacobian_at(map_, h, input);
    const Vector mixed = (sum->second - difference->second) / 4;  // D2F[v1,v2]
    v.third = along->third + 3 * mixed + jacobian * v.third;
    v.second = along->second + jacobian * v.second;
    v.first = along->first;
    h = evaluate_at(map_, h, input);
  }
  return v;
}

}  // namespace nullcline::orbits
