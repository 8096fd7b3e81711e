// SPDX-License-Identifier: BSD-3-Clause
// A quantity of a system over a grid of one or two parameters.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::sweeps {

/// n_fixed_points, n_stable_points: of all that a search finds (of a flow: equilibria). n_cycles,
/// n_stable_cycles: limit cycles of a flow that trajectories come to. cycle_period,
/// cycle_frequency, cycle_amplitude: of the stable cycle of the shortest period; NaN where there is
/// none; the amplitude is the largest range of a coordinate.
enum class Quantity {
  n_fixed_points,
  n_stable_points,
  n_cycles,
  n_stable_cycles,
  cycle_period,
  cycle_frequency,
  cycle_amplitude,
  largest_exponent
};

/// `steps` values of a parameter ("input[i]" or a name of System::parameter_names()), evenly
/// spaced, both ends among them.
struct Axis {
  std::string parameter;
  double from = 0, to = 1;
  int steps = 2;
};

struct SweepOptions {
  int n_starts = 6;        ///< trajectories at each place, both ways in time; cycles
  double max_time = 2000;  ///< of a trajectory
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("n_starts", self.n_starts,
          "trajectories at each place that look for cycles or exponents");
    field("max_time", self.max_time, "time that each is followed");
    field("seed", self.seed, "random seed");
  }
};

struct Sweep {
  Quantity quantity = Quantity::n_fixed_points;
  std::vector<std::string> parameters;  ///< one or two names
  std::vector<Vector> values;           ///< of each parameter
  Matrix result;                        ///< (n_first, n_second), or (n_first, 1)
  /// 0 where the set of fixed points was proven to be whole, else 1; of cycles and exponents the
  /// trajectories whose end was not recognized.
  Matrix doubt;
  bool interrupted = false;
  double seconds = 0;
};

/// The quantity at each place of the grid. Places are independent of each other and computed in
/// parallel; the result does not depend on the number of threads.
/// @throws InvalidInput for an unknown parameter, an axis that is empty or twice the same, cycles
/// of a map or of a flow without a box, an option out of range.
Sweep sweep(const dynamics::System& system, ConstVectorRef input, const std::vector<Axis>& axes,
            Quantity quantity, const SweepOptions& options = {}, const Progress& progress = {});

/// Coordinates named by the parameters, and the quantity under its name.
NamedArrays to_arrays(const Sweep& sweep);

}  // namespace nullcline::sweeps

template <>
struct nullcline::EnumNames<nullcline::sweeps::Quantity> {
  using E = nullcline::sweeps::Quantity;
  static constexpr std::array values{
      std::pair{E::n_fixed_points, "n_fixed_points"},
      std::pair{E::n_stable_points, "n_stable_points"},
      std::pair{E::n_cycles, "n_cycles"},
      std::pair{E::n_stable_cycles, "n_stable_cycles"},
      std::pair{E::cycle_period, "cycle_period"},
      std::pair{E::cycle_frequency, "cycle_frequency"},
      std::pair{E::cycle_amplitude, "cycle_amplitude"},
      std::pair{E::largest_exponent, "largest_exponent"},
  };
};
