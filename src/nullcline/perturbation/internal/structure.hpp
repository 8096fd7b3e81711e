// SPDX-License-Identifier: BSD-3-Clause
// Fixed points, graph and cycles of a network, and what a perturbed one keeps of them.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "nullcline/evolution/types.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/perturbation/perturb.hpp"
#include "nullcline/perturbation/types.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::perturbation::internal {

class Structure {
 public:
  Structure(const models::Network& network, ConstVectorRef input, const tasks::Task* task,
            const PerturbOptions& options);

  /// Adds the counts.
  Reference describe(Reference reference) const;
  void compare(const models::Network& changed, Trial& result) const;

 private:
  struct Found {
    fixed_points::FixedPointSet set;
    int index_sum = 0;
  };
  Found find(const std::shared_ptr<const dynamics::System>& system,
             const std::vector<Vector>& warm) const;
  /// Pairs of different points, from and to.
  std::vector<std::pair<Index, Index>> edges_of(const dynamics::System& system,
                                                const fixed_points::FixedPointSet& set) const;

  const models::Network& network_;
  const Vector input_;
  const PerturbOptions options_;
  Matrix visited_;
  Found found_;
  std::vector<std::pair<Index, Index>> edges_;
  std::vector<orbits::Orbit> cycles_;
};

}  // namespace nullcline::perturbation::internal
