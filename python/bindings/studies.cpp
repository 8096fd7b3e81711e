// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <nlohmann/json.hpp>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/studies/collect.hpp"
#include "nullcline/studies/report.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;
using studies::Plan;

nb::list status_of(const std::string& folder) {
  std::vector<studies::UnitStatus> status;
  Plan plan;
  {
    const nb::gil_scoped_release release;
    plan = studies::read_plan(folder);
    status = read_status(folder, plan);
  }
  nb::list result;
  for (std::size_t i = 0; i < status.size(); ++i) {
    nb::dict factors;
    for (const auto& [name, value] : plan.units[i].factors) factors[name.c_str()] = value;
    nb::dict unit;
    unit["key"] = plan.units[i].key;
    unit["factors"] = factors;
    unit["state"] = std::string(name_of(status[i].state));
    unit["reason"] = status[i].failure.reason;
    unit["attempts"] = status[i].failure.attempts;
    unit["path"] = studies::unit_path(folder, plan.units[i].key);
    result.append(unit);
  }
  return result;
}

nb::dict run_units(const std::string& folder, const std::vector<std::string>& keys,
                   const std::string& shard, bool retry_failed, nb::object progress) {
  studies::RunSummary summary;
  Watch watch(std::move(progress));
  watch.run([&] {
    const Plan plan = studies::read_plan(folder);
    summary = run_study(folder, plan, {shard, retry_failed, keys},
                        watch.progress(Watch::Abandon::asks_to_stop));
  });
  nb::dict result;
  result["n_units"] = summary.n_units;
  result["n_present"] = summary.n_present;
  result["n_done"] = summary.n_done;
  result["n_diverged"] = summary.n_diverged;
  result["n_failed"] = summary.n_failed;
  result["failures"] = summary.failures;
  result["interrupted"] = summary.is_interrupted;
  return result;
}

nb::tuple collected(const std::string& folder) {
  NamedArrays file;
  {
    const nb::gil_scoped_release release;
    const Plan plan = studies::read_plan(folder);
    file = collect(folder, plan);
    results::stamp(file, results::kStudy, "Population: " + plan.name, plan.study, 0);
  }
  return to_python(std::move(file));
}

nb::tuple compared(const std::string& folder, const nb::dict& values, const std::string& page,
                   nb::object progress) {
  studies::CompareOptions options;
  set_options(option_fields(options), values);
  NamedArrays file;
  std::string document;
  Watch watch(std::move(progress));
  watch.run([&] {
    const Plan plan = studies::read_plan(folder);
    const NamedArrays population = collect(folder, plan);
    const auto comparisons = compare_study(folder, plan, options, watch.progress());
    const nlohmann::ordered_json json = study_document(folder, plan, population, comparisons);
    document = json.dump();
    file = to_arrays(comparisons, plan);
    results::stamp(file, results::kComparison, "Comparison of the networks of " + plan.name,
                   "{\"compare\": " + fields_to_json(option_fields(options)) + "}", options.seed);
    if (!page.empty()) io::write_text(page, study_page(plan, json));
  });
  return nb::make_tuple(document, to_python(std::move(file)));
}

}  // namespace

void bind_studies(nb::module_& module) {
  module.def(
      "plan_study",
      [](const std::string& toml, const std::string& source, const std::string& folder) {
        write_plan(folder, studies::make_plan(toml, source));
      },
      "toml"_a, "source"_a, "folder"_a, "Writes the plan of a study; nullcline.Study calls it.");
  module.def("study_status", &status_of, "folder"_a, "Each unit's key, factors and state.");
  module.def("run_study", &run_units, "folder"_a, "keys"_a, "shard"_a, "retry_failed"_a,
             "progress"_a.none(), "Does missing units.");
  module.def("collect_study", &collected, "folder"_a, "The contents of a population's file.");
  module.def("compare_study", &compared, "folder"_a, "options"_a, "page"_a, "progress"_a.none(),
             "The document of a comparison as JSON, and its distances; writes a page if named.");
}

}  // namespace nullcline::python
