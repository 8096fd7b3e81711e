// SPDX-License-Identifier: BSD-3-Clause
// A perturbation study as named arrays.
#include <algorithm>

#include "nullcline/perturbation/types.hpp"

namespace nullcline::perturbation {

namespace {

// Levels may have fewer trials than others; what is missing is NaN, or -1.
template <class Get>
NamedArray table(const Study& study, std::size_t n_trials, const char* long_name, Get&& get) {
  NamedArray array;
  array.dimensions = {"level", "trial"};
  array.shape = {study.levels.size(), n_trials};
  using Value = std::decay_t<decltype(get(Trial()))>;
  using Stored = std::conditional_t<std::is_integral_v<Value>, std::int64_t, double>;
  const Trial none;
  std::vector<Stored> values;
  for (const Level& level : study.levels)
    for (std::size_t i = 0; i < n_trials; ++i)
      values.push_back(static_cast<Stored>(get(i < level.trials.size() ? level.trials[i] : none)));
  array.data = std::move(values);
  array.attributes = {{"long_name", std::string(long_name)}, {"units", std::string("1")}};
  return array;
}

}  // namespace

NamedArrays to_arrays(const Study& study) {
  NamedArrays arrays;
  std::size_t n_trials = 1;
  std::vector<std::string> kinds;
  std::vector<std::int64_t> counts;
  Vector levels(static_cast<Index>(study.levels.size()));
  for (std::size_t k = 0; k < study.levels.size(); ++k) {
    const Level& level = study.levels[k];
    kinds.emplace_back(name_of(level.kind));
    levels(static_cast<Index>(k)) = level.level;
    counts.push_back(static_cast<std::int64_t>(level.trials.size()));
    n_trials = std::max(n_trials, level.trials.size());
  }
  arrays.set_strings("kind", kinds, "level", "what was done to the recurrent weights");
  arrays.set_vector("size", levels, "level", "standard deviation of noise, share of pruning");
  arrays.set_integers("n_trials", counts, "level", "networks");
  const auto add = [&](const char* name, const char* long_name, auto&& get) {
    arrays.set(name, table(study, n_trials, long_name, get));
  };
  if (study.has_error) {
    add("error", "mean square error on the task", [](const Trial& t) { return t.error; });
    arrays.set_scalar("reference_error", study.reference.error, "error of the network itself");
  }
  if (study.has_structure) {
    add("n_points", "fixed points", [](const Trial& t) { return t.n_points; });
    add("n_stable", "stable ones", [](const Trial& t) { return t.n_stable; });
    add("points_kept", "fixed points of the network that are still there",
        [](const Trial& t) { return t.points_kept; });
    add("stability_kept", "of these, with as many unstable directions",
        [](const Trial& t) { return t.stability_kept; });
    add("edges_kept", "edges of the graph that are still there",
        [](const Trial& t) { return t.edges_kept; });
    add("cycles_kept", "cycles that are still there", [](const Trial& t) { return t.cycles_kept; });
    add("index_sum", "sum of the indices", [](const Trial& t) { return t.index_sum; });
    arrays.set_scalar("reference_points", study.reference.n_points, "fixed points of the network");
    arrays.set_scalar("reference_stable", study.reference.n_stable, "stable ones");
    arrays.set_scalar("reference_edges", study.reference.n_edges, "edges of its graph");
    arrays.set_scalar("reference_cycles", study.reference.n_cycles, "its cycles");
    arrays.set_scalar("reference_index_sum", study.reference.index_sum, "sum of the indices");
  }
  arrays.set_scalar("seconds", study.seconds, "time that it took", "s");
  return arrays;
}

}  // namespace nullcline::perturbation
