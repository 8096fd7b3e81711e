// SPDX-License-Identifier: BSD-3-Clause
// A system whose equations are Python functions.
#include <fmt/format.h>
#include <nanobind/stl/unique_ptr.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::python {

namespace {

using dynamics::Time;
using namespace nb::literals;

std::string shape_text(const std::vector<Index>& shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + ")";
}

/// Each function takes (inputs, states), both with one row per state, and is called once per batch,
/// under one hold of the GIL. Values that are not finite pass through: far away from where a system
/// lives they mean divergence, which searches know how to treat.
class CallbackSystem : public dynamics::System {
 public:
  CallbackSystem(Time time, Index n_states, Index n_inputs, nb::object evaluate,
                 nb::object jacobian, nb::object input_jacobian)
      : time_(time),
        n_states_(n_states),
        n_inputs_(n_inputs),
        evaluate_(std::move(evaluate)),
        jacobian_(std::move(jacobian)),
        input_jacobian_(std::move(input_jacobian)) {}

  Time time() const override { return time_; }
  Index n_states() const override { return n_states_; }
  Index n_inputs() const override { return n_inputs_; }

  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    call(evaluate_, "function", states, inputs, {states.rows(), n_states_}, out);
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    call(jacobian_, "jac", states, inputs, {states.rows(), n_states_, n_states_}, out);
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    call(input_jacobian_, "input_jac", states, inputs, {states.rows(), n_states_, n_inputs_}, out);
  }
  std::string no_trapping_box_reason() const override {
    return "no trapping set is known of a system that is a Python function";
  }

 private:
  static void call(const nb::object& function, const char* name, ConstMatrixRef states,
                   ConstMatrixRef inputs, const std::vector<Index>& shape, MatrixRef out) {
    if (states.rows() == 0) return;
    const nb::gil_scoped_acquire acquire;
    const Matrix input_rows = inputs.rows() == states.rows()
                                  ? Matrix(inputs)
                                  : Matrix(inputs.replicate(states.rows(), 1));
    // Copies: a function may keep what it was given.
    const nb::object result = function(to_numpy(input_rows), to_numpy(Matrix(states)));
    const Floats values(name, result);
    bool fits = values.n_axes() == shape.size();
    for (std::size_t axis = 0; fits && axis < shape.size(); ++axis)
      fits = values.extent(axis) == shape[axis];
    if (!fits)
      throw InvalidInput(fmt::format(
          "{}: returned shape {} for states of shape {}, expected {}", name, values.shape(),
          shape_text({states.rows(), states.cols()}), shape_text(shape)));
    out = Eigen::Map<const Matrix>(values.data(), out.rows(), out.cols());
  }

  Time time_;
  Index n_states_, n_inputs_;
  nb::object evaluate_, jacobian_, input_jacobian_;
};

}  // namespace

void bind_callback_system(nb::module_& module) {
  module.def(
      "callback_system",
      [](const std::string& time, Index n_states, Index n_inputs, nb::object evaluate,
         nb::object jacobian, nb::object input_jacobian) -> std::unique_ptr<dynamics::System> {
        if (n_states < 1)
          throw InvalidInput(fmt::format("n_states: found {}, expected at least 1", n_states));
        if (n_inputs < 0)
          throw InvalidInput(fmt::format("n_inputs: found {}, expected at least 0", n_inputs));
        return std::make_unique<CallbackSystem>(parse_enum<Time>(time, "time"), n_states, n_inputs,
                                                std::move(evaluate), std::move(jacobian),
                                                std::move(input_jacobian));
      },
      "time"_a, "n_states"_a, "n_inputs"_a, "evaluate"_a, "jacobian"_a, "input_jacobian"_a,
      "A system of functions (inputs, states) -> array; nullcline.system_from makes them.");
}

}  // namespace nullcline::python
