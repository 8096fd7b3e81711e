// SPDX-License-Identifier: BSD-3-Clause
#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/trajectories/verdict.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

nb::tuple classify(const dynamics::System& system, nb::handle start, nb::handle input,
                   const nb::dict& option_values, nb::object progress) {
  trajectories::TrajectoryOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  const Vector begin = vector_or_empty("start", start);
  Vector held = Vector::Zero(system.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    file = to_arrays(classify_trajectory(*watched, held, begin, options, watch.progress()));
    results::stamp(file, results::kTrajectory, "Trajectory",
                   "{\"average\": " + fields_to_json(fields) + "}", 0);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_trajectories(nb::module_& module) {
  module.def("classify_trajectory", &classify, "system"_a, "start"_a, "input"_a.none(), "options"_a,
             "progress"_a.none(),
             "The contents of a file of a trajectory; nullcline.lyapunov makes an object of it.");
}

}  // namespace nullcline::python
