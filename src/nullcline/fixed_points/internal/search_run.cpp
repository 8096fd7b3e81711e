// SPDX-License-Identifier: BSD-3-Clause
// The stages of a search, and what decides between them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/internal/search_run.hpp"
#include "nullcline/fixed_points/levenberg_marquardt.hpp"
#include "nullcline/fixed_points/newton.hpp"
#include "nullcline/fixed_points/relu.hpp"
#include "nullcline/fixed_points/steps.hpp"

namespace nullcline::fixed_points::internal {

namespace {

constexpr Index kFaithfulStarts = 256;  // visited states that are solved as they are
constexpr Index kRoundStarts = 256;     // counted starts between the first looks at what was found
constexpr Index kLargestRound = 2048;   // and between later ones
constexpr Index kRoundWork = Index{1} << 19;  // starts x units of a round
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
      visited_(visited),
      points_(equation_),
      newton_patience_(std::min(kFirstNewtonSteps, options.max_iterations)),
      damped_patience_(options.max_iterations) {
  relu_ = equation_.solved().relu_form(input);
  if (relu_) contracting_norm_ = contracting_norm(relu_->weights);
  if (equation_.is_trapping() || !contracting_norm_.empty()) audit_.index_expected = 1;
}

FixedPointSet Search::run() {
  prove();
  const bool is_enough = options_.proof_suffices && is_proven();
  if (!is_enough) sample();
  FixedPointSet result;
  result.input = equation_.input();
  result.seed = options_.seed;
  result.points = describe_points();
  if (!is_enough) append_slow_points(result.points);
  complete_audit(points_, search_end(), audit_);
  result.audit = audit_;
  return result;
}

void Search::sample() {
  starts_.emplace(system_, equation_, visited_, options_.seed);
  faithful_stage();
  while (!is_finished()) {
    statistical_round();
    if (is_proven()) continue;
    structured_stage();
  }
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
  const Matrix starts = starts_->thinned(kFaithfulStarts);
  const EndStates ends = solve({{Method::levenberg_marquardt, starts}}, {}).ends.front();
  collect(ends, Method::levenberg_marquardt, false);
  for (Index i = 0; i < starts.rows(); ++i)
    remember_slow_start(starts.row(i).transpose(), ends.points.row(i).transpose());
  report();
}

void Search::statistical_round() {
  const std::int64_t first = n_sampled_;
  const Index count = std::min<std::int64_t>(round_size(), std::max<std::int64_t>(1, n_left()));
  // They fail on different problems; where Newton does well, its steps are the cheaper ones. Relu
  // maps get a third of the starts for the walk from pattern to pattern.
  const Index share =
      audit_.n_starts < kFirstLook || newton_patience_.yield() < damped_patience_.yield() ? 2 : 4;
  const Index n_patterns = relu_ ? count / 3 : 0;
  const Index n_damped = (count - n_patterns + share - 1) / share;
  const Index n_newton = count - n_patterns - n_damped;
  const Index n_paths = needs_paths() ? std::min<std::int64_t>(kRoundPaths, n_left() - count) : 0;
  solve_and_collect({{Method::levenberg_marquardt, draw_starts(first, n_damped)},
                     {Method::newton, draw_starts(first + n_damped, n_newton)},
                     {Method::patterns, draw_patterns(first + n_damped + n_newton, n_patterns)}},
                    true, draw_path_starts(n_paths));
  n_sampled_ += count;
  report();
}

// Rounds grow with what is known, so that all threads have work: as far as a large network leaves
// time to report and to be interrupted.
Index Search::round_size() const {
  const Index most = std::clamp(kRoundWork / equation_.size(), kRoundStarts, kLargestRound);
  const Index wanted = options_.n_starts - n_sampled_;
  const Index grown = n_sampled_ / 2;
  return std::clamp(wanted > 0 ? std::min(grown, wanted) : grown, kRoundStarts, most);
}

Matrix Search::draw_starts(std::int64_t first, Index count) const {
  const Matrix known = points_.fixed();
  Matrix starts(count, equation_.size());
  const Index size = batch_size(equation_.size());
  parallel_for(static_cast<std::size_t>((count + size - 1) / size), [&](std::size_t batch) {
    const Index begin = static_cast<Index>(batch) * size;
    for (Index i = begin; i < std::min(begin + size, count); ++i)
      draw_start(first + i, known, starts.row(i).transpose());
  });
  return starts;
}

void Search::draw_start(std::int64_t number, const Matrix& known, VectorRef start) const {
  starts_->draw(number, known, start);
  equation_.project(start);
}

Matrix Search::draw_patterns(std::int64_t first, Index count) const {
  const Matrix known = points_.fixed();
  Matrix starts(count, equation_.size());
  for (Index i = 0; i < count; ++i) {
    Rng rng(options_.seed, Purpose::fixed_point_starts, static_cast<std::uint64_t>(first + i));
    const Vector start = draw_virtual_point(*relu_, rng);
    if (start.allFinite())
      starts.row(i) = start.transpose();
    else
      draw_start(first + i, known, starts.row(i).transpose());
  }
  return starts;
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
  solve_and_collect({{Method::newton, starts}, {Method::levenberg_marquardt, starts}}, false, {});
}

Matrix Search::draw_path_starts(Index count) const {
  Matrix starts(count, equation_.size());
  for (Index i = 0; i < count; ++i) starts.row(i) = starts_->path_start(n_paths_ + i).transpose();
  return starts;
}

// Homotopy paths are counted starts too: each meets the points that it passes.
void Search::collect(const std::vector<Path>& paths) {
  for (const Path& path : paths) {
    ++audit_.n_starts;
    ++n_paths_;
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
}

// All batches of all parts and all paths side by side: none of them sees what the others find.
Search::Solved Search::solve(const std::vector<Part>& parts, const Matrix& path_starts) const {
  struct Batch {
    const Part& part;
    EndStates& ends;
    Index first;
  };
  Solved solved;
  solved.ends.reserve(parts.size());
  const Index size = batch_size(equation_.size());
  std::vector<Batch> batches;
  for (const Part& part : parts) {
    solved.ends.emplace_back(part.starts);
    for (Index first = 0; first < part.starts.rows(); first += size)
      batches.push_back({part, solved.ends.back(), first});
  }
  const Index bundle = bundle_size(equation_.size());
  const auto n_bundles = static_cast<std::size_t>((path_starts.rows() + bundle - 1) / bundle);
  std::vector<std::vector<Path>> paths(n_bundles);
  const int max_path_steps = n_paths_ == 0 ? kFirstPathSteps : kMaxPathSteps;
  parallel_for(n_bundles + batches.size(), [&](std::size_t i) {
    if (i < n_bundles) {  // the longest ones first
      const Index first = static_cast<Index>(i) * bundle;
      const Index count = std::min(bundle, path_starts.rows() - first);
      paths[i] = trace_homotopies(equation_, path_starts.middleRows(first, count), max_path_steps);
      return;
    }
    const auto& [part, ends, first] = batches[i - n_bundles];
    const Index count = std::min(size, part.starts.rows() - first);
    const EndStates batch = solve_batch(part.starts.middleRows(first, count), part.method);
    ends.points.middleRows(first, count) = batch.points;
    std::copy(batch.terminations.begin(), batch.terminations.end(),
              ends.terminations.begin() + first);
    std::copy(batch.captured.begin(), batch.captured.end(), ends.captured.begin() + first);
    std::copy(batch.steps.begin(), batch.steps.end(), ends.steps.begin() + first);
  });
  for (EndStates& ends : solved.ends)
    ends.n_steps = std::accumulate(ends.steps.begin(), ends.steps.end(), std::int64_t{0});
  for (std::vector<Path>& part : paths)
    std::move(part.begin(), part.end(), std::back_inserter(solved.paths));
  return solved;
}

EndStates Search::solve_batch(ConstMatrixRef starts, Method method) const {
  const int newton_steps = limit(newton_patience_);
  switch (method) {
    case Method::newton:
      return solve_newton(equation_, starts, points_.boxes(), newton_steps);
    case Method::levenberg_marquardt:
      return solve_levenberg_marquardt(equation_, starts, points_.boxes(), limit(damped_patience_));
    case Method::patterns:
      break;
  }
  return solve_newton(equation_, starts, points_.boxes(), newton_steps, best_engine(equation_),
                      Damping::none);
}

void Search::solve_and_collect(const std::vector<Part>& parts, bool counted,
                               const Matrix& path_starts) {
  const Solved solved = solve(parts, path_starts);
  for (std::size_t i = 0; i < parts.size(); ++i) collect(solved.ends[i], parts[i].method, counted);
  collect(solved.paths);
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
  if (is_proven() || audit_.n_starts < kFirstLook) return false;
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
