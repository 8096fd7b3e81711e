// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/stack_latent.hpp"

#include <algorithm>

#include "nullcline/models/cell_tools.hpp"
#include "nullcline/models/internal/low_rank_factors.hpp"

namespace nullcline::models::internal {

using numerics::Interval;

namespace {

// Where the parts of each layer begin in what all layers have in turn, and where the last one ends.
std::vector<Index> offsets(const std::vector<const LayerLatent*>& layers, bool of_units) {
  std::vector<Index> first{0};
  for (const LayerLatent* layer : layers) {
    const Matrix& p = layer->projection();
    first.push_back(first.back() + (of_units ? p.cols() : p.rows()));
  }
  return first;
}

class StackMap : public dynamics::System, public dynamics::IntervalExtension {
 public:
  explicit StackMap(const std::vector<const LayerLatent*>& layers)
      : layers_(layers),
        first_(offsets(layers, false)),
        first_unit_(offsets(layers, true)),
        largest_(first_.back()) {
    for (std::size_t l = 0; l < layers_.size(); ++l)
      for (Index r = 0; r < rank_of(l); ++r) {
        const Matrix& p = layers_[l]->projection();
        largest_(first_[l] + r) = rounded_up(p.row(r).cwiseAbs().sum(), p.cols());
      }
  }

  const Vector& largest() const { return largest_; }  // bounds of |P h|: row sums of |P|

  dynamics::Time time() const override { return dynamics::Time::discrete; }
  Index n_states() const override { return first_.back(); }
  Index n_inputs() const override { return layers_[0]->n_inputs(); }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    Vector h(first_unit_.back()), next(n_states());
    for (Index b = 0; b < states.rows(); ++b) {
      const Vector k = states.row(b).transpose(), x = input_row(inputs, b);
      units(k.data(), x.data(), h.data());
      coordinates(h.data(), next.data());
      out.row(b) = next.transpose();
    }
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    Matrix block(n_states(), n_states());
    for (Index b = 0; b < states.rows(); ++b) {
      const Vector k = states.row(b).transpose(), x = input_row(inputs, b);
      slopes(k.data(), x.data(), block.data(), static_cast<double*>(nullptr));
      out.middleRows(b * n_states(), n_states()) = block;
    }
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    Matrix by_k(n_states(), n_states()), block(n_states(), n_inputs());
    for (Index b = 0; b < states.rows(); ++b) {
      const Vector k = states.row(b).transpose(), x = input_row(inputs, b);
      slopes(k.data(), x.data(), by_k.data(), block.data());
      out.middleRows(b * n_states(), n_states()) = block;
    }
  }

  std::optional<dynamics::Box> trapping_box() const override {
    return dynamics::Box{-largest_, largest_};
  }
  const IntervalExtension* intervals() const override { return this; }

  void evaluate(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    thread_local Scratch<Interval> scratch;
    Interval* h = scratch.get(first_unit_.back());
    const std::vector<Interval> x(input.begin(), input.end());
    units(box.data(), x.data(), h);
    coordinates(h, out.data());
  }
  void jacobian(std::span<const Interval> box, ConstVectorRef input,
                std::span<Interval> out) const override {
    const std::vector<Interval> x(input.begin(), input.end());
    slopes(box.data(), x.data(), out.data(), static_cast<Interval*>(nullptr));
  }

  /// The units of all layers in turn.
  template <class Scalar>
  void units(const Scalar* k, const Scalar* x, Scalar* h) const {
    for (std::size_t l = 0; l < layers_.size(); ++l)
      layers_[l]->units(k + first_[l], l == 0 ? x : h + first_unit_[l - 1], h + first_unit_[l]);
  }

  /// P h of all layers in turn.
  template <class Scalar>
  void coordinates(const Scalar* h, Scalar* k) const {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Matrix& p = layers_[l]->projection();
      for (Index r = 0; r < p.rows(); ++r)
        k[first_[l] + r] = row_product(p.data(), r, p.cols(), h + first_unit_[l]);
    }
  }

