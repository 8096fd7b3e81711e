// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/dynamics/system.hpp"

#include <fmt/format.h>
#include <nanobind/stl/unique_ptr.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::python {

namespace {

using dynamics::System;
using namespace nb::literals;

/// States and inputs of one call; a single input is held for all states.
struct Arguments {
  Arguments(const System& system, nb::handle states_argument, nb::handle inputs_argument)
      : state_floats("states", states_argument),
        states(state_floats.rows({1, 2}, system.n_states(),
                                 fmt::format("(n, {})", system.n_states()))) {
    if (inputs_argument.is_none()) {
      inputs = Matrix::Zero(1, system.n_inputs());
      return;
    }
    const Floats floats("inputs", inputs_argument);
    const std::string expected =
        fmt::format("({},) or ({}, {})", system.n_inputs(), states.rows(), system.n_inputs());
    inputs = floats.rows({1, 2}, system.n_inputs(), expected);
    if (inputs.rows() != 1 && inputs.rows() != states.rows()) floats.refuse(expected);
  }

  Floats state_floats;
  Eigen::Map<const Matrix> states;
  Matrix inputs;
};

std::size_t count(Index n) { return static_cast<std::size_t>(n); }

nb::object evaluate(const System& system, nb::handle states, nb::handle inputs) {
  const Arguments arguments(system, states, inputs);
  Matrix out(arguments.states.rows(), system.n_states());
  {
    const nb::gil_scoped_release release;
    system.evaluate(arguments.states, arguments.inputs, out);
  }
  return to_numpy(std::move(out));
}

nb::object jacobian(const System& system, nb::handle states, nb::handle inputs) {
  const Arguments arguments(system, states, inputs);
  const Index n = system.n_states();
  Matrix out(arguments.states.rows() * n, n);
  {
    const nb::gil_scoped_release release;
    system.jacobian(arguments.states, arguments.inputs, out);
  }
  return to_numpy(std::move(out), {count(arguments.states.rows()), count(n), count(n)});
}

nb::object input_jacobian(const System& system, nb::handle states, nb::handle inputs) {
  const Arguments arguments(system, states, inputs);
  const Index n = system.n_states();
  Matrix out(arguments.states.rows() * n, system.n_inputs());
  {
    const nb::gil_scoped_release release;
    system.input_jacobian(arguments.states, arguments.inputs, out);
  }
  return to_numpy(std::move(out),
                  {count(arguments.states.rows()), count(n), count(system.n_inputs())});
}

nb::object trapping_box(const System& system) {
  const std::optional<dynamics::Box> box = system.trapping_box();
  if (!box) return nb::none();
  return nb::make_tuple(to_numpy(box->lower), to_numpy(box->upper));
}

}  // namespace

void bind_system(nb::module_& module) {
  nb::class_<System> system(
      module, "System", nb::dynamic_attr(),
      "What analysis sees: a map h' = F(h, x) or a flow dh/dt = f(h, x) of a state h of n_states\n"
      "numbers under an input x of n_inputs numbers. Made by Network.system or system_from.\n\n"
      "Batches are rows: states (n, n_states), inputs (n_inputs,) held for all of them or\n"
      "(n, n_inputs); None: zeros. Shapes that do not fit raise ValueError.");
  system.def_prop_ro(
      "time", [](const System& s) { return std::string(name_of(s.time())); },
      "\"discrete\" (a map) or \"continuous\" (a flow)");
  system.def_prop_ro("n_states", &System::n_states);
  system.def_prop_ro("n_inputs", &System::n_inputs);
  const char* arguments =
      "states: numpy.typing.ArrayLike, inputs: numpy.typing.ArrayLike | None = None";
  const auto batched = [&](const char* name, auto function, const char* doc) {
    system.def(name, function, "states"_a, "inputs"_a = nb::none(),
               nb::sig(fmt::format("def {}(self, {}) -> numpy.ndarray", name, arguments).c_str()),
               doc);
  };
  batched("evaluate", &evaluate, "F at each state: (n, n_states).");
  batched("jacobian", &jacobian, "dF/dh at each state: (n, n_states, n_states).");
  batched("input_jacobian", &input_jacobian, "dF/dx at each state: (n, n_states, n_inputs).");
  system.def_prop_ro("parameter_names", &System::parameter_names);
  system.def(
      "parameter", [](const System& s, const std::string& name) { return s.parameter(name); },
      "name"_a);
  system.def(
      "with_parameter",
      [](const System& s, const std::string& name, double value) {
        return s.with_parameter(name, value);
      },
      "name"_a, "value"_a, "The same system with one parameter changed.");
  system.def(
      "parameter_derivative",
      [](const System& s, const std::string& name, nb::handle states, nb::handle inputs) {
        const Arguments at(s, states, inputs);
        Matrix out(at.states.rows(), s.n_states());
        s.parameter_derivative(name, at.states, at.inputs, out);
        return to_numpy(std::move(out));
      },
      "name"_a, "states"_a, "inputs"_a = nb::none(),
      nb::sig(
          fmt::format("def parameter_derivative(self, name: str, {}) -> numpy.ndarray", arguments)
              .c_str()),
      "dF/dp at each state, by the parameter of this name: (n, n_states).");
  system.def_prop_ro(
      "trapping_box", &trapping_box,
      nb::sig("def trapping_box(self) -> tuple[numpy.ndarray, numpy.ndarray] | None"),
      "Lower and upper corner of a box that the system enters and never leaves, or None.");
  system.def("__repr__", [](const System& s) {
    return fmt::format("<nullcline.System: {}, {} states, {} inputs>",
                       s.time() == dynamics::Time::discrete ? "map" : "flow", s.n_states(),
                       s.n_inputs());
  });
}

}  // namespace nullcline::python
