// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/studies/compare.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "nullcline/comparison/embedding.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/studies/compared_networks.hpp"

namespace nullcline::studies {

namespace {

using comparison::Measure;
using Networks = std::vector<ComparedNetwork>;

constexpr const char* kDistanceSchema = "nullcline distances 1";

/// Distances of what every network keeps in memory anyway.
class KeptSource : public PairSource {
 public:
  using Distance = std::function<double(const ComparedNetwork&, const ComparedNetwork&)>;
  KeptSource(const Networks& networks, Distance distance)
      : networks_(networks), distance_(std::move(distance)) {}
  std::size_t n_at_once() const override { return networks_.size(); }
  void prepare(Range, Range, const std::function<bool()>&) override {}
  double distance(std::size_t i, std::size_t j) const override {
    return distance_(networks_[i], networks_[j]);
  }

 private:
  const Networks& networks_;
  Distance distance_;
};

std::string and_also(const std::string& first, const std::string& second) {
  return first + (first.empty() || second.empty() ? "" : "; ") + second;
}

/// The comparison of one task.
class TaskComparer {
 public:
  TaskComparer(const std::string& folder, const CompareOptions& options, std::string task,
               Networks networks)
      : folder_(folder), options_(options), task_(std::move(task)), networks_(std::move(networks)) {
    const UnitOptions first = results::reading(networks_[0].path, [&] {
      return unit_options_of(networks_[0].configuration, "configuration");
    });
    task_text_ = fields_to_json(first.task.fields);
    const auto made = first.task.make();
    const Index n_trials = std::max<Index>(1, options.samples / made->n_steps());
    trials_ = made->probe(n_trials, options.seed);
  }

  std::vector<std::string> spaces() const {
    const bool has_machines =
        std::any_of(networks_.begin(), networks_.end(),
                    [](const ComparedNetwork& network) { return !network.automata.empty(); });
    if (has_machines) return {"geometry", "topology", "machine", "untrained"};
    return {"geometry", "topology", "untrained"};
  }

  /// Nothing where `progress` stopped it.
  std::optional<Space> compare(const std::string& name, const Progress& progress) const {
    std::optional<Space> space = name == "topology"  ? topology(progress)
                                 : name == "machine" ? machines(progress)
                                                     : geometry(name, progress);
    if (space) embed(*space);
    return space;
  }

 private:
  std::optional<Space> geometry(const std::string& name, const Progress& progress) const {
    Space space;
    space.name = name;
    space.measure = options_.geometry;
    comparison::MeasureOptions measure;
    measure.measure = options_.geometry;
    measure.threshold = options_.threshold;
    measure.seed = options_.seed;
    ActivitySource source(networks_, trials_, measure, name == "geometry",
                          std::size_t{1048576} * static_cast<std::size_t>(options_.memory));
    if (!measure_pairs(networks_, source, space, progress)) return std::nullopt;
    leave_out_undefined(space);
    Index n_units = 0;
    for (const ComparedNetwork& network : networks_) n_units = std::max(n_units, network.n_units);
    space.warning = and_also(
        comparison::sample_warning(trials_.n_trials * trials_.n_steps, n_units), space.warning);
    return space;
  }

  std::optional<Space> topology(const Progress& progress) const {
    Space space;
    space.name = "topology";
    space.measure = options_.topology;
    const bool needs_equal = options_.topology == Measure::graph_frobenius;
    const Index modal = modal_number();
    Networks compared;
    for (const ComparedNetwork& network : networks_) {
      const Index n = network.fewest_points();
      if (n > 0 && (!needs_equal || n == modal)) compared.push_back(network);
    }
    comparison::MeasureOptions measure;
    measure.measure = options_.topology;
    measure.n_starts = options_.n_starts;
    measure.seed = options_.seed;
    KeptSource source(compared, [&](const ComparedNetwork& a, const ComparedNetwork& b) {
      return comparison::distance(a.graphs, b.graphs, measure);
    });
    if (!measure_pairs(compared, source, space, progress)) return std::nullopt;
    if (const std::size_t n = networks_.size() - compared.size(); n > 0)
      space.warning = and_also(space.warning,
                               fmt::format("{} networks left out: they have {}", n,
                                           needs_equal ? fmt::format("not {} fixed points", modal)
                                                       : std::string("no fixed points")));
    for (const ComparedNetwork& network : compared)
      space.noise += sampling_noise(network.graphs, network.graphs, measure) /
                     static_cast<double>(compared.size());
    return space;
  }

