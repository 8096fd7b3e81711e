// SPDX-License-Identifier: BSD-3-Clause
// What tasks' papers read from a trained network.
#include <fmt/format.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/task_analysis/context_integration.hpp"
#include "nullcline/task_analysis/sine.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using models::Network;
using namespace nb::literals;

std::string configuration(const char* task, const std::vector<OptionField>& task_fields,
                          const std::string& options) {
  return fmt::format(R"({{"task": {{"name": "{}", {}, "analysis": {}}})", task,
                     fields_to_json(task_fields).substr(1), options);
}

nb::tuple analyze_sine(const Network& network, const nb::dict& task_values, int n_commands,
                       const nb::dict& option_values, nb::object progress) {
  tasks::SineOptions task;
  const std::vector<OptionField> task_fields = option_fields(task);
  set_options(task_fields, task_values);
  fixed_points::SearchOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    const auto sets =
        task_analysis::find_command_points(network, task, n_commands, options, watch.progress());
    file = task_analysis::to_arrays(task_analysis::analyze_sine(network, task, sets));
    file.set_group("network", models::to_arrays(network));
    results::stamp(file, results::kSineAnalysis, "Analysis of the sine task",
                   configuration("sine", task_fields, fields_to_json(fields)), options.seed);
  });
  return to_python(std::move(file));
}

nb::tuple analyze_context_integration(const Network& network, const nb::dict& task_values,
                                      const nb::dict& option_values, nb::object progress) {
  tasks::ContextIntegrationOptions task;
  const std::vector<OptionField> task_fields = option_fields(task);
  set_options(task_fields, task_values);
  task_analysis::LineAttractorOptions options;
  const std::vector<OptionField> fields = option_fields(options);
  set_options(fields, option_values);
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    file = task_analysis::to_arrays(
        task_analysis::analyze_context_integration(network, task, options, watch.progress()));
    file.set_group("network", models::to_arrays(network));
    results::stamp(
        file, results::kContextIntegrationAnalysis, "Analysis of context-dependent integration",
        configuration("context-integration", task_fields, fields_to_json(fields)), options.seed);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_task_analysis(nb::module_& module) {
  module.def("analyze_sine", &analyze_sine, "network"_a, "task_options"_a, "commands"_a,
             "options"_a, "progress"_a.none(), "The contents of a file of the analysis.");
  module.def("analyze_context_integration", &analyze_context_integration, "network"_a,
             "task_options"_a, "options"_a, "progress"_a.none(),
             "The contents of a file of the analysis.");
}

}  // namespace nullcline::python
