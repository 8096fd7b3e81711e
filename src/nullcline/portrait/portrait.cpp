// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/portrait.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/portrait/attractors.hpp"
#include "nullcline/portrait/internal/plane.hpp"
#include "nullcline/portrait/manifolds.hpp"
#include "nullcline/portrait/nullclines.hpp"
#include "nullcline/portrait/paths.hpp"

namespace nullcline::portrait {

namespace {

using dynamics::Box;
using dynamics::System;
using dynamics::Time;
using fixed_points::FixedPoint;

constexpr double kMargin = 0.1;  // around a box that was not asked for
constexpr Index kLinePoints = 801;

template <class Number>
void require_range(const char* name, Number value, double lowest, double highest) {
  if (!(static_cast<double>(value) >= lowest && static_cast<double>(value) <= highest))
    throw InvalidInput(
        fmt::format("{}: found {}, expected {:g} to {:g}", name, value, lowest, highest));
}

void check_options(const PortraitOptions& options) {
  require_range("automatic", options.automatic, 0, 1000);
  require_range("grid", options.grid, 3, 2001);
  require_range("max_time", options.max_time, 1e-3, 1e7);
  require_range("max_length", options.max_length, 1e-3, 1e4);
  require_range("tolerance", options.tolerance, 1e-13, 1e-3);
  require_range("cycle_starts", options.cycle_starts, 1, 100000);
  require_range("noise", options.noise, 0, 1e6);
  require_range("ensemble", options.ensemble, 1, 10000);
  require_range("noise_time", options.noise_time, 1e-1, 1e5);
}

Box given_box(const NumberRows& rows, Index n) {
  if (static_cast<Index>(rows.size()) != n)
    throw InvalidInput(
        fmt::format("box: found {} rows, expected {} (lower,upper of each state)", rows.size(), n));
  Box box{Vector(n), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    const std::vector<double>& row = rows[static_cast<std::size_t>(i)];
    const bool is_interval = row.size() == 2 && row[0] < row[1] && std::isfinite(row[1] - row[0]);
    if (!is_interval)
      throw InvalidInput(fmt::format(
          "box: found {}, expected lower,upper with lower < upper and a size below 1.8e308",
          fmt::join(row, ",")));
    box.lower(i) = row[0];
    box.upper(i) = row[1];
  }
  return box;
}

Box enlarged(const Box& box) {
  const Vector margin = kMargin * (box.upper - box.lower) / 2;
  return {box.lower - margin, box.upper + margin};
}

std::vector<Vector> chosen_starts(const PortraitOptions& options, const Box& box) {
  std::vector<Vector> starts;
  for (const std::vector<double>& row : options.start) {
    if (static_cast<Index>(row.size()) != box.lower.size())
      throw InvalidInput(
          fmt::format("start: found {} values, expected {}", row.size(), box.lower.size()));
    starts.emplace_back(Eigen::Map<const Vector>(row.data(), box.lower.size()));
    const Vector& start = starts.back();
    if ((start.array() < box.lower.array()).any() || (start.array() > box.upper.array()).any())
      throw InvalidInput(
          fmt::format("start: found {}, expected a state inside the box", fmt::join(row, ",")));
  }
  return starts;
}

// Radical inverse: the digits of i in this base behind the point, reversed.
double radical_inverse(int i, int base) {
  double result = 0, digit = 1.0 / base;
  for (; i > 0; i /= base, digit /= base) result += digit * (i % base);
  return result;
}

// Halton's points: spread evenly, the first n of them as well as all.
Vector automatic_start(const Box& box, int i) {
  constexpr int kBases[] = {2, 3, 5};
  Vector start(box.lower.size());
  for (Index j = 0; j < start.size(); ++j)
    start(j) = box.lower(j) + (box.upper(j) - box.lower(j)) * radical_inverse(i + 1, kBases[j]);
  return start;
}

class Maker {
 public:
  Maker(const System& system, const PortraitOptions& options, const Progress& progress)
      : system_(system), options_(options), progress_(progress) {}

  Portrait run(ConstVectorRef input, const std::vector<std::string>& names) {
    begin(input, names);
    if (goes_on("fixed points")) find_points({});
    if (goes_on("cycles")) find_orbits();
    if (goes_on("attractors")) {
      result_.attractors = find_attractors(system_, result_, 1);
      repellers_ = find_attractors(system_, result_, -1);
      note_what_is_not_captured();
    }
    if (goes_on("trajectories")) follow_trajectories();
    if (goes_on("manifolds")) trace_manifolds();
    if (result_.n_states() == 2 && goes_on("nullclines")) trace_nullclines({});
    if (options_.noise > 0 && goes_on("ensemble"))
      result_.ensemble = internal::make_ensemble(system_, result_, first_start(), options_);
    if (result_.field && options_.basins && goes_on("basins"))
      internal::find_basins(system_, result_, options_, *result_.field, progress_);
    return std::move(result_);
  }

