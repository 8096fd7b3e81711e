// SPDX-License-Identifier: BSD-3-Clause
// The stages of a search, and what decides between them.
#include <fmt/format.h>

#include <algorithm>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/homotopy.hpp"
#include "nullcline/fixed_points/internal/search_run.hpp"
#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/fixed_points/relu.hpp"
#include "nullcline/fixed_points/steps.hpp"

namespace nullcline::fixed_points::internal {

namespace {

constexpr Index kFaithfulStarts = 256;    // visited states that are solved as they are
constexpr Index kRoundStarts = 256;       // counted starts between two looks at what was found
constexpr std::int64_t kFirstLook = 512;  // counted starts before anything is concluded from them
constexpr std::int64_t kProvenStarts = 256;  // counted starts where completeness is proven anyway
constexpr std::size_t kMaxPairs = 128;       // midpoints tried in one structured stage
constexpr Index kRoundPaths = 8;
constexpr std::int64_t kHardPaths = 64;  // paths that a hard problem gets in any case
constexpr int kFirstPathSteps = 100;     // in the round that every search gets
constexpr int kMaxPathSteps = 400;
constexpr double kHardShare = 0.8;     // a problem is hard if fewer starts than this converge
constexpr int kFirstNewtonSteps = 50;  // of undamped Newton, before it is known what is enough
constexpr Index kMaxPoints = 4000;
constexpr Index kMaxModeNumbers = Index{1} << 25;  // complex numbers in the modes of all points

}  // namespace

Search::Search(const dynamics::System& system, ConstVectorRef input, ConstMatrixRef visited,
               const SearchOptions& options, const Progress& progress)
    : system_(system),
      equation_(system, input),
      full_equation_(system, input, Equation::Form::full),
      options_(options),
      progress_(progress),
      starts_(system, equation_, visited, options.seed),
      points_(equation_),
      newton_patience_(std::min(kFirstNewtonSteps, options.max_iterations)),
      damped_patience_(options.max_iterations) {
  relu_ = equation_.solved().relu_form(input);
  if (relu_) contracting_norm_ = contracting_norm(relu_->weights);
  if (equation_.is_trapping() || !contracting_norm_.empty()) audit_.index_expected = 1;
}

FixedPointSet Search::run() {
  prove();
  faithful_stage();
  while (!is_finished()) {
    statistical_round();
    if (is_proven()) continue;
    structured_stage();
    if (needs_paths()) path_round();
  }
  FixedPointSet result;
  result.input = equation_.input();
  result.seed = options_.seed;
  result.points = describe_points();
  append_slow_points(result.points);
  complete_audit(points_, search_end(), audit_);
  result.audit = audit_;
  return result;
}

// With proof, where that is possible; the stages that follow then count hits and see slow points.
void Search::prove() {
  const std::optional<Proof> proof =
      prove_all(equation_, options_.max_boxes, [this](std::int64_t n_boxes) {
        const auto total = static_cast<double>(options_.n_starts);
        interrupted_ = !report_progress(progress_, {0, total, fmt::format("{} boxes", n_boxes)});
        return !interrupted_;
      });
  if (!proof) return;
  points_.set_all(*proof);
  const Index n = points_.n_fixed(), n_clusters = points_.n_undecided();
  const char* plural = n == 1 ? "" : "s";
  if (n_clusters == 0)
    proof_text_ = fmt::format("proven by {}: there {} {} fixed point{}, and no other",
                              proof->method, n == 1 ? "is" : "are", n, plural);
  else
    proof_text_ = fmt::format(
        "proven by {}: every fixed point is one of {} listed, or is in the hull of one of {} "
        "undecided points, where fixed points are too close together or too degenerate to be told "
        "apart",
        proof->method, n, n_clusters);
  if (!equation_.box_holds_all() && equation_.box())
    proof_text_ += "; outside of the box nothing is said";
  if (n_clusters > 0 && equation_.is_trapping())
    proof_text_ += fmt::format("; the net index there is {:+d}", points_.index_in_clusters());
  report();
}

// What trajectories see: Levenberg-Marquardt keeps to the basins.
void Search::faithful_stage() {
  const Matrix starts = starts_.thinned(kFaithfulStarts);
  const EndStates ends = solve(starts, Method::levenberg_marquardt);
  collect(ends, Method::levenberg_marquardt, false);
  for (Index i = 0; i < starts.rows(); ++i)
    remember_slow_start(starts.row(i).transpose(), ends.points.row(i).transpose());
  report();
}

void Search::statistical_round() {
  const std::int64_t first = n_sampled_;
  const Index count = std::min<std::int64_t>(kRoundStarts, std::max<std::int64_t>(1, n_left()));
  const Matrix known = points_.fixed();
  // They fail on different problems; where Newton does well, its steps are the cheaper ones. Relu
  // maps get a third of the starts for the walk from pattern to pattern.
  const Index share =
      audit_.n_starts < kFirstLook || newton_patience_.yield() < damped_patience_.yield() ? 2 : 4;
  const Index n_patterns = relu_ ? count / 3 : 0;
  const Index n_damped = (count - n_patterns + share - 1) / share;
  const Index n_newton = count - n_patterns - n_damped;
  struct Part {
    Method method;
    Index n_starts;
    std::int64_t number;  // of its first start
  };
  const Part parts[] = {{Method::newton, n_newton, first + n_damped},
                        {Method::levenberg_marquardt, n_damped, first},
                        {Method::patterns, n_patterns, first + n_damped + n_newton}};
  for (const auto& [method, n_starts, number] : parts) {
    Matrix starts(n_starts, equation_.size());
    for (Index i = 0; i < n_starts; ++i) {
      Vector start(equation_.size());
      draw_start(number + i, method, known, start);
      starts.row(i) = start.transpose();
    }
    collect(solve(starts, method), method, true);
  }
  n_sampled_ += count;
  report();
}

void Search::draw_start(std::int64_t number, Method method, const Matrix& known,
                        Vector& start) const {
  if (method == Method::patterns) {
    Rng rng(options_.seed, Purpose::fixed_point_starts, static_cast<std::uint64_t>(number));
    start = draw_virtual_point(*relu_, rng);
    if (start.allFinite()) return;
  }
  starts_.draw(number, known, start);
  equation_.project(start);
}

// Between two attractors there is a saddle: midpoints of pairs not tried before.
void Search::structured_stage() {
  const std::vector<Index> ends = pair_ends();
  std::vector<Vector> midpoints;
  for (std::size_t a = 0; a < ends.size(); ++a)
    for (std::size_t b = a + 1; b < ends.size() && midpoints.size() < kMaxPairs; ++b)
      if (tried_pairs_.insert({ends[a], ends[b]}).second)
        midpoints.push_back((point(ends[a]) + point(ends[b])) / 2);
  if (midpoints.empty()) return;
  Matrix starts(static_cast<Index>(midpoints.size()), equation_.size());
  for (std::size_t i = 0; i < midpoints.size(); ++i)
    starts.row(static_cast<Index>(i)) = midpoints[i].transpose();
  for (const Method method : {Method::newton, Method::levenberg_marquardt})
    collect(solve(starts, method), method, false);
}

// Homotopy paths are counted starts too: each meets the points that it passes.
void Search::path_round() {
  const Index count = std::min<std::int64_t>(kRoundPaths, n_left());
  if (count <= 0) return;
  Matrix starts(count, equation_.size());
  for (Index i = 0; i < count; ++i) starts.row(i) = starts_.path_start(n_paths_ + i).transpose();
  const int max_steps = n_paths_ == 0 ? kFirstPathSteps : kMaxPathSteps;
  n_paths_ += count;
  for (const Path& path : trace_homotopies(equation_, starts, max_steps)) {
    ++audit_.n_starts;
    audit_.n_newton_steps += path.n_steps;
    n_path_steps_ += path.n_steps;
    std::set<Index> met;
    for (const Vector& zero : path.zeros) {
      const Collection::Verdict verdict = add(zero);
      if (verdict.fate == Collection::Fate::found) met.insert(verdict.id);
    }
    for (const Index id : met) points_.count_hit(id);
    ++(met.empty() ? audit_.n_unconverged : audit_.n_converged);
  }
  report();
}

EndStates Search::solve(const Matrix& starts, Method method) const {
  const Index size = batch_size(equation_.size());
  const auto n_batches = static_cast<std::size_t>((starts.rows() + size - 1) / size);
  std::vector<EndStates> parts(n_batches, EndStates(Matrix(0, equation_.size())));
  const int newton_steps = limit(newton_patience_), damped_steps = limit(damped_patience_);
  parallel_for(n_batches, [&](std::size_t batch) {
    const Index first = static_cast<Index>(batch) * size;
    const auto rows = starts.middleRows(first, std::min(size, starts.rows() - first));
    switch (method) {
      case Method::newton:
        parts[batch] = solve_newton(equation_, rows, points_.boxes(), newton_steps);
        break;
      case Method::levenberg_marquardt:
        parts[batch] = solve_levenberg_marquardt(equation_, rows, points_.boxes(), damped_steps);
        break;
      case Method::patterns:
        parts[batch] = solve_newton(equation_, rows, points_.boxes(), newton_steps,
                                    best_engine(equation_), Damping::none);
        break;
    }
  });
  EndStates all(starts);
  for (std::size_t batch = 0; batch < n_batches; ++batch) {
    const EndStates& part = parts[batch];
    const Index first = static_cast<Index>(batch) * size;
    all.points.middleRows(first, part.points.rows()) = part.points;
    std::copy(part.terminations.begin(), part.terminations.end(), all.terminations.begin() + first);
    std::copy(part.captured.begin(), part.captured.end(), all.captured.begin() + first);
    std::copy(part.steps.begin(), part.steps.end(), all.steps.begin() + first);
    all.n_steps += part.n_steps;
  }
  return all;
}

// In the order of the starts, on one thread: new points get their numbers here.
void Search::collect(const EndStates& ends, Method method, bool counted) {
  audit_.n_newton_steps += ends.n_steps;
  for (Index i = 0; i < ends.points.rows(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    Index id = ends.captured[k];
    if (id < 0 && ends.terminations[k] == Termination::converged)
      id = add(ends.points.row(i).transpose()).id;
    // Polishing may leap from a ghost to a zero far away: what counts is where the solver ended.
    if (method == Method::levenberg_marquardt && ends.terminations[k] != Termination::diverged &&
        points_.boxes().find(&ends.points(i, 0)) < 0)
      remember_slow_candidate(ends.points.row(i).transpose());
    if (!counted) continue;
    if (audit_.n_starts < kFirstLook) observe(method, ends.steps[k], id >= 0);
    ++audit_.n_starts;
    ++(id >= 0 ? audit_.n_converged : audit_.n_unconverged);
    if (id >= 0) points_.count_hit(id);
  }
}

Collection::Verdict Search::add(ConstVectorRef end_state) {
  const Collection::Verdict verdict = points_.add(end_state);
  if (verdict.fate == Collection::Fate::outside) ++audit_.n_outside_box;
  return verdict;
}

// Keeps the slowest end states of Levenberg-Marquardt that are no zeros.
void Search::remember_slow_candidate(ConstVectorRef end_state) {
  const Vector state = equation_.lift(end_state);
  const double q = full_equation_.residual_at(state).squaredNorm() / 2;
  if (q <= 10 * kLargestSlowSpeed) slow_ends_.add(q, state);
}

// And the visited states that are slow though the zero that they led to is far: q of the full map
// has minima where that of the reduced map has none.
void Search::remember_slow_start(ConstVectorRef start, ConstVectorRef end_state) {
  const Vector state = equation_.lift(start);
  const double step = full_equation_.residual_at(state).norm();
  if (step * step / 2 <= 10 * kLargestSlowSpeed)
    slow_starts_.add(step / (start - end_state).norm(), state);
}

// Without a box steps are damped, and patience pays.
int Search::limit(const Patience& patience) const {
  return equation_.box_holds_all() ? patience.limit() : options_.max_iterations;
}

void Search::observe(Method method, int steps, bool converged) {
  if (method == Method::newton) newton_patience_.observe(steps, converged);
  if (method == Method::levenberg_marquardt) damped_patience_.observe(steps, converged);
}

bool Search::audit_passes() const {
  return !audit_.index_expected || points_.index_sum() == *audit_.index_expected;
}

bool Search::is_hard() const {
  return static_cast<double>(audit_.n_converged) <
         kHardShare * static_cast<double>(audit_.n_starts);
}

// Chaotic networks have more points than can be found, and each takes memory for its modes.
bool Search::is_hopeless() const {
  const Index n = system_.n_states();
  const Index most = std::clamp<Index>(kMaxModeNumbers / (2 * n * n), 100, kMaxPoints);
  if (points_.n_fixed() >= most) return true;
  return audit_.n_starts >= options_.n_starts &&
         unseen_estimate(points_) > static_cast<double>(points_.n_fixed());
}

bool Search::is_finished() {
  if (interrupted_ || n_left() <= 0 || points_.is_proven_unique()) return true;
  if (is_proven()) return audit_.n_starts >= kProvenStarts;
  if (!contracting_norm_.empty() && points_.n_fixed() == 1) return true;
  gave_up_ = is_hopeless();
  if (gave_up_) return true;
  const bool only_degenerate = points_.n_fixed() == 0 && points_.n_undecided() > 0;
  if (audit_.n_starts >= kFirstLook && only_degenerate) return true;
  if (audit_.n_starts < options_.n_starts) return false;
  if (points_.n_undecided() > 0) return true;  // no number of starts makes that audit pass
  if (points_.n_fixed() == 0) return !audit_.index_expected;
  return audit_passes() && fewest_hits(points_) >= options_.min_hits;
}

// Paths are for smooth maps with a box, where theory promises that they arrive. A few are always
// followed, since they see points that all other samplers may miss.
bool Search::needs_paths() const {
  if (!equation_.box_holds_all() || equation_.solved().has_kinks() || interrupted_) return false;
  if (audit_.n_starts < kFirstLook) return false;
  if (n_paths_ == 0) return true;
  if (n_path_steps_ > audit_.n_newton_steps / 2 || points_.n_undecided() > 0) return false;
  const bool few_hits =
      audit_.n_starts >= options_.n_starts / 2 && fewest_hits(points_) < options_.min_hits;
  return !audit_passes() || few_hits || (is_hard() && n_paths_ < kHardPaths);
}

// Attractors; all points if there are fewer than two of them or the audit fails.
std::vector<Index> Search::pair_ends() {
  classify_new_points();
  std::vector<Index> attractors, all;
  for (std::size_t id = 0; id < described_.size(); ++id) {
    if (points_.points()[id].kind != Kind::fixed) continue;
    all.push_back(static_cast<Index>(id));
    if (described_[id].n_unstable == 0) attractors.push_back(static_cast<Index>(id));
  }
  const bool use_all =
      attractors.size() < 2 || (audit_.n_starts >= options_.n_starts / 2 && !audit_passes());
  return use_all ? all : attractors;
}

void Search::report() {
  if (interrupted_) return;
  const double done = static_cast<double>(audit_.n_starts);
  const double total = std::max(done, static_cast<double>(options_.n_starts));
  interrupted_ =
      !report_progress(progress_, {done, total, fmt::format("{} fixed points", points_.n_fixed())});
}

}  // namespace nullcline::fixed_points::internal