 private:
  Index rank_of(std::size_t l) const { return first_[l + 1] - first_[l]; }
  Index units_of(std::size_t l) const { return first_unit_[l + 1] - first_unit_[l]; }
  static Vector input_row(ConstMatrixRef inputs, Index b) {
    return inputs.row(inputs.rows() == 1 ? 0 : b).transpose();
  }

  // dg/dk, and dg/dx unless `by_input` is null. Of each layer's units the slopes by the coordinates
  // of the layers below and its own, and by the input, are kept as columns.
  template <class Scalar>
  void slopes(const Scalar* k, const Scalar* x, Scalar* by_state, Scalar* by_input) const {
    const Index n_k = n_states(), n_x = by_input == nullptr ? 0 : n_inputs();
    std::vector<Scalar> h(static_cast<std::size_t>(first_unit_.back()));
    units(k, x, h.data());
    std::fill(by_state, by_state + n_k * n_k, Scalar(0.0));
    std::vector<Scalar> below, columns, by_x;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Index n = units_of(l), n_in = layers_[l]->n_inputs();
      columns.assign(static_cast<std::size_t>(n * (n_k + n_x)), Scalar(0.0));
      by_x.resize(static_cast<std::size_t>(n * n_in));
      layers_[l]->slopes(k + first_[l], l == 0 ? x : h.data() + first_unit_[l - 1],
                         columns.data() + first_[l] * n, by_x.data());
      const auto column = [&](Index c) { return columns.data() + c * n; };
      for (Index c = 0; l > 0 && c < n_k + n_x; ++c)
        if (c < first_[l] || c >= n_k)
          multiply(by_x.data(), below.data() + c * n_in, column(c), n, n_in);
      for (Index j = 0; l == 0 && j < n_x; ++j)
        for (Index i = 0; i < n; ++i)
          column(n_k + j)[i] = by_x[static_cast<std::size_t>(i * n_in + j)];
      const Matrix& p = layers_[l]->projection();
      for (Index r = 0; r < p.rows(); ++r) {
        for (Index c = 0; c < first_[l + 1]; ++c)
          by_state[(first_[l] + r) * n_k + c] =
              row_product(p.data(), r, n, static_cast<const Scalar*>(column(c)));
        for (Index j = 0; j < n_x; ++j)
          by_input[(first_[l] + r) * n_x + j] =
              row_product(p.data(), r, n, static_cast<const Scalar*>(column(n_k + j)));
      }
      below.swap(columns);
    }
  }

  // out = A v for a row-major A (rows, cols)
  template <class Scalar>
  static void multiply(const Scalar* a, const Scalar* v, Scalar* out, Index rows, Index cols) {
    for (Index i = 0; i < rows; ++i) {
      out[i] = Scalar(0.0);
      for (Index j = 0; j < cols; ++j) out[i] += a[i * cols + j] * v[j];
    }
  }

  std::vector<const LayerLatent*> layers_;
  std::vector<Index> first_, first_unit_;
  Vector largest_;
};

class StackLatent : public dynamics::Latent {
 public:
  explicit StackLatent(const std::vector<const LayerLatent*>& layers) : map_(layers) {}

  const dynamics::System& map() const override { return map_; }
  void coordinates(std::span<const Interval> h, ConstVectorRef,
                   std::span<Interval> k) const override {
    map_.coordinates(h.data(), k.data());
  }
  const Vector& steepness() const override { return map_.largest(); }
  void lift(std::span<const Interval> k, ConstVectorRef input,
            std::span<Interval> h) const override {
    const std::vector<Interval> x(input.begin(), input.end());
    map_.units(k.data(), x.data(), h.data());
  }

 private:
  StackMap map_;
};

}  // namespace

std::unique_ptr<dynamics::Latent> make_stack_latent(const std::vector<const LayerLatent*>& layers) {
  if (layers.empty() || std::find(layers.begin(), layers.end(), nullptr) != layers.end())
    return nullptr;
  if (offsets(layers, false).back() > kMaxLatentRank) return nullptr;
  return std::make_unique<StackLatent>(layers);
}

}  // namespace nullcline::models::internal