  std::optional<Space> machines(const Progress& progress) const {
    Space space;
    space.name = "machine";
    space.measure = Measure::automaton;
    Networks compared;
    for (const ComparedNetwork& network : networks_)
      if (!network.automata.empty()) compared.push_back(network);
    KeptSource source(compared, [](const ComparedNetwork& a, const ComparedNetwork& b) {
      return comparison::automaton_distance(a.automata[0], b.automata[0]);
    });
    if (!measure_pairs(compared, source, space, progress)) return std::nullopt;
    if (const std::size_t n = networks_.size() - compared.size(); n > 0)
      space.warning = and_also(space.warning,
                               fmt::format("{} networks left out: they have no stable states", n));
    return space;
  }

  // Whether it went to its end.
  bool measure_pairs(const Networks& networks, PairSource& source, Space& space,
                     const Progress& progress) const {
    DistanceFile file;
    file.path = distance_path(space);
    for (const ComparedNetwork& network : networks) {
      file.networks.push_back(network.result_hash);
      space.units.push_back(network.unit);
    }
    bool is_stopped = false;
    const Progress told = [&](const ProgressUpdate& update) {
      is_stopped = is_stopped || !report_progress(progress, update);
      return !is_stopped;
    };
    Distances found = all_distances(source, file, told);
    space.distances = std::move(found.values);
    space.warning = std::move(found.warning);
    return !is_stopped;
  }

  // By all that distances depend on besides the networks; nowhere in a folder that is read-only.
  std::string distance_path(const Space& space) const {
    nlohmann::json identity = {{"schema", kDistanceSchema}, {"measure", name_of(space.measure)}};
    if (space.name == "topology") {
      identity["n_starts"] = options_.n_starts;
      identity["seed"] = options_.seed;
    } else if (space.name != "machine") {
      identity["threshold"] = options_.threshold;
      identity["samples"] = options_.samples;
      identity["seed"] = options_.seed;
      identity["task"] = task_text_;
    }
    const std::string comparisons = folder_ + "/comparisons";
    std::error_code error;
    std::filesystem::create_directories(comparisons, error);
    if (error || ::access(comparisons.c_str(), W_OK) != 0) return "";
    return fmt::format("{}/{}-{}-{}.nc", comparisons, task_, space.name,
                       results::fingerprint(identity.dump()));
  }

  // Networks that have no distance to any other: of states that grow beyond all numbers, or (for
  // measures that need some) without variance.
  void leave_out_undefined(Space& space) const {
    std::vector<Index> kept;
    std::vector<std::size_t> units;
    const Index n = space.distances.rows();
    for (Index i = 0; i < n; ++i) {
      const Index n_defined = n - space.distances.row(i).array().isNaN().count();
      if (n_defined < 2 && n > 1) continue;  // itself
      kept.push_back(i);
      units.push_back(space.units[static_cast<std::size_t>(i)]);
    }
    if (static_cast<Index>(kept.size()) == n) return;
    space.warning = and_also(
        space.warning,
        fmt::format("{} networks left out: their states grow beyond all numbers, or do not vary",
                    n - static_cast<Index>(kept.size())));
    space.distances = Matrix(space.distances(kept, kept));
    space.units = std::move(units);
  }

