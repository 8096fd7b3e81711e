// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/results/census_page.hpp"
#include "nullcline/results/result_file.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;
using results::CensusFamily;
using results::CensusResult;

nb::tuple take(const std::string& what, const interchange::ParameterValues& parameters,
               const std::string& vary, const nb::dict& sample_values, const nb::dict& range_values,
               const nb::dict& skeleton_values, nb::object progress) {
  census::SampleOptions sample;
  census::SkeletonOptions skeleton;
  results::CellRanges ranges;
  set_options(option_fields(sample), sample_values);
  set_options(option_fields(ranges), range_values);
  set_options(option_fields(skeleton), skeleton_values);
  const bool is_model = interchange::is_model_path(what);
  if (!is_model && !parameters.empty())
    throw InvalidInput("parameters: are for model files (.toml), found " + what);
  CensusResult result{
      is_model ? CensusFamily::of_model(interchange::read_model(what, parameters), vary)
               : CensusFamily::of_cell(parse_enum<models::CellKind>(what, "cell"), ranges, vary),
      {},
      sample.grid == 0 && sample.seek == census::Seek::none};
  NamedArrays file;
  Watch watch(std::move(progress));
  watch.run([&] {
    result.census = take_census(result.family.family(), result.family.ranges(), sample, skeleton,
                                watch.progress());
    file = census_to_arrays(result);
    results::stamp(file, results::kCensus, "Census of " + result.family.description(),
                   "{\"sample\": " + fields_to_json(option_fields(sample)) +
                       ", \"cell\": " + fields_to_json(option_fields(ranges)) +
                       ", \"skeleton\": " + fields_to_json(option_fields(skeleton)) + "}",
                   sample.seed);
  });
  return to_python(std::move(file));
}

}  // namespace

void bind_census(nb::module_& module) {
  module.def("census", &take, "what"_a, "parameters"_a, "vary"_a, "sample"_a, "ranges"_a,
             "skeleton"_a, "progress"_a.none(),
             "The contents of a file of a census; nullcline.census makes an object of it.");
  module.def(
      "check_census",
      [](const std::string& path, nb::handle contents) {
        results::census_from_arrays(named_arrays(contents), path);
      },
      "path"_a, "contents"_a, "Refuses a file of a census whose arrays do not fit each other.");
  module.def(
      "census_model",
      [](nb::handle contents, Index i) {
        const CensusResult result = results::census_from_arrays(named_arrays(contents), "census");
        return result.family.model_text(
            result.census.topologies.at(static_cast<std::size_t>(i)).values);
      },
      "contents"_a, "i"_a, "A model file of the first network of topology i.");
  module.def(
      "write_census_page",
      [](const std::string& path, nb::handle contents, const std::string& title) {
        const CensusResult result = results::census_from_arrays(named_arrays(contents), "census");
        const nb::gil_scoped_release release;
        io::write_text(path, census_page(result, title));
      },
      "path"_a, "contents"_a, "title"_a, "Writes the gallery of a census.");
}

}  // namespace nullcline::python
