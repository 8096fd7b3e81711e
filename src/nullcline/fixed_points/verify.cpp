// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/fixed_points/exclusion.hpp"
#include "nullcline/fixed_points/spectrum.hpp"

namespace nullcline::fixed_points {

namespace {

// Checks one point, and collects what cannot be shown.
class PointCheck {
 public:
  PointCheck(const dynamics::System& system, const Equation& equation, const FixedPoint& claimed)
      : system_(system),
        equation_(equation),
        claimed_(claimed),
        point_(equation.restrict_states(Matrix(claimed.state.transpose())).row(0).transpose()) {}

  std::vector<std::string> run() {
    if (claimed_.kind == Kind::fixed) {
      check_existence();
      check_index();
      if (claimed_.stability_verdict == Verdict::proven) check_stability();
    } else if (claimed_.kind == Kind::slow) {
      if (!(claimed_.exclusion_radius > 0) ||
          !is_excluded(equation_, point_, claimed_.exclusion_radius))
        doubt("no fixed point within {:.3g} of a slow point", claimed_.exclusion_radius);
    } else {
      doubt("a proof of a point of kind {}", name_of(claimed_.kind));
    }
    return std::move(doubts_);
  }

 private:
  template <class... Values>
  void doubt(fmt::format_string<Values...> text, Values&&... values) {
    doubts_.push_back(fmt::format(text, std::forward<Values>(values)...));
  }

  void check_existence() {
    const Certificate fresh = certify(equation_, point_, false);
    const double bound = zero_distance(equation_, point_, fresh.radius);
    std::optional<double> distance = bound;
    if (equation_.is_reduced() && std::isfinite(bound))
      distance = equation_.lifted_radius(point_, bound, claimed_.state);
    if (!distance || !std::isfinite(*distance))
      doubt("a fixed point within {:.3g}", claimed_.radius);
    else if (!(*distance <= claimed_.radius))
      doubt("a fixed point within {:.3g}: shown is {:.3g}", claimed_.radius, *distance);
    if (!std::isfinite(zero_distance(equation_, point_, claimed_.uniqueness_radius)))
      doubt("exactly one fixed point within {:.3g}", claimed_.uniqueness_radius);
  }

  void check_index() {
    const auto& solved = equation_.solved();
    const int index =
        dynamics::fixed_point_index(solved.time(), jacobian_at(solved, point_, equation_.input()));
    if (index != claimed_.index) doubt("index {:+d}: found {:+d}", claimed_.index, index);
  }

  void check_stability() {
    FixedPoint fresh;
    fresh.state = claimed_.state;
    fresh.verdict = Verdict::proven;
    fresh.radius = claimed_.radius;
    linearize(system_, equation_.input(), fresh);
    certify_stability(system_, equation_.input(), fresh);
    if (fresh.stability_verdict != Verdict::proven || fresh.n_unstable != claimed_.n_unstable ||
        fresh.stability != claimed_.stability)
      doubt("{}, {} unstable directions: found {}, {} ({})", name_of(claimed_.stability),
            claimed_.n_unstable, name_of(fresh.stability), fresh.n_unstable,
            name_of(fresh.stability_verdict));
  }

  const dynamics::System& system_;
  const Equation& equation_;
  const FixedPoint& claimed_;
  const Vector point_;
  std::vector<std::string> doubts_;
};

void require_sizes(const dynamics::System& system, const FixedPointSet& set) {
  for (const FixedPoint& point : set.points)
    if (point.state.size() != system.n_states())
      throw InvalidInput(fmt::format("fixed point: found a state of {} numbers, expected {}",
                                     point.state.size(), system.n_states()));
}

}  // namespace

std::vector<Doubt> verify(const dynamics::System& system, const FixedPointSet& set,
                          const Progress& progress) {
  require_sizes(system, set);
  const Equation equation(system, set.input);
  std::vector<Doubt> doubts;
  int sum = 0;
  for (std::size_t i = 0; i < set.points.size(); ++i) {
    const FixedPoint& point = set.points[i];
    sum += point.index;
    if (!report_progress(
            progress, {static_cast<double>(i), static_cast<double>(set.points.size()), "points"}))
      return doubts;
    if (point.verdict != Verdict::proven) continue;
    if (!point.state.allFinite()) {
      doubts.push_back({static_cast<Index>(i), "a state that is not finite"});
      continue;
    }
    for (std::string& claim : PointCheck(system, equation, point).run())
      doubts.push_back({static_cast<Index>(i), std::move(claim)});
  }
  // Of several hulls only the sum of their indices is known, and it stands in no point.
  const bool all_known = std::all_of(set.points.begin(), set.points.end(),
                                     [](const FixedPoint& point) { return point.has_index; });
  if (all_known && sum != set.audit.index_sum)
    doubts.push_back(
        {-1, fmt::format("indices that sum to {:+d}: found {:+d}", set.audit.index_sum, sum)});
  if (set.audit.index_expected && !(equation.is_trapping() && *set.audit.index_expected == 1))
    doubts.push_back(
        {-1, fmt::format("indices that have to sum to {:+d}", *set.audit.index_expected)});
  return doubts;
}

}  // namespace nullcline::fixed_points
