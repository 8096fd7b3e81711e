// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/evolution/evolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/evolution/stage.hpp"

namespace nullcline::evolution {

namespace {

void require_range(const char* name, int value, int low, int high) {
  if (value < low || value > high)
    throw InvalidInput(fmt::format("{}: found {}, expected {} to {}", name, value, low, high));
}

// A point of one snapshot while tracks are being made.
struct Node {
  Found found;
  Index before = -1, after = -1;             // in the neighboring snapshots
  double lost_before = -1, lost_after = -1;  // t at which it was lost on the way there
  Vector last_before, last_after;            // and the state there
};

class Run {
 public:
  Run(const Training& training, ConstVectorRef input, const EvolutionOptions& options,
      const Progress& progress)
      : training_(training),
        input_(input),
        options_(options),
        progress_(progress),
        line_(training.system_at),
        nodes_(training.steps.size()),
        snapshots_(training.steps.size()) {}

  Evolution run() {
    for (std::size_t k = 0; k < nodes_.size() && !interrupted_; ++k) search(k);
    for (std::size_t k = nodes_.size(); k-- > 1 && !interrupted_;) look_back(k);
    Evolution result;
    result.input = input_;
    result.interrupted = interrupted_;
    result.seed = options_.seed;
    if (interrupted_) return result;
    describe(result);
    return result;
  }

 private:
  double step_at(double t) const {
    const auto k = std::min(static_cast<std::size_t>(t), training_.steps.size() - 1);
    const double rest = t - static_cast<double>(k);
    if (rest == 0) return training_.steps[k];
    return training_.steps[k] + rest * (training_.steps[k + 1] - training_.steps[k]);
  }

  void report(std::size_t k, const char* what) {
    const auto n = static_cast<double>(nodes_.size());
    interrupted_ = interrupted_ ||
                   !report_progress(progress_, {static_cast<double>(k), n,
                                                fmt::format("{} {:g}: {} fixed points", what,
                                                            training_.steps[k], nodes_[k].size())});
  }

  std::vector<Followed> follow(const std::vector<Node*>& nodes, double from, double to,
                               double longest) const {
    std::vector<Followed> result(nodes.size());
    parallel_for(nodes.size(), [&](std::size_t i) {
      result[i] = follow_point(line_, from, to, input_, nodes[i]->found.state, longest);
    });
    return result;
  }

  // All points of snapshot k, with those that came from the one before.
  void search(std::size_t k) {
    Stage stage(line_.at(static_cast<double>(k)), input_);
    std::vector<Index> arrived;  // per point of the snapshot before
    std::vector<Followed> ways;
    if (k > 0) {
      std::vector<Node*> before;
      for (Node& node : nodes_[k - 1]) before.push_back(&node);
      ways = follow(before, static_cast<double>(k - 1), static_cast<double>(k), 1);
      for (const Followed& way : ways)
        arrived.push_back(way.arrived ? stage.add(way.state) : Index{-1});
    }
    stage.search(training_.visited ? training_.visited(k) : Matrix(0, stage.system().n_states()),
                 {options_.starts, options_.visited, options_.iterations, options_.max_points,
                  options_.seed});
    for (const Found& found : stage.found()) nodes_[k].push_back({found, -1, -1, -1, -1, {}, {}});
    stage.fill(snapshots_[k]);
    for (std::size_t i = 0; i < arrived.size(); ++i) {
      Node& node = nodes_[k - 1][i];
      if (arrived[i] >= 0 && join(k, static_cast<Index>(i), arrived[i])) continue;
      node.lost_after = ways[i].at;
      node.last_after = ways[i].state;
    }
    report(k, "step");
  }

  // False if the later point has a predecessor already.
  bool join(std::size_t k, Index before, Index after) {
    Node& later = nodes_[k][static_cast<std::size_t>(after)];
    Node& earlier = nodes_[k - 1][static_cast<std::size_t>(before)];
    if (later.before >= 0 || earlier.after >= 0) return false;
    later.before = before;
    earlier.after = after;
    return true;
  }

  // Points of snapshot k without a predecessor are followed back to the snapshot before.
  void look_back(std::size_t k) {
    std::vector<Node*> orphans;
    for (Node& node : nodes_[k])
      if (node.before < 0) orphans.push_back(&node);
    const std::vector<Followed> ways =
        follow(orphans, static_cast<double>(k), static_cast<double>(k - 1), 1);
    Stage stage(line_.at(static_cast<double>(k - 1)), input_);
    std::vector<Found> known;
    for (const Node& node : nodes_[k - 1]) known.push_back(node.found);
    stage.restore(known);
    for (std::size_t i = 0; i < orphans.size(); ++i) {
      const Index place = ways[i].arrived ? stage.add(ways[i].state) : Index{-1};
      if (place >= static_cast<Index>(nodes_[k - 1].size())) {
        nodes_[k - 1].push_back(
            {stage.found()[static_cast<std::size_t>(place)], -1, -1, -1, -1, {}, {}});
        snapshots_[k - 1].index_sum += nodes_[k - 1].back().found.index;
      }
      if (place >= 0 && join(k, place, static_cast<Index>(orphans[i] - nodes_[k].data()))) continue;
      orphans[i]->lost_before = ways[i].at;
      orphans[i]->last_before = ways[i].state;
    }
    report(k, "back to");
  }

