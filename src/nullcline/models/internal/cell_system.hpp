// SPDX-License-Identifier: BSD-3-Clause
// One system for every cell: batches, Jacobians and extras from the functions of a cell.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "nullcline/dynamics/row_scaled_enclosure.hpp"
#include "nullcline/models/cell_tools.hpp"
#include "nullcline/models/internal/map_system.hpp"
#include "nullcline/models/internal/weight_change.hpp"

namespace nullcline::models::internal {

constexpr Index kRowsPerBlock = 128;

/// What a cell adds to its formulas when it becomes a system.
struct CellExtras {
  Index n_states = 0;
  std::unique_ptr<MapSystem> reduced;
  std::function<Matrix(const Network&, ConstMatrixRef points, ConstMatrixRef inputs)> lift;
  std::function<void(const Network&, const numerics::Interval* points,
                     const numerics::Interval* input, numerics::Interval* states)>
      lift_box;
  std::function<Matrix(const Network&, ConstMatrixRef states)> restrict_states;
  std::optional<dynamics::Box> box;  ///< that the map sends into its interior
  std::string no_box_reason;         ///< why there is none
  std::function<double(const Network&, ConstVectorRef state, ConstVectorRef input)> kink_distance;
  std::function<dynamics::ReluForm(const Network&, ConstVectorRef input)> relu_form;
  /// Latent coordinates; may give null. Called once, when they are first asked for.
  std::function<std::unique_ptr<dynamics::Latent>(const Network&)> latent;
};

/// A cell whose Jacobian is sum_k D(s_k) W_k, at least for some networks:
///   kTerms; is_row_scaled(net); term_gate(k), whose recurrent weights are W_k;
///   row_scales(net, h, gates, out), which writes s_1, s_2, ...
template <class Cell>
concept RowScaledCell = requires {
  Cell::kTerms;
};

template <class Cell>
class CellSystem : public MapSystem {
 public:
  CellSystem(Network net, dynamics::Time time, CellExtras extras)
      : MapSystem(time), net_(std::move(net)), extras_(std::move(extras)) {
    if constexpr (RowScaledCell<Cell>)
      if (Cell::is_row_scaled(net_)) row_scaled_ = std::make_unique<RowScaled>(*this);
  }

