// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::support {

/// A set with everything that a result file can hold: coordinates, dimensions without coordinates,
/// groups inside groups, every type, text beyond ASCII, empty arrays, numbers that are none.
/// tests/python/test_result_files.py knows these values.
inline NamedArrays one_of_everything() {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  NamedArrays arrays;
  arrays.attributes["title"] = std::string("Größe, 大きさ");
  arrays.attributes["empty"] = std::string();
  arrays.attributes["seed"] = std::int64_t{-7};
  arrays.attributes["loss"] = 0.1;
  Matrix states(2, 3);
  states << 1, kNan, kInfinity, -kInfinity, -0.0, 5e-324;
  arrays.set("states", states, {"step", "unit"}, "states of the network", "Hz");
  arrays.set_integers("unit", {10, 20, 30}, "unit", "number of the unit");
  arrays.set_strings("stability", {"stable", "", "Sattel ☡"}, "unit", "kind of point");
  arrays.set_strings("model", {"gru", "vanilla"}, "model", "name of the network");
  arrays.set_vector("accuracy", Vector::Constant(2, 0.5), "model", "accuracy");
  arrays.set_scalar("spectral_radius", 1.25, "largest eigenvalue");
  arrays.set("single", {{"unit"}, {3}, std::vector<float>{0.1F, 0.2F, 0.3F}, {}});
  arrays.set("flags",
             {{"step", "unit"}, {2, 3}, std::vector<std::uint8_t>{1, 0, 1, 0, 255, 1}, {}});
  arrays.set("label", {{}, {}, std::vector<std::string>{"one text"}, {}});
  arrays.set("none", Matrix(0, 3), {"found", "unit"}, "nothing was found");
  arrays.set("no_labels", {{"found"}, {0}, std::vector<std::string>{}, {}});
  arrays.set("cube", {{"a", "b", "c"}, {1, 2, 2}, std::vector<double>{1, 2, 3, 4}, {}});

  NamedArrays inner;
  inner.attributes["note"] = std::string("inside");
  // The same name as outside, with another extent.
  inner.set_vector("bias", Vector::LinSpaced(4, 0, 3), "unit", "bias");
  NamedArrays innermost;
  innermost.set_scalar("depth", 2, "depth");
  inner.set_group("deep", innermost);
  arrays.set_group("network", inner);
  arrays.set_group_attributes("only_attributes", {{"answer", std::int64_t{42}}});
  return arrays;
}

}  // namespace nullcline::support
