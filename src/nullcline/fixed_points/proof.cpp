// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/proof.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/fixed_points/relu.hpp"

namespace nullcline::fixed_points {

namespace {

using dynamics::Box;
using numerics::Interval;

constexpr Index kSmallDimension = 4;  // always enumerated as it is
constexpr Index kFullBudgetDimension = 8;
constexpr std::int64_t kFewestBoxes = 100;

// A box takes about n^3 operations, and with more unknowns success is less likely.
std::int64_t affordable_boxes(Index n, std::int64_t max_boxes) {
  if (n <= kFullBudgetDimension) return max_boxes;
  const double ratio = static_cast<double>(kFullBudgetDimension) / static_cast<double>(n);
  return static_cast<std::int64_t>(static_cast<double>(max_boxes) * ratio * ratio * ratio * ratio);
}

// Of points in a trapping box.
bool indices_agree(const Enumeration& enumeration) {
  if (!enumeration.clusters.empty()) return true;
  int sum = 0;
  for (const EnclosedPoint& point : enumeration.points) {
    if (point.index == 0) return true;  // hidden by rounding
    sum += point.index;
  }
  return sum == 1;
}

std::vector<Interval> to_intervals(const Box& box) {
  std::vector<Interval> result;
  for (Index i = 0; i < box.lower.size(); ++i) result.emplace_back(box.lower(i), box.upper(i));
  return result;
}

Box to_box(const std::vector<Interval>& intervals) {
  const auto n = static_cast<Index>(intervals.size());
  Box box{Vector(n), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    box.lower(i) = intervals[static_cast<std::size_t>(i)].lower();
    box.upper(i) = intervals[static_cast<std::size_t>(i)].upper();
  }
  return box;
}

// States to latent coordinates and back, for one input.
class Lift {
 public:
  Lift(const dynamics::Latent& latent, const Equation& equation)
      : latent_(latent), input_(equation.input()), n_(equation.size()) {}

  Box states(const Box& k) const {
    std::vector<Interval> h(static_cast<std::size_t>(n_));
    latent_.lift(to_intervals(k), input_, h);
    return to_box(h);
  }

  // A box about the enclosure of the state whose latent coordinates are all in `k`.
  Box uniqueness(const Box& k, const Box& enclosure) const {
    std::vector<Interval> here(static_cast<std::size_t>(k.lower.size()));
    latent_.coordinates(to_intervals(enclosure), input_, here);
    double reach = std::numeric_limits<double>::infinity();
    for (Index r = 0; r < k.lower.size(); ++r) {
      const Interval& x = here[static_cast<std::size_t>(r)];
      const double room = std::min(k.upper(r) - x.upper(), x.lower() - k.lower(r));
      reach = std::min(reach, room / latent_.steepness()(r));
    }
    reach = std::max(0.0, reach * (1 - 8 * std::numeric_limits<double>::epsilon()));
    return {enclosure.lower.array() - reach, enclosure.upper.array() + reach};
  }

 private:
  const dynamics::Latent& latent_;
  const Vector& input_;
  Index n_;
};

std::optional<Proof> prove_latent(const Equation& equation, const dynamics::Latent& latent,
                                  std::int64_t max_boxes, const KeepGoing& keep_going) {
  EnumerationOptions options;
  options.max_boxes = max_boxes;
  options.keep_going = keep_going;
  const Enumeration found =
      enumerate_fixed_points(latent.map(), equation.input(), *latent.map().trapping_box(), options);
  if (!found.is_complete || !indices_agree(found)) return std::nullopt;
  const Lift lift(latent, equation);
  Proof proof;
  for (const EnclosedPoint& point : found.points) {
    const Box enclosure = lift.states(point.enclosure);
    proof.points.push_back({enclosure, lift.uniqueness(point.uniqueness, enclosure), point.index});
  }
  for (const Cluster& cluster : found.clusters)
    proof.clusters.push_back({lift.states(cluster.hull)});
  proof.method = fmt::format(
      "an enumeration of {} boxes in the {} latent coordinate{} of recurrent weights of rank {}",
      found.n_boxes, latent.map().n_states(), latent.map().n_states() == 1 ? "" : "s",
      latent.map().n_states());
  return proof;
}

// What was met next to the region, but is proven not to be in it.
void drop_outside(Enumeration& found, const Box& region) {
  const Vector margin = 1e-9 * (region.upper - region.lower);  // far above the error of a solver
  const auto is_outside = [&](const Box& box) {
    return (box.upper.array() < (region.lower - margin).array()).any() ||
           (box.lower.array() > (region.upper + margin).array()).any();
  };
  std::erase_if(found.points,
                [&](const EnclosedPoint& point) { return is_outside(point.enclosure); });
  std::erase_if(found.clusters, [&](const Cluster& cluster) { return is_outside(cluster.hull); });
}

std::optional<Proof> prove_directly(const Equation& equation, std::int64_t max_boxes,
                                    const KeepGoing& keep_going) {
  EnumerationOptions options;
  options.keep_going = keep_going;
  options.max_boxes = affordable_boxes(equation.size(), max_boxes);
  options.is_hasty = equation.size() > kFullBudgetDimension;
  if (options.max_boxes < kFewestBoxes) return std::nullopt;
  Enumeration found =
      enumerate_fixed_points(equation.solved(), equation.input(), *equation.box(), options);
  if (!found.is_complete) return std::nullopt;
  drop_outside(found, *equation.box());
  if (equation.is_trapping() && !indices_agree(found)) return std::nullopt;
  return Proof{std::move(found.points), std::move(found.clusters),
               fmt::format("an enumeration of {} boxes that cover the {} box", found.n_boxes,
                           equation.is_trapping() ? "trapping" : "given")};
}

std::optional<Proof> prove_relu(const dynamics::ReluForm& form, std::int64_t max_boxes,
                                const KeepGoing& keep_going) {
  constexpr std::size_t kMostUnits = 32;
  constexpr std::int64_t kNodesPerBox = 30;  // a node takes so much less time
  if (form.offset.size() > kMostUnits) return std::nullopt;
  std::optional<Enumeration> found = enumerate_relu(form, kNodesPerBox * max_boxes, keep_going);
  if (!found) return std::nullopt;
  return Proof{std::move(found->points), std::move(found->clusters),
               fmt::format("an enumeration of {} patterns of relus that are on and off, which "
                           "covers all of them",
                           found->n_boxes)};
}

}  // namespace

std::optional<Proof> prove_all(const Equation& equation, std::int64_t max_boxes,
                               const KeepGoing& keep_going) {
  const dynamics::System& map = equation.solved();
  if (max_boxes > 0)
    if (const auto form = map.relu_form(equation.input()))
      return prove_relu(*form, max_boxes, keep_going);
  if (max_boxes <= 0 || map.intervals() == nullptr || !equation.box()) return std::nullopt;
  if (equation.size() > kSmallDimension && map.latent() != nullptr)
    return prove_latent(equation, *map.latent(), max_boxes, keep_going);
  return prove_directly(equation, max_boxes, keep_going);
}

}  // namespace nullcline::fixed_points
