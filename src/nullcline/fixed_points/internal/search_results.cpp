// SPDX-License-Identifier: BSD-3-Clause
// From what a search has found to what it returns.
#include <algorithm>
#include <cmath>
#include <optional>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/fixed_points/exclusion.hpp"
#include "nullcline/fixed_points/internal/search_run.hpp"
#include "nullcline/fixed_points/spectrum.hpp"

namespace nullcline::fixed_points::internal {

namespace {

// Certified points first, by the number of unstable directions, then by state. Coordinates are
// compared on a grid, so that rounding does not decide between states that share some of them.
bool comes_before(const FixedPoint& a, const FixedPoint& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  if (a.n_unstable != b.n_unstable) return a.n_unstable < b.n_unstable;
  constexpr double kGrid = 1e9;
  for (Index i = 0; i < a.state.size(); ++i) {
    const double x = std::round(a.state(i) * kGrid), y = std::round(b.state(i) * kGrid);
    if (x != y) return x < y;
  }
  return false;
}

// The eigenvalues are those of one state of a hull whose points are not known apart.
void set_undecided(FixedPoint& point) {
  point.kind = Kind::undecided;
  point.stability = Stability::degenerate;
}

void keep_leading_modes(Index n_modes, FixedPoint& point) {
  if (n_modes == 0 || n_modes >= point.eigenvalues.size()) return;
  point.right_eigenvectors = ComplexMatrix(point.right_eigenvectors.leftCols(n_modes));
  point.left_eigenvectors = ComplexMatrix(point.left_eigenvectors.topRows(n_modes));
}

}  // namespace

void SlowCandidates::add(double score, const Vector& state) {
  constexpr std::size_t kMost = 24;
  if (!std::isfinite(score)) return;
  const auto place = std::find_if(best_.begin(), best_.end(),
                                  [score](const auto& other) { return score < other.first; });
  if (best_.size() == kMost && place == best_.end()) return;
  best_.insert(place, {score, state});
  if (best_.size() > kMost) best_.pop_back();
}

void Search::classify_new_points() {
  const std::size_t first = described_.size();
  described_.resize(points_.points().size());
  parallel_for(described_.size() - first, [&](std::size_t i) {
    const FoundPoint& found = points_.points()[first + i];
    FixedPoint& result = described_[first + i];
    result.state = equation_.lift(found.point);
    result.kind = found.kind;
    result.index = found.index;
    result.has_index = found.has_index;
    result.hull_radius = found.hull_radius;
    linearize(system_, equation_.input(), result);
    if (result.kind == Kind::undecided) set_undecided(result);
    Certificate certificate = found.certificate;
    result.uniqueness_radius = certificate.uniqueness_radius;
    if (equation_.is_reduced() && found.kind == Kind::fixed) {
      const auto radius = equation_.lifted_radius(found.point, certificate.radius, result.state);
      if (radius)
        certificate.radius = *radius;
      else
        certificate = certify(full_equation_, result.state, false);
    }
    result.verdict = certificate.verdict;
    result.radius = certificate.radius;
    certify_stability(system_, equation_.input(), result);
    keep_leading_modes(options_.max_modes, result);
  });
}

std::vector<FixedPoint> Search::describe_points() {
  classify_new_points();
  for (std::size_t id = 0; id < described_.size(); ++id)
    described_[id].hits = points_.points()[id].hits;
  std::vector<FixedPoint> result = std::move(described_);
  described_.clear();
  std::stable_sort(result.begin(), result.end(), comes_before);
  return result;
}

// A slow point is a minimum of the speed. Where the speed falls all the way to an undecided hull,
// as along the line on which a map is degenerate, that hull is what makes it small.
bool Search::leads_to_hull(const Vector& state) const {
  constexpr int kSamples = 16;
  const auto speed = [this](const Vector& at) { return full_equation_.residual_at(at).norm(); };
  const auto falls_to = [&](const Vector& hull) {
    double before = speed(state);
    for (int k = 1; k <= kSamples; ++k) {
      const double share = static_cast<double>(k) / kSamples;
      const double here = speed((1 - share) * state + share * hull);
      if (!(here <= before)) return false;
      before = here;
    }
    return true;
  };
  return std::any_of(
      points_.points().begin(), points_.points().end(), [&](const FoundPoint& found) {
        return found.kind == Kind::undecided && falls_to(equation_.lift(found.point));
      });
}

void Search::append_slow_points(std::vector<FixedPoint>& points) const {
  std::vector<Vector> candidates;
  for (const SlowCandidates* list : {&slow_ends_, &slow_starts_})
    for (const auto& candidate : list->best()) candidates.push_back(candidate.second);
  const auto is_known = [this](const Vector& state) {
    const Matrix point = equation_.restrict_states(Matrix(state.transpose()));
    return points_.boxes().find(point.data()) >= 0;
  };
  std::vector<std::optional<SlowPoint>> refined(candidates.size());
  parallel_for(refined.size(), [&](std::size_t i) {
    refined[i] = refine_slow_point(full_equation_, candidates[i], is_known);
  });
  std::vector<SlowPoint> slow;
  for (std::optional<SlowPoint>& candidate : refined)
    if (candidate) slow.push_back(std::move(*candidate));
  std::erase_if(slow, [this](const SlowPoint& found) { return leads_to_hull(found.state); });
  slow = distinct_slow_points(full_equation_, std::move(slow));
  std::vector<FixedPoint> described;
  for (const SlowPoint& found : slow) {
    FixedPoint result;
    result.state = found.state;
    result.kind = Kind::slow;
    result.lifetime = found.lifetime;
    linearize(system_, equation_.input(), result);
    const Matrix point = equation_.restrict_states(Matrix(found.state.transpose()));
    result.exclusion_radius = exclusion_radius(equation_, point.row(0).transpose());
    if (result.exclusion_radius > 0)
      result.verdict = Verdict::proven;
    else if (equation_.solved().intervals() != nullptr)
      set_undecided(result);
    result.has_index = result.kind == Kind::slow;
    keep_leading_modes(options_.max_modes, result);
    described.push_back(std::move(result));
  }
  const auto place = std::find_if(points.begin(), points.end(), [](const FixedPoint& other) {
    return other.kind == Kind::undecided;
  });
  std::stable_sort(described.begin(), described.end(),
                   [](const FixedPoint& a, const FixedPoint& b) { return a.kind < b.kind; });
  points.insert(place, described.begin(), described.end());
}

SearchEnd Search::search_end() const {
  SearchEnd end;
  end.min_hits_wanted = options_.min_hits;
  end.n_starts_wanted = options_.n_starts;
  end.interrupted = interrupted_;
  end.gave_up = gave_up_;
  if (is_proven()) end.proof = proof_text_;
  if (end.proof.empty() && !contracting_norm_.empty() && points_.n_fixed() == 1 &&
      points_.points()[0].certificate.verdict == Verdict::proven)
    end.proof = "the weights are below 1 in the " + contracting_norm_ +
                " norm, so the map contracts: it is proven that there is no other point";
  end.contradicts_proof = points_.contradicts_proof();
  end.no_box_reason = equation_.solved().no_trapping_box_reason();
  return end;
}

}  // namespace nullcline::fixed_points::internal
