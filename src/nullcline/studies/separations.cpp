// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <map>
#include <set>

#include "nullcline/studies/compare.hpp"

namespace nullcline::studies {

namespace {

std::vector<std::string> factors_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& [name, value] : plan.units.front().factors)
    if (name != "task" && name != "seed") names.push_back(name);
  return names;
}

class Separator {
 public:
  Separator(const Plan& plan, const CompareOptions& options, std::vector<FactorSeparation>& out)
      : plan_(plan), options_(options), out_(out) {}

  // Of all networks, and of those with each value of each other factor.
  void add(const Space& space) {
    const std::vector<std::string> factors = factors_of(plan_);
    for (const std::string& factor : factors) {
      test(space, factor, "", "");
      for (const std::string& other : factors) {
        if (other == factor) continue;
        std::set<std::string> values;
        for (std::size_t unit : space.units) values.insert(factor_of(plan_.units[unit], other));
        if (values.size() > 1)
          for (const std::string& value : values) test(space, factor, other, value);
      }
    }
  }

 private:
  void test(const Space& space, const std::string& factor, const std::string& other,
            const std::string& value) {
    std::vector<Index> chosen;
    std::vector<std::string> labels;
    std::map<std::string, int> sizes;
    for (std::size_t i = 0; i < space.units.size(); ++i) {
      const Unit& unit = plan_.units[space.units[i]];
      if (!other.empty() && factor_of(unit, other) != value) continue;
      chosen.push_back(static_cast<Index>(i));
      labels.push_back(factor_of(unit, factor));
      ++sizes[labels.back()];
    }
    const bool has_pair =
        std::any_of(sizes.begin(), sizes.end(), [](const auto& size) { return size.second > 1; });
    const Matrix distances = space.distances(chosen, chosen);
    if (sizes.size() < 2 || !has_pair || !distances.allFinite()) return;
    FactorSeparation row{
        space.name, factor, other.empty() ? "" : other + " " + value, chosen.size(), {}};
    row.separation =
        comparison::separation(distances, labels, {options_.n_permutations, options_.seed});
    out_.push_back(std::move(row));
  }

  const Plan& plan_;
  const CompareOptions& options_;
  std::vector<FactorSeparation>& out_;
};

}  // namespace

void add_separations(const Plan& plan, const CompareOptions& options, TaskComparison& comparison) {
  Separator separator(plan, options, comparison.separations);
  for (const Space& space : comparison.spaces) separator.add(space);
}

}  // namespace nullcline::studies
