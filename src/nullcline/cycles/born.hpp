// SPDX-License-Identifier: BSD-3-Clause
// The branches of cycles that leave the Hopf points of a continuation.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "nullcline/continuation/types.hpp"
#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/cycles/branch.hpp"

namespace nullcline::cycles {

/// Whether the cycles of Hopf points are followed; automatic: in up to 16 states.
enum class FollowCycles { automatic, always, never };

struct BornOptions {
  FollowCycles cycles = FollowCycles::automatic;
  BranchOptions branch;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("cycles", self.cycles, "follow the cycles of Hopf points; automatic: in up to 16 states");
    field("n_intervals", self.branch.n_intervals, "intervals of the mesh of a cycle");
    field("longest", self.branch.longest,
          "a branch of cycles ends where the period is so many times the first one");
  }
};

struct BornBranches {
  std::vector<CycleBranch> branches;
  std::vector<std::string> warnings;  ///< Hopf points whose cycles were not followed
};

/// Follows the cycles that are born at each Hopf point on the branches of `found`, a continuation
/// of `system`, within its interval. A branch that ends at another of the Hopf points is traced
/// once. Nothing for a map.
/// @throws InvalidInput as continue_cycle and Family.
BornBranches continue_born_cycles(const dynamics::System& system,
                                  const continuation::Continuation& found,
                                  const BornOptions& options = {}, const Progress& progress = {});

}  // namespace nullcline::cycles

template <>
struct nullcline::EnumNames<nullcline::cycles::FollowCycles> {
  using E = nullcline::cycles::FollowCycles;
  static constexpr std::array values{
      std::pair{E::automatic, "automatic"},
      std::pair{E::always, "always"},
      std::pair{E::never, "never"},
  };
};