  // The most frequent number of points.
  Index modal_number() const {
    std::map<Index, std::size_t> counts;
    for (const ComparedNetwork& network : networks_) ++counts[network.fewest_points()];
    return std::max_element(counts.begin(), counts.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

  static void embed(Space& space) {
    const Index n = space.distances.rows();
    space.points = Matrix::Zero(n, 2);
    if (n < 3 || !space.distances.allFinite()) return;
    const Matrix distances = space.distances.cwiseMax(0.0);
    const auto scaled =
        comparison::smacof(distances, comparison::classical_scaling(distances).points);
    space.points = scaled.points;
    space.stress = scaled.stress.back();
  }

  const std::string& folder_;
  const CompareOptions& options_;
  const std::string task_;
  const Networks networks_;
  std::string task_text_;
  tasks::TrialBatch trials_;
};

// Turns the points of a space, without scaling, to where the same networks lie in another one.
void turn_towards(const Space& reference, Space& space) {
  std::vector<Index> here, there;
  for (std::size_t i = 0; i < space.units.size(); ++i) {
    const auto found = std::find(reference.units.begin(), reference.units.end(), space.units[i]);
    if (found == reference.units.end()) continue;
    here.push_back(static_cast<Index>(i));
    there.push_back(found - reference.units.begin());
  }
  if (here.size() < 3) return;
  // align() moves the points it is given: the rigid motion that it finds is applied to all.
  const Matrix some = space.points(here, Eigen::all), wanted = reference.points(there, Eigen::all);
  if (some.isZero(0) || wanted.isZero(0)) return;
  space.points = comparison::align(some, wanted, space.points);
}

void check(const CompareOptions& options) {
  if (comparison::compared_by(options.geometry) != comparison::Compared::activity)
    throw InvalidInput(fmt::format("geometry: found {}, expected a measure of activity",
                                   name_of(options.geometry)));
  if (comparison::compared_by(options.topology) != comparison::Compared::graph)
    throw InvalidInput(
        fmt::format("topology: found {}, expected a measure of graphs", name_of(options.topology)));
  const auto range = [](const char* name, int value, int lowest, int highest) {
    if (value < lowest || value > highest)
      throw InvalidInput(
          fmt::format("{}: found {}, expected {} to {}", name, value, lowest, highest));
  };
  range("samples", options.samples, 2, 10000000);
  range("memory", options.memory, 1, 1 << 24);
  range("n_starts", options.n_starts, 1, 100000);
  range("n_permutations", options.n_permutations, 1, 100000000);
  if (!(options.threshold > 0 && options.threshold <= 1))
    throw InvalidInput(
        fmt::format("threshold: found {}, expected above 0, up to 1", options.threshold));
}

}  // namespace

std::vector<TaskComparison> compare_study(const std::string& folder, const Plan& plan,
                                          const CompareOptions& options, const Progress& progress) {
  check(options);
  const std::vector<UnitStatus> status = read_status(folder, plan);
  std::map<std::string, std::vector<std::size_t>> by_task;
  for (std::size_t i = 0; i < plan.units.size(); ++i)
    if (status[i].state == UnitState::done) by_task[factor_of(plan.units[i], "task")].push_back(i);

  bool is_stopped = false;
  double n_done = 0, n_spaces = 1;
  std::string prefix;
  const Progress part = [&](const ProgressUpdate& update) {
    const double share = update.total > 0 ? update.done / update.total : 0;
    const double total = static_cast<double>(by_task.size());
    is_stopped = is_stopped || !report_progress(progress, {n_done + share / n_spaces, total,
                                                           prefix + update.message});
    return !is_stopped;
  };
  std::vector<TaskComparison> result;
  for (const auto& entry : by_task) {
    const std::vector<std::size_t>& units = entry.second;
    Networks networks(units.size());
    parallel_for(units.size(), [&](std::size_t i) {
      networks[i] = read_compared_network(folder, plan, units[i], status[units[i]]);
    });
    TaskComparison comparison;
    comparison.task = entry.first;
    const TaskComparer comparer(folder, options, entry.first, std::move(networks));
    const std::vector<std::string> names = comparer.spaces();
    n_spaces = static_cast<double>(names.size());
    const double before = n_done;
    for (const std::string& name : names) {
      prefix = fmt::format("{}, {}: ", entry.first, name);
      std::optional<Space> space = comparer.compare(name, part);
      if (!space) return {};
      if (!comparison.spaces.empty()) turn_towards(comparison.spaces.front(), *space);
      comparison.spaces.push_back(std::move(*space));
      n_done += 1 / n_spaces;
    }
    n_done = before + 1;
    add_separations(plan, options, comparison);
    result.push_back(std::move(comparison));
  }
  return result;
}

}  // namespace nullcline::studies
