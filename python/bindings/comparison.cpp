// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "arrays.hpp"
#include "module.hpp"
#include "nullcline/comparison/embedding.hpp"
#include "nullcline/comparison/pairs.hpp"
#include "nullcline/comparison/separation.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/results/compared.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace nullcline::python {

namespace {

using namespace nb::literals;

comparison::MeasureOptions measure_options(const nb::dict& values, std::uint64_t seed) {
  comparison::MeasureOptions options;
  set_options(option_fields(options), values);
  options.seed = seed;
  return options;
}

// Samples (n, n_units), or (n_trials, n_steps, n_units).
comparison::Activity activity(nb::handle value, std::size_t number) {
  const std::string name = "networks[" + std::to_string(number) + "]";
  const Floats floats(name.c_str(), value);
  const std::size_t n_axes = floats.n_axes();
  const std::string expected = "(n, n_units) or (n_trials, n_steps, n_units)";
  if (n_axes < 2 || n_axes > 3 || floats.extent(n_axes - 1) < 1) floats.refuse(expected);
  const Eigen::Map<const Matrix> samples = floats.rows({2, 3}, floats.extent(n_axes - 1), expected);
  try {
    return comparison::make_activity(samples, n_axes == 3 ? floats.extent(0) : 1);
  } catch (const InvalidInput& error) {
    throw InvalidInput(name + ": " + error.what());
  }
}

nb::tuple compare_activities(const std::vector<nb::object>& values, const nb::dict& option_values,
                             std::uint64_t seed, nb::object progress) {
  const comparison::MeasureOptions options = measure_options(option_values, seed);
  std::vector<comparison::Activity> activities;
  for (std::size_t i = 0; i < values.size(); ++i) activities.push_back(activity(values[i], i));
  Matrix distances;
  Watch watch(std::move(progress));
  watch.run(
      [&] { distances = comparison::pairwise_distances(activities, options, watch.progress()); });
  return nb::make_tuple(to_numpy(std::move(distances)), comparison::sample_warning(activities));
}

nb::object compare_graphs(const std::vector<nb::object>& values, const nb::dict& option_values,
                          std::uint64_t seed, nb::object progress) {
  const comparison::MeasureOptions options = measure_options(option_values, seed);
  std::vector<std::vector<comparison::PointGraph>> graphs;
  for (std::size_t i = 0; i < values.size(); ++i)
    graphs.push_back(
        results::point_graphs("networks[" + std::to_string(i) + "]", named_arrays(values[i])));
  Matrix distances;
  Watch watch(std::move(progress));
  watch.run([&] { distances = comparison::pairwise_distances(graphs, options, watch.progress()); });
  return to_numpy(std::move(distances));
}

nb::object compare_machines(const std::vector<nb::object>& values) {
  std::vector<comparison::Automaton> automata;
  for (std::size_t i = 0; i < values.size(); ++i)
    automata.push_back(
        results::automaton("networks[" + std::to_string(i) + "]", named_arrays(values[i])));
  return to_numpy(comparison::pairwise_distances(automata));
}

double noise(nb::handle first, nb::handle second, const nb::dict& option_values) {
  return comparison::sampling_noise(results::point_graphs("first", named_arrays(first)),
                                    results::point_graphs("second", named_arrays(second)),
                                    measure_options(option_values, 0));
}

nb::tuple embed(nb::handle distances, int n_dimensions, bool by_majorization,
                nb::handle reference) {
  const Matrix given = matrix_or_empty("distances", distances);
  const comparison::ClassicalScaling start = comparison::classical_scaling(given, n_dimensions);
  Matrix points = start.points;
  double stress = 0;
  if (by_majorization) {
    comparison::Smacof scaled = comparison::smacof(given, start.points);
    points = std::move(scaled.points);
    stress = scaled.stress.empty() ? 0 : scaled.stress.back();
  }
  if (!reference.is_none())
    points = comparison::align(points, matrix_or_empty("reference", reference));
  return nb::make_tuple(to_numpy(std::move(points)), stress, to_numpy(start.eigenvalues));
}

nb::tuple separate(nb::handle distances, const std::vector<std::string>& labels, int n_permutations,
                   std::uint64_t seed) {
  const comparison::Separation found = comparison::separation(
      matrix_or_empty("distances", distances), labels, {n_permutations, seed});
  return nb::make_tuple(found.statistic, found.p_value, found.groups,
                        std::vector<std::int64_t>(found.sizes.begin(), found.sizes.end()));
}

}  // namespace

void bind_comparison(nb::module_& module) {
  module.def("compare_activities", &compare_activities, "values"_a, "options"_a, "seed"_a,
             "progress"_a.none(), "Distances of all pairs, and a warning or an empty text.");
  module.def("compare_graphs", &compare_graphs, "values"_a, "options"_a, "seed"_a,
             "progress"_a.none(), "Distances of all pairs of contents of files of graphs.");
  module.def("compare_machines", &compare_machines, "values"_a,
             "Distances of all pairs of contents of files of state machines.");
  module.def("sampling_noise", &noise, "first"_a, "second"_a, "options"_a,
             "What graphs of equal networks are expected to differ by.");
  module.def("embed", &embed, "distances"_a, "n_dimensions"_a, "by_majorization"_a,
             "reference"_a.none(), "Points, stress and the eigenvalues of classical scaling.");
  module.def("separation", &separate, "distances"_a, "labels"_a, "n_permutations"_a, "seed"_a,
             "Statistic, p-value, groups and their sizes.");
  module.def(
      "measure_options",
      [] {
        comparison::MeasureOptions options;
        return defaults(option_fields(options));
      },
      "Every option of the measures with its default.");
}

}  // namespace nullcline::python
