// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/internal/pursuit.hpp"

#include <algorithm>
#include <cmath>

namespace nullcline::census::internal {

namespace {

constexpr double kFirstLook = 20;   // time before a return is looked for; it doubles
constexpr double kReturn = 0.05;    // a return is this near, relative to the size of the turn
constexpr double kFarReturn = 0.2;  // of the return map
constexpr double kNear = 1e-6;      // a saddle's neighborhood, relative to the room around it
constexpr double kLeft = 1e-2;      // out of it again
constexpr double kOutside = 1e-6;   // relative to the size of the box
constexpr int kMaxReturnSteps = 5000;
constexpr int kMaxSecants = 15;
constexpr double kNoise = 100;  // of the return map, in tolerances of the integrator

double room_around(const PointSet& set, std::size_t i, double size) {
  double room = size;
  for (std::size_t j = 0; j < set.points.size(); ++j)
    if (j != i) room = std::min(room, (set.points[j].state - set.points[i].state).norm());
  return room;
}

// The time of the last step at which the section is crossed.
double crossing_time(const dynamics::FlowStepper& stepper, const Vector& normal,
                     const Vector& origin) {
  double low = stepper.previous_time(), high = stepper.time();
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (normal.dot(stepper.at(middle) - origin) < 0 ? low : high) = middle;
  }
  return high;
}

}  // namespace

Plane::Plane(const dynamics::System& flow, ConstVectorRef input, const PointSet& points,
             const SkeletonOptions& options)
    : flow_(flow),
      input_(input),
      set_(points),
      options_(options),
      size_((points.box.upper - points.box.lower).norm()) {
  for (std::size_t i = 0; i < set_.points.size(); ++i) {
    room_.push_back(room_around(set_, i, size_));
    attractions_.push_back(set_.points[i].n_unstable == 1
                               ? Attraction{}
                               : prove_attraction(flow, input, set_.points[i], room_[i] / 2));
  }
}

std::optional<Fate> Plane::fate_of(const Vector& state, int sense,
                                   std::optional<std::size_t> saddle) {
  const double margin = kOutside * size_;
  for (Index i = 0; i < state.size(); ++i)
    if (!(state(i) <= set_.box.upper(i) + margin && state(i) >= set_.box.lower(i) - margin))
      return Fate{Fate::Kind::outside, 0};
  const int wanted = sense > 0 ? 0 : 2;
  for (std::size_t i = 0; i < set_.points.size(); ++i) {
    const ProvenPoint& point = set_.points[i];
    if (point.n_unstable == wanted && attractions_[i].contains(state))
      return Fate{Fate::Kind::point, i};
    if (point.n_unstable == 1 && saddle != i && (state - point.state).norm() < kNear * room_[i])
      return Fate{Fate::Kind::near_saddle, i};
  }
  return std::nullopt;
}

Fate Plane::follow(const Vector& start, int sense, std::optional<std::size_t> saddle,
                   std::vector<Vector>* path) {
  dynamics::FlowStepper stepper(flow_, input_, options_.tolerance, sense);
  stepper.start(start);
  double look = kFirstLook, last = 0;
  std::optional<Section> section;
  for (int step = 0; step < options_.max_steps; ++step) {
    if (!stepper.step()) return {};
    const Vector& state = stepper.state();
    if (path != nullptr) path->push_back(state);
    if (const std::optional<Fate> fate = fate_of(state, sense, saddle)) return *fate;
    if (saddle && (state - set_.points[*saddle].state).norm() > kLeft * room_[*saddle])
      saddle.reset();
    if (!section) {
      if (stepper.time() < look) continue;
      const Vector rate = sense * dynamics::evaluate_at(flow_, state, input_);
      const Vector normal = rate.normalized();
      section = Section{state, normal, Eigen::Vector2d(-normal(1), normal(0)), 0};
      last = 0;
      continue;
    }
    section->turn = std::max(section->turn, (state - section->origin).norm());
    const double height = section->normal.dot(state - section->origin);
    if (last < 0 && height >= 0) {
      const double time = crossing_time(stepper, section->normal, section->origin);
      const double offset = section->across.dot(stepper.at(time) - section->origin);
      if (std::abs(offset) <= kReturn * section->turn) {
        if (const auto cycle = cycle_near(*section, {offset, 0}, sense))
          return {Fate::Kind::cycle, *cycle};
        look = 1.5 * stepper.time();
        section.reset();
      }
    }
    last = height;
    if (section && stepper.time() > 2 * look) {
      look = stepper.time();
      section.reset();
    }
  }
  return {};
}

