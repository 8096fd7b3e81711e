// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>

#include <optional>
#include <tuple>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/cycles/branch.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/cycles/results.hpp"
#include "nullcline/results/result_file.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using Range = std::tuple<std::string, double, double>;
using namespace nb::literals;

dynamics::Box box_of(const dynamics::System& flow, nb::handle given) {
  if (!given.is_none()) {
    const Matrix corners = matrix_or_empty("box", given);
    if (corners.rows() != 2 || corners.cols() != flow.n_states())
      throw InvalidInput("box: found shape (" + std::to_string(corners.rows()) + ", " +
                         std::to_string(corners.cols()) + "), expected (2, " +
                         std::to_string(flow.n_states()) + "): lower and upper corner");
    return {corners.row(0).transpose(), corners.row(1).transpose()};
  }
  if (const auto box = flow.trapping_box()) return *box;
  if (const auto box = flow.search_box()) return *box;
  throw InvalidInput("box: none is known in which the cycles of this system are, expected one");
}

nb::tuple find(const dynamics::System& flow, nb::handle input, nb::handle box,
               const std::optional<Range>& parameter, const nb::dict& find_values,
               const nb::dict& branch_values, nb::object progress) {
  cycles::FindOptions find_options;
  cycles::BranchOptions branch_options;
  const std::vector<OptionField> find_fields = option_fields(find_options);
  const std::vector<OptionField> branch_fields = option_fields(branch_options);
  set_options(find_fields, find_values);
  set_options(branch_fields, branch_values);
  Vector held = Vector::Zero(flow.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  if (held.size() != flow.n_inputs())
    throw InvalidInput("input: found " + std::to_string(held.size()) + " values, expected " +
                       std::to_string(flow.n_inputs()));
  const dynamics::Box where = box_of(flow, box);
  if (parameter) {
    const auto& [name, from, to] = *parameter;
    check_interval(flow, held, {name, from, to}, branch_options);
  }
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(flow, watch.abandoned());
    const cycles::CycleSet set = find_cycles(*watched, held, where, find_options, watch.progress());
    file = to_arrays(set);
    if (parameter) {
      const auto& [name, from, to] = *parameter;
      const auto is_stopped = [&] { return watch.abandoned().load(); };
      file.set_group("branches", to_arrays(continue_cycles(*watched, held, set, {name, from, to},
                                                           branch_options, is_stopped)));
    }
    results::stamp(file, results::kCycles, "Cycles",
                   "{\"simulation\": " + fields_to_json(find_fields) +
                       ", \"branches\": " + fields_to_json(branch_fields) + "}",
                   find_options.seed);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_cycles(nb::module_& module) {
  module.def("find_cycles", &find, "system"_a, "input"_a.none(), "box"_a.none(),
             "parameter"_a.none(), "options"_a, "branch_options"_a, "progress"_a.none(),
             "The contents of a file of cycles; nullcline.find_cycles makes an object of it.");
}

}  // namespace nullcline::python