  Portrait sketch(ConstVectorRef input, const std::vector<std::string>& names) {
    begin(input, names);
    fixed_points::SearchOptions search;
    search.proof_suffices = true;
    find_points(search);
    NullclineOptions nullclines;
    nullclines.coarsest = 5;  // as well proven; a picture in motion needs no more points
    if (result_.n_states() == 2) trace_nullclines(nullclines);
    return std::move(result_);
  }

 private:
  bool goes_on(const char* stage) {
    is_stopped_ = is_stopped_ || !report_progress(progress_, {0, 0, stage});
    return !is_stopped_;
  }

  void begin(ConstVectorRef input, const std::vector<std::string>& names) {
    const Index n = system_.n_states();
    if (n < 1 || n > 3)
      throw InvalidInput(fmt::format(
          "model: found {} states, expected 1 to 3; a portrait shows no more dimensions", n));
    if (input.size() != system_.n_inputs())
      throw InvalidInput(
          fmt::format("input: found {} values, expected {}", input.size(), system_.n_inputs()));
    check_options(options_);
    if (options_.noise > 0 && system_.n_inputs() == 0)
      throw InvalidInput(
          "noise: the model has no inputs, through which noise enters; expected some, such as "
          "inputs = 2 with W_h = [[1, 0], [0, 1]]");
    result_.time = system_.time();
    result_.input = input;
    result_.box = options_.box.empty() ? default_box(system_, input) : given_box(options_.box, n);
    starts_ = chosen_starts(options_, result_.box);
    for (Index i = 0; i < n; ++i)
      result_.state_names.push_back(static_cast<Index>(names.size()) == n
                                        ? names[static_cast<std::size_t>(i)]
                                        : fmt::format("h{}", i + 1));
    if (n == 2) result_.field = internal::make_field(system_, result_, options_.grid);
    if (n == 1) make_line();
  }

  Vector first_start() const {
    return starts_.empty() ? Vector((result_.box.lower + result_.box.upper) / 2) : starts_[0];
  }

  void make_line() {
    FlowLine line;
    line.h = Vector::LinSpaced(kLinePoints, result_.box.lower(0), result_.box.upper(0));
    Matrix rate(kLinePoints, 1);
    system_.evaluate(Matrix(line.h), Matrix(result_.input.transpose()), rate);
    line.rate = rate.col(0);
    if (result_.time == Time::discrete) line.rate -= line.h;
    for (Index i = 0; i < kLinePoints; ++i)
      if (!std::isfinite(line.rate(i)))
        throw InvalidInput(
            fmt::format("box: the rate is not finite at {} = {:g}; expected a box in which it is",
                        result_.state_names[0], line.h(i)));
    result_.line = line;
  }

  void find_points(fixed_points::SearchOptions search) {
    search.seed = options_.seed;
    result_.points = fixed_points::find_fixed_points(
        system_, result_.input, Matrix(0, system_.n_states()), search, progress_);
  }

  void find_orbits() {
    if (result_.time == Time::discrete) {
      orbits::OrbitOptions search;
      search.search.seed = options_.seed;
      result_.orbits = orbits::find_orbits(system_, result_.points, Matrix(0, system_.n_states()),
                                           search, progress_);
      return;
    }
    if (result_.n_states() < 2) return;
    cycles::FindOptions search;
    search.n_starts = options_.cycle_starts;
    search.max_time = options_.max_time;
    search.tolerance = options_.tolerance;
    search.seed = options_.seed;
    result_.cycles = cycles::find_cycles(system_, result_.input, result_.box, search, progress_);
    if (result_.n_states() == 3)
      result_.notes.emplace_back("Cycles of saddle type are not sought.");
  }

  void note_what_is_not_captured() {
    const auto is_captured = [&](AttractorKind kind, std::size_t number) {
      return std::any_of(result_.attractors.begin(), result_.attractors.end(),
                         [&](const Attractor& a) {
                           return a.kind == kind && a.number == static_cast<Index>(number);
                         });
    };
    std::vector<std::size_t> lost;
    for (std::size_t i = 0; i < result_.points.points.size(); ++i) {
      const FixedPoint& point = result_.points.points[i];
      const bool may_attract = point.kind != fixed_points::Kind::slow && point.n_unstable == 0;
      if (may_attract && !is_captured(AttractorKind::point, i)) lost.push_back(i);
    }
    if (!lost.empty())
      result_.notes.push_back(
          fmt::format("Point{} {}: no neighborhood is attracted to first order, so what comes near "
                      "is undecided.",
                      lost.size() == 1 ? "" : "s", fmt::join(lost, ", ")));
  }

  PathOptions path_options() const {
    PathOptions path;
    path.max_time = options_.max_time;
    path.tolerance = options_.tolerance;
    return path;
  }

