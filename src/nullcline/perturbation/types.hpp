// SPDX-License-Identifier: BSD-3-Clause
// What perturbed weights do to a network. Plain data.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/named_arrays.hpp"

namespace nullcline::perturbation {

/// noise: N(0, level^2) is added to each recurrent weight that a mask allows; prune: the share
/// `level` of the recurrent weights with the smallest magnitudes becomes 0; prune_random: a random
/// share does.
enum class Kind { noise, prune, prune_random };

/// The network before anything is done to it.
struct Reference {
  double error = std::numeric_limits<double>::quiet_NaN();  ///< mean square over its task's trials
  int n_points = 0, n_stable = 0, n_edges = 0, n_cycles = 0;
  int index_sum = 0;
};

/// One perturbed network. Counts are of the reference's that are still there; NaN and -1 where
/// they were not looked at.
struct Trial {
  double error = std::numeric_limits<double>::quiet_NaN();  ///< infinite: it diverged
  int n_points = -1, n_stable = -1;                         ///< of the perturbed network
  int points_kept = -1;     ///< followed along the line of weights without a loss
  int stability_kept = -1;  ///< of these, with as many unstable directions
  int edges_kept = -1;
  int cycles_kept = -1;
  int index_sum = 0;
};

struct Level {
  Kind kind = Kind::noise;
  double level = 0;
  std::vector<Trial> trials;
};

struct Study {
  Reference reference;
  std::vector<Level> levels;
  bool has_error = false, has_structure = false;
  bool interrupted = false;
  double seconds = 0;
  std::uint64_t seed = 0;
};

/// Dimensions level and trial; the reference as scalars.
NamedArrays to_arrays(const Study& study);

}  // namespace nullcline::perturbation

template <>
struct nullcline::EnumNames<nullcline::perturbation::Kind> {
  static constexpr std::array values{
      std::pair{nullcline::perturbation::Kind::noise, "noise"},
      std::pair{nullcline::perturbation::Kind::prune, "prune"},
      std::pair{nullcline::perturbation::Kind::prune_random, "prune-random"},
  };
};
