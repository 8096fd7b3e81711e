// SPDX-License-Identifier: BSD-3-Clause
// Maps and flows given as formulas.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/formulas/program.hpp"

namespace nullcline::models {

/// dh/dt = F(h, x) or h' = F(h, x), one formula per state.
struct Equations {
  dynamics::Time time = dynamics::Time::continuous;
  std::vector<std::string> states, inputs, parameters;
  std::vector<double> values;  ///< of the parameters
  /// Its symbols are the states, the inputs and the parameters in this order; one output per state.
  std::shared_ptr<const formulas::Program> program;
  std::optional<dynamics::Box> box;  ///< the region that is searched for fixed points
};

/// The equations as a system: exact Jacobians, intervals, directional derivatives and derivatives
/// by each parameter. Systems that differ in parameters share the compiled formulas.
/// @throws InvalidInput if sizes do not fit or a value is not finite.
std::unique_ptr<dynamics::System> make_system(const Equations& equations);

/// A place in the box where the equations are not defined: looked for on a grid, at input zero.
struct UndefinedPlace {
  std::size_t state = 0;   ///< which equation
  std::size_t column = 0;  ///< of the divisor in its formula; 0 where no divisor vanishes
  bool is_division = false;
  Vector at;  ///< a state
};
/// Nothing where none was found, there is no box, or the equations have inputs.
std::optional<UndefinedPlace> find_undefined_place(const Equations& equations);

}  // namespace nullcline::models