  void describe(Evolution& result) {
    std::vector<std::vector<Index>> tracks(nodes_.size());
    for (std::size_t k = 0; k < nodes_.size(); ++k)
      for (const Node& node : nodes_[k])
        tracks[k].push_back(node.before < 0 ? result.n_tracks++
                                            : tracks[k - 1][static_cast<std::size_t>(node.before)]);
    for (std::size_t k = 0; k < nodes_.size() && !interrupted_; ++k) {
      const auto system = line_.at(static_cast<double>(k));
      Snapshot& snapshot = snapshots_[k];
      snapshot.step = training_.steps[k];
      snapshot.points.resize(nodes_[k].size());
      parallel_for(nodes_[k].size(), [&](std::size_t i) {
        snapshot.points[i] = evolution::describe(*system, input_, nodes_[k][i].found);
        snapshot.points[i].track = tracks[k][i];
      });
      evolution::set_completeness(snapshot);
      report(k, "stability at");
    }
    add_events(tracks, result);
    for (Snapshot& snapshot : snapshots_)
      std::stable_sort(snapshot.points.begin(), snapshot.points.end(),
                       [](const Point& a, const Point& b) {
                         return std::pair(a.n_unstable, a.track) < std::pair(b.n_unstable, b.track);
                       });
    result.interrupted = interrupted_;
    result.snapshots = std::move(snapshots_);
  }

  void add_events(const std::vector<std::vector<Index>>& tracks, Evolution& result) const {
    for (std::size_t k = 0; k + 1 < nodes_.size(); ++k) {
      const auto unstable = [&](std::size_t snapshot, std::size_t i) {
        return snapshots_[snapshot].points[i].n_unstable;
      };
      std::vector<std::pair<Event, Vector>> events;
      for (std::size_t i = 0; i < nodes_[k].size(); ++i) {
        const Node& node = nodes_[k][i];
        Event event{EventType::death, tracks[k][i], static_cast<Index>(k)};
        event.n_unstable_before = unstable(k, i);
        if (node.after < 0) {
          event.step = step_at(std::max(node.lost_after, static_cast<double>(k)));
          events.emplace_back(event, node.last_after);
          continue;
        }
        event.n_unstable_after = unstable(k + 1, static_cast<std::size_t>(node.after));
        event.type = EventType::stability;
        if (event.n_unstable_after != event.n_unstable_before) events.emplace_back(event, Vector());
      }
      for (std::size_t i = 0; i < nodes_[k + 1].size(); ++i) {
        const Node& node = nodes_[k + 1][i];
        if (node.before >= 0) continue;
        Event event{EventType::birth, tracks[k + 1][i], static_cast<Index>(k)};
        event.step = step_at(node.lost_before < 0 ? static_cast<double>(k + 1) : node.lost_before);
        event.n_unstable_after = unstable(k + 1, i);
        events.emplace_back(event, node.last_before);
      }
      pair_up(events, training_.steps[k + 1] - training_.steps[k]);
      for (auto& [event, state] : events) result.events.push_back(event);
    }
  }

  // Two that are lost at one place and one time met in a fold: they are nearer each other than to
  // any other point that was lost, and were lost within a hundredth of the way.
  static void pair_up(std::vector<std::pair<Event, Vector>>& events, double way) {
    const auto nearest = [&](std::size_t i) {
      std::size_t best = i;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t j = 0; j < events.size(); ++j) {
        if (j == i || events[j].first.type != events[i].first.type ||
            events[i].second.size() == 0 || events[j].second.size() == 0)
          continue;
        const double distance = (events[i].second - events[j].second).norm();
        if (distance >= least) continue;
        least = distance;
        best = j;
      }
      return best;
    };
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::size_t j = nearest(i);
      if (j != i && nearest(j) == i &&
          std::abs(events[i].first.step - events[j].first.step) <= 0.01 * std::abs(way))
        events[i].first.partner = events[j].first.track;
    }
  }

  const Training& training_;
  const Vector input_;
  const EvolutionOptions options_;
  const Progress& progress_;
  const SystemLine line_;
  std::vector<std::vector<Node>> nodes_;
  std::vector<Snapshot> snapshots_;
  bool interrupted_ = false;
};

}  // namespace

void check_options(const EvolutionOptions& options) {
  require_range("starts", options.starts, 0, 1000000);
  require_range("visited", options.visited, 0, 1000000);
  require_range("iterations", options.iterations, 1, 100000);
  require_range("max_points", options.max_points, 1, 100000);
}

Evolution evolve(const Training& training, ConstVectorRef input, const EvolutionOptions& options,
                 const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  check_options(options);
  if (training.steps.empty()) throw InvalidInput("snapshots: found none, expected at least one");
  if (!std::is_sorted(training.steps.begin(), training.steps.end(), std::less_equal<>()))
    throw InvalidInput("snapshots: found steps that do not rise, expected rising ones");
  Evolution result = Run(training, input, options, progress).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace nullcline::evolution