  void follow_trajectories() {
    struct Task {
      Vector start;
      int sense;
      bool is_chosen;
    };
    std::vector<Task> tasks;
    for (const Vector& start : starts_) {
      tasks.push_back({start, 1, true});
      if (options_.backward) tasks.push_back({start, -1, true});
    }
    for (int i = 0; i < options_.automatic; ++i)
      tasks.push_back({automatic_start(result_.box, i), 1, false});
    result_.trajectories.resize(tasks.size());
    parallel_for(tasks.size(), [&](std::size_t i) {
      const Task& task = tasks[i];
      const auto& ends = task.sense > 0 ? result_.attractors : repellers_;
      Path path =
          follow(system_, result_.input, task.start, result_.box, ends, task.sense, path_options());
      Trajectory& trajectory = result_.trajectories[i];
      trajectory.sense = task.sense;
      trajectory.is_chosen = task.is_chosen;
      trajectory.times = std::move(path.times);
      trajectory.states = std::move(path.states);
      trajectory.end = path.end;
      if (path.attractor >= 0)
        trajectory.end_number = ends[static_cast<std::size_t>(path.attractor)].number;
    });
    const auto n_lost = std::count_if(
        result_.trajectories.begin(), result_.trajectories.end(), [](const Trajectory& t) {
          return t.sense > 0 && (t.end == End::left_box || t.end == End::not_finite);
        });
    if (n_lost > 0)
      result_.notes.push_back(fmt::format("{} trajector{} the box for good, forwards in time.",
                                          n_lost, n_lost == 1 ? "y leaves" : "ies leave"));
  }

  void trace_manifolds() {
    if (result_.n_states() < 2) return;
    PathOptions path = path_options();
    path.max_length = options_.max_length * (result_.box.upper - result_.box.lower).norm();
    std::vector<std::pair<std::size_t, bool>> tasks;
    for (std::size_t i = 0; i < result_.points.points.size(); ++i) {
      const FixedPoint& point = result_.points.points[i];
      if (point.kind != fixed_points::Kind::fixed ||
          point.stability != fixed_points::Stability::saddle)
        continue;
      tasks.emplace_back(i, true);
      tasks.emplace_back(i, false);
    }
    std::vector<std::vector<Manifold>> found(tasks.size());
    parallel_for(tasks.size(), [&](std::size_t k) {
      const auto& [number, is_stable] = tasks[k];
      found[k] = manifolds_of(system_, result_.input, result_.points.points[number], is_stable,
                              result_.box, is_stable ? repellers_ : result_.attractors, path);
      for (Manifold& manifold : found[k]) manifold.point = static_cast<Index>(number);
    });
    for (std::vector<Manifold>& branches : found)
      for (Manifold& branch : branches) result_.manifolds.push_back(std::move(branch));
    if (result_.n_states() == 3 && !tasks.empty())
      result_.notes.emplace_back("Of the manifolds of saddles those of one dimension are traced.");
  }

  void trace_nullclines(const NullclineOptions& options) {
    result_.nullclines.resize(2);
    parallel_for(2, [&](std::size_t i) {
      const PlaneFunction g = component(system_, result_.input, static_cast<Index>(i));
      result_.nullclines[i] = trace_zero_set(g, result_.box, options);
    });
    for (std::size_t i = 0; i < 2; ++i)
      if (!result_.nullclines[i].note.empty())
        result_.notes.push_back(fmt::format("The nullcline of {} is not proven: {}.",
                                            result_.state_names[i], result_.nullclines[i].note));
  }

  const System& system_;
  const PortraitOptions& options_;
  const Progress& progress_;
  Portrait result_;
  std::vector<Attractor> repellers_;
  std::vector<Vector> starts_;
  bool is_stopped_ = false;
};

}  // namespace

Box default_box(const System& system, ConstVectorRef input) {
  if (const auto box = system.trapping_box()) return enlarged(*box);
  if (const auto box = system.search_box()) return *box;
  const System* reduced = system.reduced();
  const auto box = reduced ? reduced->trapping_box() : std::nullopt;
  if (box && system.intervals()) {
    std::vector<numerics::Interval> points, states(static_cast<std::size_t>(system.n_states()));
    for (Index i = 0; i < box->lower.size(); ++i) points.emplace_back(box->lower(i), box->upper(i));
    if (system.intervals()->lift(points, input, states)) {
      Box hull{Vector(system.n_states()), Vector(system.n_states())};
      for (Index i = 0; i < system.n_states(); ++i) {
        hull.lower(i) = states[static_cast<std::size_t>(i)].lower();
        hull.upper(i) = states[static_cast<std::size_t>(i)].upper();
      }
      const Vector widths = hull.upper - hull.lower;
      if (widths.allFinite() && widths.minCoeff() > 0) return enlarged(hull);
    }
  }
  throw InvalidInput("box: none is known for this system (" + system.no_trapping_box_reason() +
                     "), expected one, such as -1,1 for each state");
}

Portrait make_portrait(const System& system, ConstVectorRef input, const PortraitOptions& options,
                       const std::vector<std::string>& state_names, const Progress& progress) {
  return Maker(system, options, progress).run(input, state_names);
}

Portrait make_sketch(const System& system, ConstVectorRef input, const PortraitOptions& options,
                     const std::vector<std::string>& state_names) {
  return Maker(system, options, {}).sketch(input, state_names);
}

}  // namespace nullcline::portrait
