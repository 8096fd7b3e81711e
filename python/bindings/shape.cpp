// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/shape.hpp"

#include <fmt/format.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

void expect_finite(const char* name, ConstMatrixRef values) {
  if (!values.allFinite())
    throw InvalidInput(fmt::format("{}: found values that are not finite", name));
}

nb::dict shape(nb::handle states, nb::handle readouts, nb::handle level) {
  const Matrix cloud = matrix_or_empty("states", states);
  const Matrix outputs =
      readouts.is_none() ? Matrix(cloud.rows(), 0) : matrix_or_empty("readouts", readouts);
  if (outputs.rows() != cloud.rows())
    throw InvalidInput(fmt::format("readouts: found {} rows, expected {}, one per state",
                                   outputs.rows(), cloud.rows()));
  const Vector levels = vector_or_empty("level", level);
  if (levels.size() != 0 && levels.size() != outputs.cols())
    throw InvalidInput(fmt::format("level: found {} values, expected {}, one per channel",
                                   levels.size(), outputs.cols()));
  expect_finite("states", cloud);
  expect_finite("readouts", outputs);
  const results::Shape found = results::shape_of(cloud, outputs, levels);
  nb::list distances;
  for (const results::PairDistances& group : results::pair_distances(cloud, outputs))
    distances.append(
        nb::make_tuple(group.n_differing, group.n_pairs, group.least, group.mean, group.largest));
  nb::dict result;
  result["n_states"] = found.n_states;
  result["explained_variance"] = to_numpy(found.explained_variance);
  result["level"] = to_numpy(found.level);
  result["decided"] = nb::cast(found.decided);
  result["n_corners"] = found.n_corners;
  result["distances"] = distances;
  result["channel_shares"] = to_numpy(results::channel_shares(cloud, outputs));
  return result;
}

}  // namespace

void bind_shape(nb::module_& module) {
  module.def("shape", &shape, "states"_a.none(), "readouts"_a.none(), "level"_a.none(),
             "The fields of a nullcline.Shape.");
}

}  // namespace nullcline::python
