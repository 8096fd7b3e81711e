// SPDX-License-Identifier: BSD-3-Clause
// One system for every cell: batches, Jacobians and extras from the functions of a cell.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models::internal {

constexpr Index kRowsPerBlock = 128;

/// Encloses a cell's map (or its flow F - h) and Jacobian over boxes.
template <class Cell>
class CellIntervals : public dynamics::IntervalExtension {
 public:
  CellIntervals(const Network& net, bool flow) : net_(net), flow_(flow) {}

  void evaluate(std::span<const numerics::Interval> box, ConstVectorRef input,
                std::span<numerics::Interval> out) const override {
    const auto gates = gates_over(box, input);
    Cell::next(net_, box.data(), gates.data(), out.data());
    if (flow_)
      for (std::size_t i = 0; i < out.size(); ++i) out[i] -= box[i];
  }

  void jacobian(std::span<const numerics::Interval> box, ConstVectorRef input,
                std::span<numerics::Interval> out) const override {
    const auto gates = gates_over(box, input);
    Cell::jacobian(net_, box.data(), gates.data(), out.data());
    if (flow_)
      for (std::size_t i = 0; i < box.size(); ++i) out[i * box.size() + i] -= 1.0;
  }

 private:
  std::vector<numerics::Interval> gates_over(std::span<const numerics::Interval> box,
                                             ConstVectorRef input) const {
    const std::vector<numerics::Interval> x(input.data(), input.data() + input.size());
    std::vector<numerics::Interval> gates(static_cast<std::size_t>(Cell::kSlots * net_.n_units()));
    Cell::gates(net_, box.data(), x.data(), gates.data());
    return gates;
  }

  const Network& net_;
  bool flow_;
};

/// What a cell adds to its formulas when it becomes a system.
struct CellExtras {
  Index n_states = 0;
  std::unique_ptr<dynamics::System> reduced;
  std::function<Matrix(const Network&, ConstMatrixRef points, ConstMatrixRef inputs)> lift;
  std::function<Matrix(const Network&, ConstMatrixRef states)> restrict_states;
  bool has_unit_box = false;  ///< tanh: [-1, 1]^n is mapped into its interior
  std::string no_box_reason;  ///< why not
  std::function<double(const Network&, ConstVectorRef state, ConstVectorRef input)> kink_distance;
};

template <class Cell>
class CellSystem : public dynamics::System {
 public:
  CellSystem(Network net, dynamics::Time time, CellExtras extras)
      : net_(std::move(net)),
        time_(time),
        extras_(std::move(extras)),
        intervals_(net_, time == dynamics::Time::continuous) {}
  CellSystem(const CellSystem&) = delete;  // intervals_ refers to net_
  CellSystem& operator=(const CellSystem&) = delete;

  dynamics::Time time() const override { return time_; }
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

  const dynamics::System* reduced() const override { return extras_.reduced.get(); }
  Matrix lift(ConstMatrixRef points, ConstMatrixRef inputs) const override {
    return extras_.lift ? extras_.lift(net_, points, inputs) : Matrix(points);
  }
  Matrix restrict_states(ConstMatrixRef states) const override {
    return extras_.restrict_states ? extras_.restrict_states(net_, states) : Matrix(states);
  }

  std::optional<dynamics::Box> trapping_box() const override {
    if (!extras_.has_unit_box) return std::nullopt;
    return dynamics::Box{Vector::Constant(n_states(), -1.0), Vector::Constant(n_states(), 1.0)};
  }
  std::string no_trapping_box_reason() const override { return extras_.no_box_reason; }
  bool has_kinks() const override { return net_.activation == Activation::relu; }
  double kink_distance(ConstVectorRef state, ConstVectorRef input) const override {
    return has_kinks() && extras_.kink_distance ? extras_.kink_distance(net_, state, input)
                                                : System::kink_distance(state, input);
  }

  const dynamics::IntervalExtension* intervals() const override { return &intervals_; }

  std::optional<dynamics::DirectionalDerivatives> directional_derivatives(
      ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const override {
    using numerics::Jet;
    const Index n = n_states();
    std::vector<Jet> h(static_cast<std::size_t>(n)), x(input.begin(), input.end()), out(h.size());
    for (Index i = 0; i < n; ++i)
      h[static_cast<std::size_t>(i)] = Jet::line(state(i), direction(i));
    std::vector<Jet> gates(static_cast<std::size_t>(Cell::kSlots * net_.n_units()));
    Cell::gates(net_, h.data(), x.data(), gates.data());
    Cell::next(net_, h.data(), gates.data(), out.data());
    dynamics::DirectionalDerivatives result{Vector(n), Vector(n), Vector(n)};
    for (Index i = 0; i < n; ++i) {
      const auto& c = out[static_cast<std::size_t>(i)].c;
      result.first(i) = c[1] - (is_flow() ? direction(i) : 0.0);
      result.second(i) = 2 * c[2];
      result.third(i) = 6 * c[3];
    }
    return result;
  }

  const Network& network() const { return net_; }

 private:
  bool is_flow() const { return time_ == dynamics::Time::continuous; }

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
  dynamics::Time time_;
  CellExtras extras_;
  CellIntervals<Cell> intervals_;
};

}  // namespace nullcline::models::internal
