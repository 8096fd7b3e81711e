// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>

#include <optional>
#include <tuple>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/continuation/continue.hpp"
#include "nullcline/cycles/born.hpp"
#include "nullcline/cycles/results.hpp"
#include "nullcline/results/result_file.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using continuation::ContinuationOptions;
using continuation::ParameterRange;
using Range = std::tuple<std::string, double, double>;
using namespace nb::literals;

struct Options {
  ContinuationOptions continuation;
  cycles::BornOptions cycles;
};

std::vector<OptionField> all_fields(Options& options) {
  std::vector<OptionField> fields = option_fields(options.continuation);
  for (OptionField& field : option_fields(options.continuation.search))
    fields.push_back(std::move(field));
  for (OptionField& field : option_fields(options.cycles)) fields.push_back(std::move(field));
  return fields;
}

ParameterRange range_of(const Range& range) {
  return {std::get<0>(range), std::get<1>(range), std::get<2>(range)};
}

nb::tuple run(const dynamics::System& system, nb::handle input, const Range& parameter,
              const std::optional<Range>& second, const nb::dict& option_values,
              nb::object progress) {
  Options options;
  set_options(all_fields(options), option_values);
  Vector held = Vector::Zero(system.n_inputs());
  if (!input.is_none()) held = vector_or_empty("input", input);
  std::optional<ParameterRange> second_range;
  if (second) second_range = range_of(*second);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto watched = abandonable(system, watch.abandoned());
    continuation::Continuation found = continue_branches(
        *watched, held, range_of(parameter), second_range, options.continuation, watch.progress());
    const cycles::BornBranches born =
        continue_born_cycles(*watched, found, options.cycles, watch.progress());
    found.warnings.insert(found.warnings.end(), born.warnings.begin(), born.warnings.end());
    file = to_arrays(found);
    if (!born.branches.empty()) file.set_group("cycles", to_arrays(born.branches));
    const auto text = [](auto& fields) { return fields_to_json(option_fields(fields)); };
    results::stamp(file, results::kContinuation, "Continuation",
                   "{\"continuation\": " + text(options.continuation) +
                       ", \"cycles\": " + text(options.cycles) +
                       ", \"search\": " + text(options.continuation.search) + "}",
                   options.continuation.search.seed);
  });
  return to_python(std::move(file));
}

// Whether the arrays of a file fit each other.
void check(const std::string& path, nb::handle contents) {
  const NamedArrays arrays = named_arrays(contents);
  results::reading(path, [&] { return continuation::continuation_from_arrays(arrays); });
}

}  // namespace

void bind_continuation(nb::module_& module) {
  module.def("continue_branches", &run, "system"_a, "input"_a.none(), "parameter"_a,
             "second"_a.none(), "options"_a, "progress"_a.none(),
             "The contents of a file of branches; nullcline.continuation makes an object of it.");
  module.def("check_continuation", &check, "path"_a, "contents"_a,
             "Refuses a file of branches whose arrays do not fit each other.");
  module.def(
      "continuation_options",
      [] {
        Options options;
        return defaults(all_fields(options));
      },
      "Every option of the continuation with its default.");
}

}  // namespace nullcline::python
