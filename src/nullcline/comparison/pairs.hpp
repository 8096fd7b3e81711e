// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "nullcline/comparison/dsa.hpp"
#include "nullcline/comparison/graph_distance.hpp"
#include "nullcline/comparison/similarity.hpp"
#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/progress.hpp"

namespace nullcline::comparison {

enum class Measure {
  svcca,
  cca,
  pwcca,
  linear_cka,
  unbiased_cka,
  rbf_cka,
  shape,
  rsa,
  dsa,
  dsa_wasserstein,
  graph_frobenius,
  fused_gromov_wasserstein,
  automaton,
};

/// What a measure needs of each network.
enum class Compared { activity, graph, automaton };
Compared compared_by(Measure measure);

struct MeasureOptions {
  Measure measure = Measure::svcca;
  double threshold = 0.95;
  double bandwidth = 0.5;
  double alpha = 1;
  int n_delays = 3;
  int delay = 1;
  int rank = 6;
  double ridge = 0;
  double edge_weight = 0.5;
  int n_starts = 32;
  std::uint64_t seed = 0;  ///< of the starts

  DsaOptions dsa() const { return {n_delays, delay, rank, ridge}; }
  AlignmentOptions alignment() const { return {n_starts, seed}; }
  FusedOptions fused() const {
    return {edge_weight, n_starts, FusedOptions{}.max_iterations, seed};
  }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("measure", self.measure,
          "of activity: svcca | cca | pwcca | linear_cka | unbiased_cka | rbf_cka | shape | rsa | "
          "dsa "
          "| dsa_wasserstein; of graphs: graph_frobenius | fused_gromov_wasserstein; of state "
          "machines: automaton");
    field("threshold", self.threshold, "svcca: share of the variance that is kept");
    field("bandwidth", self.bandwidth, "rbf_cka: width, as a share of the median distance");
    field("alpha", self.alpha, "shape: 1 rotations only, 0 all linear maps, between: some of both");
    field("n_delays", self.n_delays, "dsa: states in one delayed state");
    field("delay", self.delay, "dsa: steps between them");
    field("rank", self.rank, "dsa: leading directions of the delayed states");
    field("ridge", self.ridge, "dsa: ridge penalty of the fit");
    field("edge_weight", self.edge_weight,
          "fused_gromov_wasserstein: 0 features of the points alone, 1 transitions alone");
    field("n_starts", self.n_starts,
          "dsa, fused_gromov_wasserstein: starts of the search for the best match");
  }
};

/// 1 - similarity, or the angular shape distance. pwcca is the mean over both directions, so that
/// all are symmetric; dsa is the angular distance of the operators, dsa_wasserstein the
/// 2-Wasserstein distance of their eigenvalues. NaN where a side has no variance, or for dsa fewer
/// directions than `rank`, and the measure is not defined.
/// @throws InvalidInput, also for a measure of graphs or state machines.
double distance(const Activity& x, const Activity& y, const MeasureOptions& options);

/// What a measure of activity needs of a network, computed once for all of its distances.
struct Prepared {
  Activity activity;  ///< of dsa and dsa_wasserstein empty
  Matrix delays;      ///< of these: the operator; empty where it is not defined

  std::size_t n_bytes() const;
};
/// @throws InvalidInput, also for a measure of graphs or state machines.
Prepared prepare(Activity activity, const MeasureOptions& options);
/// The same as `distance` of the activities.
double distance(const Prepared& x, const Prepared& y, const MeasureOptions& options);

/// graph_frobenius, or the cost of fused_gromov_wasserstein of the feature graphs; the mean over
/// the graphs of several inputs, of which both need as many. @throws InvalidInput
double distance(const std::vector<PointGraph>& x, const std::vector<PointGraph>& y,
                const MeasureOptions& options);

/// What that distance is expected to be between a network and itself because rollouts are drawn at
/// random: of graph_frobenius `sampling_noise`; of fused_gromov_wasserstein at most this.
double sampling_noise(const std::vector<PointGraph>& x, const std::vector<PointGraph>& y,
                      const MeasureOptions& options);

/// The distances of all pairs, (n, n), with a zero diagonal, on all threads; (0, 0) if `progress`
/// stopped it.
/// @throws InvalidInput
Matrix pairwise_distances(const std::vector<Activity>& activities, const MeasureOptions& options,
                          const Progress& progress = {});
Matrix pairwise_distances(const std::vector<std::vector<PointGraph>>& graphs,
                          const MeasureOptions& options, const Progress& progress = {});
Matrix pairwise_distances(const std::vector<Automaton>& automata, const Progress& progress = {});

}  // namespace nullcline::comparison

template <>
struct nullcline::EnumNames<nullcline::comparison::Measure> {
  static constexpr std::array values{
      std::pair{nullcline::comparison::Measure::svcca, "svcca"},
      std::pair{nullcline::comparison::Measure::cca, "cca"},
      std::pair{nullcline::comparison::Measure::pwcca, "pwcca"},
      std::pair{nullcline::comparison::Measure::linear_cka, "linear_cka"},
      std::pair{nullcline::comparison::Measure::unbiased_cka, "unbiased_cka"},
      std::pair{nullcline::comparison::Measure::rbf_cka, "rbf_cka"},
      std::pair{nullcline::comparison::Measure::shape, "shape"},
      std::pair{nullcline::comparison::Measure::rsa, "rsa"},
      std::pair{nullcline::comparison::Measure::dsa, "dsa"},
      std::pair{nullcline::comparison::Measure::dsa_wasserstein, "dsa_wasserstein"},
      std::pair{nullcline::comparison::Measure::graph_frobenius, "graph_frobenius"},
      std::pair{nullcline::comparison::Measure::fused_gromov_wasserstein,
                "fused_gromov_wasserstein"},
      std::pair{nullcline::comparison::Measure::automaton, "automaton"},
  };
};
