// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "nullcline/census/canonical.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/options_text.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/core/shard.hpp"

namespace nullcline::census {

namespace {

constexpr std::int64_t kRound = 64;
constexpr std::int64_t kMostNetworks = 1'000'000'000;
constexpr std::uint64_t kFreshOneIn = 8;  // of a directed search
constexpr double kLargestStep = 0.3, kStepDecades = 3;
constexpr double kRankScale = 4;

void check(const SampleOptions& options) {
  if (options.samples < 1 || options.samples > kMostNetworks)
    throw InvalidInput(
        fmt::format("samples: found {}, expected 1 to {}", options.samples, kMostNetworks));
  if (options.grid != 0 && options.grid < 2)
    throw InvalidInput(fmt::format("grid: found {}, expected 2 or more", options.grid));
  if (!(options.shrink >= 1 && std::isfinite(options.shrink)))
    throw InvalidInput(fmt::format("shrink: found {}, expected 1 or more", options.shrink));
  if (options.seek == Seek::none) return;
  if (options.grid != 0)
    throw InvalidInput("seek: found a grid, expected random networks to start from");
  if (parse_shard(options.shard).count != 1)
    throw InvalidInput("seek: found a shard, but a directed search goes on from all it has met");
}

// Rounds that are of this shard: number, number + count, ...
std::int64_t n_rounds(const Census& census, const SampleOptions& options) {
  const Shard shard = parse_shard(options.shard);
  const std::int64_t all = (n_networks(census.ranges, options) + kRound - 1) / kRound;
  return (all - shard.number + shard.count - 1) / shard.count;
}

int score_of(const Counts& counts, Seek seek) {
  switch (seek) {
    case Seek::n_points:
      return counts.n_points();
    case Seek::n_sinks:
      return counts.n_sinks();
    case Seek::n_cycles:
      return counts.n_cycles();
    default:
      return 0;
  }
}

// One of the best, or any one of two, the rarer.
const Topology& choose(const std::vector<Topology>& known, Seek seek, Rng& rng) {
  if (seek == Seek::topologies) {
    const Topology& a = known[rng.below(known.size())];
    const Topology& b = known[rng.below(known.size())];
    return a.n_networks <= b.n_networks ? a : b;
  }
  std::vector<std::size_t> order(known.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return score_of(known[a].counts, seek) > score_of(known[b].counts, seek);
  });
  const double rank = -std::log(1 - rng.uniform()) * kRankScale;
  return known[order[std::min(static_cast<std::size_t>(rank), order.size() - 1)]];
}

Vector move_values(const std::vector<Range>& ranges, Vector values, Rng& rng) {
  const double step = kLargestStep * std::pow(10, -kStepDecades * rng.uniform());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const bool moves = rng.uniform() < 0.5;
    const double by = step * (ranges[i].upper - ranges[i].lower) * rng.normal();
    double& value = values(static_cast<Index>(i));
    if (moves) value = std::clamp(value + by, ranges[i].lower, ranges[i].upper);
  }
  return values;
}

Vector grid_values(const std::vector<Range>& ranges, int grid, std::int64_t number) {
  Vector values(static_cast<Index>(ranges.size()));
  for (std::size_t i = ranges.size(); i-- > 0; number /= grid) {
    const double share = static_cast<double>(number % grid) / (grid - 1);
    values(static_cast<Index>(i)) = (1 - share) * ranges[i].lower + share * ranges[i].upper;
  }
  return values;
}

struct Finding {
  Verdict verdict = Verdict::undecided;
  std::string name, form;
  Counts counts;
  Vector values;
  double exponent = std::numeric_limits<double>::quiet_NaN();
  double exponent_error = std::numeric_limits<double>::quiet_NaN();
};

// The largest exponent of a topology, and where it was met.
void take_exponent(Topology& topology, double exponent, double error, const Vector& values) {
  if (std::isnan(exponent) || topology.exponent >= exponent) return;
  topology.exponent = exponent;
  topology.exponent_error = error;
  topology.exponent_values = values;
}

