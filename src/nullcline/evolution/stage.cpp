// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/evolution/stage.hpp"

#include <algorithm>
#include <cmath>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/fixed_points/starts.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::evolution {

using fixed_points::Completeness;
using fixed_points::EndStates;
using fixed_points::Stability;

namespace {

constexpr Index kRound = 32;  // counted starts between two looks at what is known
constexpr Index kBatch = 16;
constexpr std::int64_t kPatience = 8;  // times as many starts where the indices do not sum up

}  // namespace

Stage::Stage(std::shared_ptr<const dynamics::System> system, ConstVectorRef input)
    : system_(std::move(system)), equation_(*system_, input), boxes_(equation_.size()) {}

void Stage::restore(const std::vector<Found>& known) {
  for (const Found& found : known) {
    boxes_.add(found.point, found.certificate.uniqueness_radius, static_cast<Index>(found_.size()));
    found_.push_back(found);
  }
}

Index Stage::add(ConstVectorRef state) {
  return add_point(equation_.restrict_states(Matrix(state.transpose())).row(0).transpose());
}

Index Stage::add_point(ConstVectorRef point) {
  const Vector start = point;
  Index id = boxes_.find(start.data());
  if (id >= 0) return id;
  const fixed_points::Polished polished = fixed_points::polish(equation_, start);
  if (!std::isfinite(polished.residual) || !equation_.in_box(polished.point)) return -1;
  id = boxes_.find(polished.point.data());
  if (id >= 0) return id;
  const fixed_points::Certificate certificate = certify(equation_, polished.point);
  if (!certificate.exists) {
    if (polished.residual <= rounding_floor(equation_, polished.point)) ++n_undecided_;
    return -1;
  }
  // The other way round: a known point in the new box.
  for (std::size_t k = 0; k < found_.size(); ++k)
    if ((found_[k].point - polished.point).cwiseAbs().maxCoeff() <= certificate.uniqueness_radius)
      return static_cast<Index>(k);
  id = static_cast<Index>(found_.size());
  boxes_.add(polished.point, certificate.uniqueness_radius, id);
  const int index = dynamics::fixed_point_index(
      equation_.solved().time(),
      jacobian_at(equation_.solved(), polished.point, equation_.input()));
  found_.push_back({equation_.lift(polished.point), polished.point, certificate, index, 0});
  return id;
}

Matrix Stage::known() const {
  Matrix rows(static_cast<Index>(found_.size()), equation_.size());
  for (std::size_t i = 0; i < found_.size(); ++i)
    rows.row(static_cast<Index>(i)) = found_[i].point.transpose();
  return rows;
}

void Stage::solve(const Matrix& starts, bool damped, int iterations, bool counted) {
  const auto n_batches = static_cast<std::size_t>((starts.rows() + kBatch - 1) / kBatch);
  std::vector<EndStates> parts(n_batches, EndStates(Matrix(0, equation_.size())));
  parallel_for(n_batches, [&](std::size_t batch) {
    const Index first = static_cast<Index>(batch) * kBatch;
    const auto rows = starts.middleRows(first, std::min(kBatch, starts.rows() - first));
    parts[batch] = damped ? solve_levenberg_marquardt(equation_, rows, boxes_, iterations)
                          : solve_newton(equation_, rows, boxes_, iterations);
  });
  for (const EndStates& part : parts)
    for (Index i = 0; i < part.points.rows(); ++i) {
      const auto k = static_cast<std::size_t>(i);
      Index id = part.captured[k];
      if (id < 0 && part.terminations[k] == Termination::converged)
        id = add_point(part.points.row(i).transpose());
      if (!counted) continue;
      ++n_starts_;
      if (id >= 0) ++found_[static_cast<std::size_t>(id)].hits;
    }
}

bool Stage::is_sum_right() const {
  int sum = 0;
  for (const Found& found : found_) sum += found.index;
  return !equation_.is_trapping() || sum == 1;
}

void Stage::search(ConstMatrixRef visited, const SearchSizes& sizes) {
  const fixed_points::Starts starts(*system_, equation_, visited, sizes.seed);
  if (sizes.visited > 0) solve(starts.thinned(sizes.visited), true, sizes.iterations, false);
  while (static_cast<int>(found_.size()) < sizes.max_points) {
    const std::int64_t limit = sizes.starts * (is_sum_right() ? 1 : kPatience);
    if (n_starts_ >= limit) break;
    const Index count = std::min<Index>(kRound, limit - n_starts_);
    const Matrix points = known();
    Matrix rows(count, equation_.size());
    for (Index i = 0; i < count; ++i) {
      Vector start(equation_.size());
      starts.draw(n_starts_ + i, points, start);
      equation_.project(start);
      rows.row(i) = start.transpose();
    }
    const Index n_damped = count / 2;  // they fail on different problems
    solve(rows.topRows(n_damped), true, sizes.iterations, true);
    solve(rows.bottomRows(count - n_damped), false, sizes.iterations, true);
  }
}

void Stage::fill(Snapshot& snapshot) const {
  double once = 0, twice = 0;
  for (const Found& found : found_) {
    snapshot.index_sum += found.index;
    once += found.hits == 1 ? 1 : 0;
    twice += found.hits == 2 ? 1 : 0;
  }
  snapshot.unseen_estimate = std::max(0.0, once * (once - 1) / (2 * (twice + 1)));
  snapshot.n_starts = n_starts_;
  snapshot.n_undecided = n_undecided_;
  if (equation_.is_trapping()) snapshot.index_expected = 1;
}

Point describe(const dynamics::System& system, ConstVectorRef input, const Found& found) {
  const bool is_map = system.time() == dynamics::Time::discrete;
  Point point;
  point.state = found.state;
  point.verdict = found.certificate.verdict;
  point.radius = found.certificate.radius;
  point.index = found.index;
  point.hits = found.hits;
  const ComplexVector values = numerics::eigenvalues(jacobian_at(system, found.state, input));
  bool is_degenerate = false;
  for (const std::complex<double>& value : values) {
    const double excess = is_map ? std::abs(value) - 1 : value.real();
    if (excess > fixed_points::kDegenerateMargin) ++point.n_unstable;
    is_degenerate = is_degenerate || !(std::abs(excess) > fixed_points::kDegenerateMargin);
  }
  if (is_degenerate)
    point.stability = Stability::degenerate;
  else if (point.n_unstable == 0)
    point.stability = Stability::stable;
  else
    point.stability = point.n_unstable == values.size() ? Stability::unstable : Stability::saddle;
  return point;
}

void set_completeness(Snapshot& snapshot) {
  if (!snapshot.index_expected) return;
  const bool passes = snapshot.index_sum == *snapshot.index_expected &&
                      snapshot.unseen_estimate < 1 && snapshot.n_undecided == 0;
  snapshot.completeness = passes ? Completeness::statistical : Completeness::incomplete;
}

}  // namespace nullcline::evolution
