// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/sweeps/sweep.hpp"

#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/results/result_file.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

nb::tuple run(const dynamics::System& system, const std::string& quantity,
              const std::vector<std::tuple<std::string, double, double, int>>& given,
              nb::handle input, const nb::dict& option_values, nb::object progress) {
  sweeps::SweepOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  const auto wanted = parse_enum<sweeps::Quantity>(quantity, "quantity");
  std::vector<sweeps::Axis> axes;
  for (const auto& [name, from, to, steps] : given) axes.push_back({name, from, to, steps});
  Vector held = Vector::Zero(system.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    file = to_arrays(sweeps::sweep(*watched, held, axes, wanted, options, watch.progress()));
    results::stamp(file, results::kSweep, "Sweep", "{\"search\": " + fields_to_json(fields) + "}",
                   options.seed);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_sweeps(nb::module_& module) {
  module.def("sweep", &run, "system"_a, "quantity"_a, "axes"_a, "input"_a.none(), "options"_a,
             "progress"_a.none(),
             "The contents of a file of a sweep; nullcline.sweep makes an object of it.");
}

}  // namespace nullcline::python