Finding look_at(const Family& family, Vector values, const SkeletonOptions& options) {
  Finding finding;
  finding.values = std::move(values);
  const std::unique_ptr<dynamics::System> flow = family(finding.values);
  const Skeleton skeleton = find_skeleton(*flow, Vector::Zero(flow->n_inputs()), options);
  finding.verdict = skeleton.verdict;
  if (skeleton.verdict != Verdict::decided) return finding;
  finding.form = canonical_form(skeleton.graph);
  finding.counts = count_nodes(skeleton.graph, flow->n_states());
  finding.name = topology_name(finding.counts, finding.form);
  finding.exponent = skeleton.exponent;
  finding.exponent_error = skeleton.exponent_error;
  return finding;
}

std::int64_t& count_of(Census& census, Verdict verdict) {
  switch (verdict) {
    case Verdict::decided:
      return census.n_decided;
    case Verdict::degenerate:
      return census.n_degenerate;
    case Verdict::unproven:
      return census.n_unproven;
    case Verdict::near_connection:
      return census.n_near_connection;
    case Verdict::undecided:
      break;
  }
  return census.n_undecided;
}

using Places = std::map<std::string, std::size_t>;  // of topologies, by their forms

void add(Census& census, Places& places, Finding finding, std::int64_t number) {
  ++census.n_networks;
  ++count_of(census, finding.verdict);
  if (finding.verdict != Verdict::decided) return;
  const auto [place, is_new] = places.emplace(finding.form, census.topologies.size());
  if (is_new)
    census.topologies.push_back(
        {finding.name, finding.form, finding.counts, 0, number, finding.values, {}});
  Topology& topology = census.topologies[place->second];
  take_exponent(topology, finding.exponent, finding.exponent_error, finding.values);
  ++topology.n_networks;
  topology.last_values = std::move(finding.values);
}

Places places_of(const Census& census) {
  Places places;
  for (std::size_t i = 0; i < census.topologies.size(); ++i)
    places.emplace(census.topologies[i].form, i);
  return places;
}

void sort_by_first(Census& census) {
  std::sort(census.topologies.begin(), census.topologies.end(),
            [](const Topology& a, const Topology& b) { return a.first < b.first; });
}

void sort_by_count(Census& census) {
  std::sort(census.topologies.begin(), census.topologies.end(),
            [](const Topology& a, const Topology& b) {
              return std::tie(b.n_networks, a.name) < std::tie(a.n_networks, b.name);
            });
}

}  // namespace

double Census::unseen_estimate() const {
  double once = 0, twice = 0;
  for (const Topology& topology : topologies) {
    once += topology.n_networks == 1 ? 1 : 0;
    twice += topology.n_networks == 2 ? 1 : 0;
  }
  return once < 2 ? 0 : once * (once - 1) / (2 * (twice + 1));
}

std::int64_t n_networks(const std::vector<Range>& ranges, const SampleOptions& options) {
  check(options);
  if (ranges.empty()) throw InvalidInput("vary: found no parameter, expected one or more");
  for (const Range& range : ranges)
    if (!(range.lower < range.upper) || !std::isfinite(range.upper - range.lower))
      throw InvalidInput(
          fmt::format("range of '{}': found {:g}:{:g}, expected low:high with low < high",
                      range.name, range.lower, range.upper));
  if (options.grid == 0) return options.samples;
  std::int64_t n = 1;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    n *= options.grid;
    if (n > kMostNetworks)
      throw InvalidInput(
          fmt::format("grid: found {} values of {} parameters, expected at most {} "
                      "networks",
                      options.grid, ranges.size(), kMostNetworks));
  }
  return n;
}

