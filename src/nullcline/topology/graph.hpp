// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "nullcline/core/progress.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/topology/types.hpp"

namespace nullcline::topology {

struct GraphOptions {
  Probe probe = Probe::unstable_manifold;
  int n_rollouts = 100;         ///< per point; a one-dimensional unstable manifold needs two
  double perturbation = 0.01;   ///< times the median distance between nearest fixed points
  double capture_radius = 0.1;  ///< times the distance to the nearest other fixed point
  int max_steps = 100000;
  int n_cycle_starts = 50;  ///< of a flow of up to 16 states
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("probe", self.probe, "how rollouts leave a point");
    field("n_rollouts", self.n_rollouts, "rollouts per point");
    field("perturbation", self.perturbation,
          "start distance, in median distances between nearest fixed points");
    field("capture_radius", self.capture_radius,
          "a point captures within this share of its distance to the nearest other");
    field("max_steps", self.max_steps, "horizon of a rollout");
    field("n_cycle_starts", self.n_cycle_starts,
          "flows: trajectories in both senses of time that look for limit cycles");
    field("seed", self.seed, "seed of the perturbations");
  }
};

/// The graph of the fixed points of one set, and the orbits of the same input: rollouts from
/// h_i + delta under that input (from one state of an unstable orbit, along its unstable
/// directions), followed until they settle at a point, on an orbit, or nowhere.
/// Maheswaranathan et al. (2019), section 3.1.
/// A flow is followed by its map over the time 1 / (fastest rate at the fixed points), for 10000 of
/// these at most (2000 beyond 16 states). Its limit cycles are nodes: those found by simulation in
/// the system's box (two to 16 states) and from where rollouts are undecided (up to 64). A rollout
/// has come to a stable cycle when it stays within the capture radius for most of 33 steps.
/// @throws InvalidInput if an option is out of range, sizes do not fit, or a flow comes with
/// orbits.
Graph build_graph(const dynamics::System& system, const fixed_points::FixedPointSet& set,
                  const orbits::OrbitSet& orbit_set, const GraphOptions& options = {},
                  const Progress& progress = {});
/// The same without orbits.
Graph build_graph(const dynamics::System& system, const fixed_points::FixedPointSet& set,
                  const GraphOptions& options = {}, const Progress& progress = {});

}  // namespace nullcline::topology
