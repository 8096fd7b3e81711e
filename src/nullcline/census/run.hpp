// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nullcline/census/skeleton.hpp"
#include "nullcline/core/progress.hpp"

namespace nullcline::census {

/// What a directed search climbs: the number of topologies met, or of nodes of a kind.
enum class Seek { none, topologies, n_points, n_sinks, n_cycles };

struct SampleOptions {
  std::int64_t samples = 1000;  ///< networks, unless a grid is given
  int grid = 0;                 ///< values of each parameter, ends included; 0: random networks
  double shrink = 1;            ///< a network's values are divided by 1 to this, log-uniformly
  Seek seek = Seek::none;
  std::string shard = "0/1";  ///< part k of n of the networks
  std::uint64_t seed = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("samples", self.samples, "random networks");
    field("grid", self.grid, "values of each parameter, instead of random ones; 0: random");
    field("shrink", self.shrink, "divide the values of a network by 1 to this, log-uniformly");
    field("seek", self.seek, "look near the networks that have most of this");
    field("shard", self.shard, "part k/n of the networks; merge the files of all parts");
    field("seed", self.seed, "random seed");
  }
};

/// A flow for each value of the parameters.
using Family = std::function<std::unique_ptr<dynamics::System>(const Vector& values)>;

/// Called now and then with what was counted so far, to be continued from.
using SaveCensus = std::function<void(const Census&)>;

/// Number of networks of a census, over all shards. @throws InvalidInput for options out of range.
std::int64_t n_networks(const std::vector<Range>& ranges, const SampleOptions& options);

/// The parameters of network `number`:
///
///     random:  v_i = u_i / s,  u_i uniform in range i,  s = shrink^w,  w uniform in [0, 1]
///     grid:    v_i evenly spaced in range i, the last parameter fastest
///
/// each network from its own random stream. While seeking, 7 of 8 networks are instead found near
/// the first or the last example of a topology in `known`: one of the best, or the rarer one of
/// two; each second parameter, by chance, is moved by a normal step of 0.3 10^-3w widths of its
/// range.
Vector draw_values(const std::vector<Range>& ranges, const SampleOptions& options,
                   std::int64_t number, const std::vector<Topology>& known = {});

/// Sorts networks by their connection graphs, in rounds of 64, whose results are taken in the order
/// of the networks: the census does not depend on the number of threads, nor on interruptions.
/// `resume`: what `save` was given, by the same options. The census is complete where `progress`
/// did not stop it: n_rounds then is that of the shard.
/// @throws InvalidInput for options out of range, or what `find_skeleton` refuses.
Census take_census(const Family& family, const std::vector<Range>& ranges,
                   const SampleOptions& options, const SkeletonOptions& skeleton = {},
                   const Progress& progress = {}, const Census* resume = nullptr,
                   const SaveCensus& save = {});

bool is_complete(const Census& census, const SampleOptions& options);

/// The census of all shards. @throws InvalidInput if their parameters differ.
Census merge(const std::vector<Census>& shards);

/// Networks to copy: with most fixed points, most sinks, most cycles. Positions in `topologies`.
struct Records {
  std::size_t n_points = 0, n_sinks = 0, n_cycles = 0;
};
Records records_of(const Census& census);

}  // namespace nullcline::census

template <>
struct nullcline::EnumNames<nullcline::census::Seek> {
  static constexpr std::array values{
      std::pair{nullcline::census::Seek::none, "none"},
      std::pair{nullcline::census::Seek::topologies, "topologies"},
      std::pair{nullcline::census::Seek::n_points, "n_points"},
      std::pair{nullcline::census::Seek::n_sinks, "n_sinks"},
      std::pair{nullcline::census::Seek::n_cycles, "n_cycles"},
  };
};