  Index n_states() const override { return extras_.n_states; }
  Index n_inputs() const override { return net_.n_inputs(); }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    for_each_row(states, inputs, [&](Index row, const double* state, const double* gates) {
      double* next = out.row(row).data();
      Cell::next(net_, state, gates, next);
      if (is_flow())
        for (Index i = 0; i < n_states(); ++i) next[i] -= state[i];
    });
  }

  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    const Index n = n_states();
    with_contiguous(out, [&](double* block) {
      for_each_row(states, inputs, [&](Index row, const double* state, const double* gates) {
        double* matrix = block + row * n * n;
        Cell::jacobian(net_, state, gates, matrix);
        if (is_flow())
          for (Index i = 0; i < n; ++i) matrix[i * n + i] -= 1;
      });
    });
  }

  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    with_contiguous(out, [&](double* block) {
      for_each_row(states, inputs, [&](Index row, const double* state, const double* gates) {
        Cell::input_jacobian(net_, state, gates, block + row * n_states() * n_inputs());
      });
    });
  }

  // Pre-activations take the change as they take an input of width one.
  void weight_derivative(const Network& change, ConstMatrixRef states, ConstMatrixRef inputs,
                         MatrixRef out) const override {
    Network column = net_;
    column.input_weights.resize(n_gates(net_.cell) * net_.n_units(), 1);
    Vector row(n_states());
    for_each_row(states, inputs, [&](Index b, const double* state, const double* gates) {
      const double* input = inputs.row(inputs.rows() == 1 ? 0 : b).data();
      preactivation_change(net_, change, state, input, gates, column.input_weights.data());
      Cell::input_jacobian(column, state, gates, row.data());
      if (net_.alpha.size() > 0) {  // F - h is proportional to alpha
        Vector next(n_states());
        Cell::next(net_, state, gates, next.data());
        for (Index i = 0; i < net_.alpha.size(); ++i)
          row(i) += (next(i) - state[i]) / net_.alpha(i) * change.alpha(i);
      }
      out.row(b) = row.transpose();
    });
  }

  const MapSystem* reduced_map() const override { return extras_.reduced.get(); }
  // Without a lift the reduced map is the cell without its gate or leak.
  const dynamics::System* candidate() const override {
    return extras_.lift ? nullptr : extras_.reduced.get();
  }
  Matrix lift(ConstMatrixRef points, ConstMatrixRef inputs) const override {
    return extras_.lift ? extras_.lift(net_, points, inputs) : Matrix(points);
  }
  Matrix restrict_states(ConstMatrixRef states) const override {
    return extras_.restrict_states ? extras_.restrict_states(net_, states) : Matrix(states);
  }

  const dynamics::RowScaledJacobian* row_scaled_jacobian() const override {
    return row_scaled_.get();
  }
  std::optional<dynamics::Box> trapping_box() const override { return extras_.box; }
  std::string no_trapping_box_reason() const override { return extras_.no_box_reason; }
  bool has_kinks() const override { return net_.activation == Activation::relu; }
  double kink_distance(ConstVectorRef state, ConstVectorRef input) const override {
    return has_kinks() && extras_.kink_distance ? extras_.kink_distance(net_, state, input)
                                                : System::kink_distance(state, input);
  }

  std::optional<dynamics::ReluForm> relu_form(ConstVectorRef input) const override {
    if (is_flow() || !extras_.relu_form) return std::nullopt;
    return extras_.relu_form(net_, input);
  }
  const Matrix* relu_input_weights() const override {
    return !is_flow() && extras_.relu_form ? &net_.input_weights : nullptr;
  }
  const dynamics::Latent* latent() const override {
    if (is_flow() || !extras_.latent) return nullptr;
    std::call_once(latent_once_, [this] { latent_ = extras_.latent(net_); });
    return latent_.get();
  }

  void next(const numerics::Interval* state, const numerics::Interval* input,
            numerics::Interval* out) const override {
    Cell::next(net_, state, gates(state, input), out);
  }
  void next(const numerics::Jet* state, const numerics::Jet* input,
            numerics::Jet* out) const override {
    Cell::next(net_, state, gates(state, input), out);
  }
  void jacobians(const numerics::Interval* state, const numerics::Interval* input,
                 numerics::Interval* by_state, numerics::Interval* by_input) const override {
    const numerics::Interval* g = gates(state, input);
    Cell::jacobian(net_, state, g, by_state);
    if (by_input != nullptr) Cell::input_jacobian(net_, state, g, by_input);
  }

  void lift_box(const numerics::Interval* points, const numerics::Interval* input,
                numerics::Interval* states) const override {
    if (extras_.lift_box)
      extras_.lift_box(net_, points, input, states);
    else
      std::copy(points, points + n_states(), states);
  }

  const Network& network() const { return net_; }

 private:
  class RowScaled : public dynamics::RowScaledEnclosure {
   public:
    explicit RowScaled(const CellSystem& system)
        : system_(system),
          weights_(n_terms() * system.n_states(), system.n_states()),
          weight_sums_(weights_.rows()) {
      const Index n = system.n_states();
      if constexpr (RowScaledCell<Cell>)
        for (Index k = 0; k < Cell::kTerms; ++k)
          weights_.middleRows(k * n, n) =
              Eigen::Map<const Matrix>(recurrent_block(system.net_, Cell::term_gate(k)), n, n);
      // Sums of n numbers that are not negative are off by less than n units in the last place.
      const double rounding = static_cast<double>(n + 4) * std::numeric_limits<double>::epsilon();
      for (Index i = 0; i < weights_.rows(); ++i)
        weight_sums_(i) = weights_.row(i).cwiseAbs().sum() * (1 + rounding);
    }
    Index n_terms() const override {
      if constexpr (RowScaledCell<Cell>) return Cell::kTerms;
      return 0;
    }
    const Matrix& weights() const override { return weights_; }
    double diagonal() const override { return system_.is_flow() ? -1 : 0; }
    void scales(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
      if constexpr (RowScaledCell<Cell>)
        system_.for_each_row(states, inputs, [&](Index row, const double* h, const double* g) {
          Cell::row_scales(system_.net_, h, g, out.row(row).data());
        });
    }
    void enclose(std::span<const numerics::Interval> box, ConstVectorRef input,
                 std::span<numerics::Interval> values,
                 std::span<numerics::Interval> scales) const override {
      if constexpr (RowScaledCell<Cell>) {
        const numerics::Interval* g = system_.gates(box.data(), as_intervals(input));
        Cell::next(system_.net_, box.data(), g, values.data());
        Cell::row_scales(system_.net_, box.data(), g, scales.data());
        if (system_.is_flow())
          for (std::size_t i = 0; i < values.size(); ++i) values[i] -= box[i];
      }
    }
    const Vector& weight_sums() const override { return weight_sums_; }

   private:
    const CellSystem& system_;
    Matrix weights_;
    Vector weight_sums_;
  };

  // Valid until the next call of this thread.
  template <class Scalar>
  const Scalar* gates(const Scalar* state, const Scalar* input) const {
    thread_local Scratch<Scalar> scratch;
    Scalar* g = scratch.get(Cell::kSlots * net_.n_units());
    Cell::gates(net_, state, input, g);
    return g;
  }

  // Calls body(row, state, gates) for each row; gates are computed for blocks of rows at once.
  template <class Body>
  void for_each_row(ConstMatrixRef states, ConstMatrixRef inputs, Body&& body) const {
    thread_local Scratch<double> scratch;
    for (Index first = 0; first < states.rows(); first += kRowsPerBlock) {
      const Index count = std::min(kRowsPerBlock, states.rows() - first);
      auto gates = scratch.matrix(count, Cell::kSlots * net_.n_units());
      const auto block = states.middleRows(first, count);
      if (inputs.rows() == 1)
        Cell::gates_batch(net_, block, inputs, gates);
      else
        Cell::gates_batch(net_, block, inputs.middleRows(first, count), gates);
      for (Index b = 0; b < count; ++b)
        body(first + b, states.row(first + b).data(), gates.row(b).data());
    }
  }

  // Cells write whole matrices; an `out` with gaps between its rows goes through a copy.
  template <class Body>
  static void with_contiguous(MatrixRef out, Body&& body) {
    if (out.outerStride() == out.cols() || out.rows() <= 1) {
      body(out.data());
      return;
    }
    Matrix copy(out.rows(), out.cols());
    body(copy.data());
    out = copy;
  }

  Network net_;
  CellExtras extras_;
  std::unique_ptr<RowScaled> row_scaled_;
  mutable std::once_flag latent_once_;
  mutable std::unique_ptr<dynamics::Latent> latent_;
};

}  // namespace nullcline::models::internal