std::optional<Plane::Return> Plane::first_return(const Section& section, double offset, int sense) {
  dynamics::FlowStepper stepper(flow_, input_, options_.tolerance, sense);
  stepper.start(section.origin + offset * section.across);
  double last = 0;
  for (int step = 0; step < kMaxReturnSteps; ++step) {
    if (!stepper.step() || fate_of(stepper.state(), sense, {})) return std::nullopt;
    const double height = section.normal.dot(stepper.state() - section.origin);
    if (last < 0 && height >= 0) {
      const double time = crossing_time(stepper, section.normal, section.origin);
      const double back = section.across.dot(stepper.at(time) - section.origin);
      if (std::abs(back) <= kFarReturn * section.turn) return Return{back, time};
    }
    last = height;
  }
  return std::nullopt;
}

// A zero of g(s) = P(s) - s by secants from the origin of the section, where g is `value`.
std::optional<double> Plane::solve(const Section& section, double value, int sense) {
  const double noise = kNoise * options_.tolerance * section.turn;
  constexpr double kSecant = 1e-4;  // shorter ones drown in the noise of a map close to 1
  double a = 0, g_a = value;
  double b = std::copysign(std::max(std::abs(value), kSecant * section.turn), value);
  for (int i = 0; i < kMaxSecants; ++i) {
    const std::optional<Return> back = first_return(section, b, sense);
    if (!back) return std::nullopt;
    const double g_b = back->offset - b;
    if (std::abs(g_b) <= 0.01 * noise || b == a) return b;
    const double next = b - g_b * (b - a) / (g_b - g_a);
    if (!(std::abs(next) <= kFarReturn / 2 * section.turn))
      return std::abs(g_b) <= noise ? std::optional(b) : std::nullopt;
    a = b;
    g_a = g_b;
    b = next;
  }
  return std::abs(g_a) <= noise ? std::optional(a) : std::nullopt;
}

std::optional<std::size_t> Plane::cycle_near(const Section& section, const Return& first,
                                             int sense) {
  const std::optional<double> zero = solve(section, first.offset, sense);
  if (!zero) return std::nullopt;
  const double noise = kNoise * options_.tolerance * section.turn;
  for (const double share : {1e-5, 1e-4, 1e-3, 1e-2}) {
    const double reach = share * section.turn;
    const auto above = first_return(section, *zero + reach, sense);
    const auto below = first_return(section, *zero - reach, sense);
    if (!above || !below) return std::nullopt;
    const double g_above = above->offset - (*zero + reach),
                 g_below = below->offset - (*zero - reach);
    if (std::abs(g_above) <= noise || std::abs(g_below) <= noise) continue;
    if ((g_above > 0) == (g_below > 0)) return std::nullopt;
    const bool attracts = g_above < 0;
    const auto back = first_return(section, *zero, sense);
    if (!back) return std::nullopt;
    const std::size_t k =
        add_cycle(section, *zero, back->time, attracts == (sense > 0), reach, sense);
    return attracts ? std::optional(k) : std::nullopt;
  }
  return std::nullopt;
}

std::size_t Plane::add_cycle(const Section& section, double offset, double period, bool is_stable,
                             double reach, int sense) {
  SectionedCycle found;
  found.point = section.origin + offset * section.across;
  found.across = section.across;
  found.reach = reach;
  found.cycle.period = period;
  found.cycle.is_stable = is_stable;
  dynamics::FlowStepper stepper(flow_, input_, options_.tolerance, sense);
  stepper.start(found.point);
  std::vector<Vector> states = {found.point};
  constexpr int kPerStep = 3;
  while (stepper.time() < period && stepper.step())
    for (int i = 1; i <= kPerStep; ++i) {
      const double begin = stepper.previous_time();
      const double time = begin + (stepper.time() - begin) * i / kPerStep;
      if (time < period) states.push_back(stepper.at(time));
    }
  if (sense < 0) std::reverse(states.begin() + 1, states.end());
  found.cycle.states.resize(static_cast<Index>(states.size()), 2);
  for (std::size_t i = 0; i < states.size(); ++i)
    found.cycle.states.row(static_cast<Index>(i)) = states[i].transpose();
  constexpr double kSamePeriod = 1e-4, kSamePlace = 1e-3;
  for (std::size_t k = 0; k < cycles_.size(); ++k) {
    const FoundCycle& known = cycles_[k].cycle;
    const Matrix& a = known.states;
    const Matrix& b = found.cycle.states;
    const double gap =
        std::max((a.colwise().maxCoeff() - b.colwise().maxCoeff()).cwiseAbs().maxCoeff(),
                 (a.colwise().minCoeff() - b.colwise().minCoeff()).cwiseAbs().maxCoeff());
    if (known.is_stable == is_stable && gap <= kSamePlace * section.turn &&
        std::abs(known.period - period) <= kSamePeriod * period)
      return k;
  }
  cycles_.push_back(std::move(found));
  return cycles_.size() - 1;
}

}  // namespace nullcline::census::internal
