// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/compare.hpp"

namespace nullcline::studies {

NamedArrays to_arrays(const std::vector<TaskComparison>& comparisons, const Plan& plan) {
  NamedArrays file;
  for (const TaskComparison& comparison : comparisons) {
    for (const Space& space : comparison.spaces) {
      NamedArrays group;
      std::vector<std::string> keys;
      for (std::size_t unit : space.units) keys.push_back(plan.units[unit].key);
      group.set_strings("networks", keys, "network", "keys of the networks");
      group.set("distances", space.distances, {"network", "other_network"}, "distance");
      group.set("points", space.points, {"network", "axis"}, "embedding by majorization");
      group.attributes["measure"] = std::string(name_of(space.measure));
      group.set_scalar("stress", space.stress, "stress of the embedding");
      group.set_scalar("sampling_noise", space.noise, "distance that sampling alone would give");
      file.set_group(comparison.task + "/" + space.name, group);
    }
    if (comparison.separations.empty()) continue;
    std::vector<std::string> spaces, factors, among;
    const auto n = static_cast<Index>(comparison.separations.size());
    Vector statistic(n), p_value(n);
    std::vector<std::int64_t> sizes;
    for (const FactorSeparation& row : comparison.separations) {
      const auto i = static_cast<Index>(spaces.size());
      spaces.push_back(row.space);
      factors.push_back(row.factor);
      among.push_back(row.among);
      sizes.push_back(static_cast<std::int64_t>(row.n));
      statistic[i] = row.separation.statistic;
      p_value[i] = row.separation.p_value;
    }
    NamedArrays group;
    group.set_strings("space", spaces, "test", "geometry, topology, machine or untrained");
    group.set_strings("factor", factors, "test", "factor that may separate");
    group.set_strings("among", among, "test", "networks that were taken; empty: all");
    group.set_integers("n_networks", sizes, "test", "how many");
    group.set_vector("statistic", statistic, "test", "ANOSIM R");
    group.set_vector("p_value", p_value, "test", "of the permutation test");
    file.set_group(comparison.task + "/separation", group);
  }
  return file;
}

}  // namespace nullcline::studies