Vector draw_values(const std::vector<Range>& ranges, const SampleOptions& options,
                   std::int64_t number, const std::vector<Topology>& known) {
  if (options.grid > 0) return grid_values(ranges, options.grid, number);
  Rng rng(options.seed, Purpose::census, static_cast<std::uint64_t>(number));
  if (options.seek != Seek::none && !known.empty() && rng.below(kFreshOneIn) != 0) {
    const Topology& start = choose(known, options.seek, rng);
    return move_values(ranges, rng.below(2) == 0 ? start.values : start.last_values, rng);
  }
  const double divisor = std::pow(options.shrink, rng.uniform());
  Vector values(static_cast<Index>(ranges.size()));
  for (std::size_t i = 0; i < ranges.size(); ++i)
    values(static_cast<Index>(i)) = rng.uniform(ranges[i].lower, ranges[i].upper) / divisor;
  return values;
}

Census take_census(const Family& family, const std::vector<Range>& ranges,
                   const SampleOptions& options, const SkeletonOptions& skeleton,
                   const Progress& progress, const Census* resume, const SaveCensus& save) {
  const std::int64_t total = n_networks(ranges, options);
  const Shard shard = parse_shard(options.shard);
  Census census;
  census.ranges = ranges;
  if (resume != nullptr) census = *resume;
  sort_by_first(census);
  Places places = places_of(census);
  const std::int64_t rounds = n_rounds(census, options);
  while (census.n_rounds < rounds) {
    const std::int64_t first = (shard.number + census.n_rounds * shard.count) * kRound;
    const auto n = static_cast<std::size_t>(std::min(kRound, total - first));
    std::vector<Finding> findings(n);
    parallel_for(n, [&](std::size_t i) {
      const std::int64_t number = first + static_cast<std::int64_t>(i);
      findings[i] =
          look_at(family, draw_values(ranges, options, number, census.topologies), skeleton);
    });
    for (std::size_t i = 0; i < n; ++i)
      add(census, places, std::move(findings[i]), first + static_cast<std::int64_t>(i));
    ++census.n_rounds;
    if (save) save(census);
    if (!report_progress(progress, {static_cast<double>(census.n_rounds * kRound),
                                    static_cast<double>(rounds * kRound),
                                    fmt::format("{} topologies", census.topologies.size())}))
      break;
  }
  sort_by_count(census);
  return census;
}

bool is_complete(const Census& census, const SampleOptions& options) {
  return census.n_rounds == n_rounds(census, options);
}

Census merge(const std::vector<Census>& shards) {
  Census all;
  for (const Census& shard : shards) {
    if (&shard == &shards.front()) all.ranges = shard.ranges;
    if (!std::equal(all.ranges.begin(), all.ranges.end(), shard.ranges.begin(), shard.ranges.end(),
                    [](const Range& a, const Range& b) {
                      return a.name == b.name && a.lower == b.lower && a.upper == b.upper;
                    }))
      throw InvalidInput("shards: found different parameters or ranges, expected the same");
    all.n_rounds += shard.n_rounds;
    all.n_networks += shard.n_networks;
    all.n_decided += shard.n_decided;
    all.n_degenerate += shard.n_degenerate;
    all.n_unproven += shard.n_unproven;
    all.n_near_connection += shard.n_near_connection;
    all.n_undecided += shard.n_undecided;
    Places places = places_of(all);
    for (const Topology& topology : shard.topologies) {
      const auto [place, is_new] = places.emplace(topology.form, all.topologies.size());
      if (is_new) {
        all.topologies.push_back(topology);
        continue;
      }
      Topology& known = all.topologies[place->second];
      known.n_networks += topology.n_networks;
      take_exponent(known, topology.exponent, topology.exponent_error, topology.exponent_values);
      if (topology.first < known.first) {
        known.first = topology.first;
        known.values = topology.values;
      }
    }
  }
  sort_by_count(all);
  return all;
}

Records records_of(const Census& census) {
  const auto best = [&](Seek seek) {
    std::size_t position = 0;
    for (std::size_t i = 1; i < census.topologies.size(); ++i) {
      const int here = score_of(census.topologies[i].counts, seek);
      const int known = score_of(census.topologies[position].counts, seek);
      if (here > known ||
          (here == known && census.topologies[i].first < census.topologies[position].first))
        position = i;
    }
    return position;
  };
  return {best(Seek::n_points), best(Seek::n_sinks), best(Seek::n_cycles)};
}

}  // namespace nullcline::census
