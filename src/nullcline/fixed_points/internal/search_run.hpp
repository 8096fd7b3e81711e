// SPDX-License-Identifier: BSD-3-Clause
// One search: the stages that find points, and what is made of them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/fixed_points/audit.hpp"
#include "nullcline/fixed_points/collection.hpp"
#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/fixed_points/homotopy.hpp"
#include "nullcline/fixed_points/patience.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/fixed_points/slow.hpp"
#include "nullcline/fixed_points/solver.hpp"
#include "nullcline/fixed_points/starts.hpp"

namespace nullcline::fixed_points::internal {

enum class Method { newton, levenberg_marquardt, patterns };

/// States from which a slow point may be found: those with the lowest scores, in their order.
class SlowCandidates {
 public:
  void add(double score, const Vector& state);
  const std::vector<std::pair<double, Vector>>& best() const { return best_; }

 private:
  std::vector<std::pair<double, Vector>> best_;
};

class Search {
 public:
  /// The arguments are valid, and outlive the search.
  Search(const dynamics::System& system, ConstVectorRef input, ConstMatrixRef visited,
         const SearchOptions& options, const Progress& progress);

  FixedPointSet run();

 private:
  // Stages.
  void prove();
  void sample();
  void faithful_stage();
  void statistical_round();
  void structured_stage();

  // Solving, and collecting what was solved.
  struct Part {
    Method method;
    Matrix starts;
  };
  struct Solved {
    std::vector<EndStates> ends;  // one per part
    std::vector<Path> paths;
  };
  Solved solve(const std::vector<Part>& parts, const Matrix& path_starts) const;
  EndStates solve_batch(ConstMatrixRef starts, Method method) const;
  void solve_and_collect(const std::vector<Part>& parts, bool counted, const Matrix& path_starts);
  void collect(const EndStates& ends, Method method, bool counted);
  void collect(const std::vector<Path>& paths);
  Collection::Verdict add(ConstVectorRef end_state);
  void remember_slow_candidate(ConstVectorRef end_state);
  void remember_slow_start(ConstVectorRef start, ConstVectorRef end_state);
  int limit(const Patience& patience) const;
  void observe(Method method, int steps, bool converged);

  // Decisions.
  std::int64_t n_left() const { return options_.max_starts - audit_.n_starts; }
  bool is_proven() const { return !proof_text_.empty() && !points_.contradicts_proof(); }
  Index round_size() const;
  Matrix draw_starts(std::int64_t first, Index count) const;
  Matrix draw_patterns(std::int64_t first, Index count) const;
  Matrix draw_path_starts(Index count) const;
  void draw_start(std::int64_t number, const Matrix& known, VectorRef start) const;
  bool audit_passes() const;
  bool is_hard() const;
  bool is_hopeless() const;
  bool is_finished();
  bool needs_paths() const;
  std::vector<Index> pair_ends();
  SearchEnd search_end() const;
  void report();

  // Results.
  const Vector& point(Index id) const {
    return points_.points()[static_cast<std::size_t>(id)].point;
  }
  void classify_new_points();
  std::vector<FixedPoint> describe_points();
  bool leads_to_hull(const Vector& state) const;
  void append_slow_points(std::vector<FixedPoint>& points) const;

  const dynamics::System& system_;
  const Equation equation_, full_equation_;
  const SearchOptions options_;
  const Progress& progress_;
  const Eigen::Ref<const Matrix> visited_;
  std::optional<Starts> starts_;  // once they are needed
  Collection points_;
  Audit audit_;
  std::vector<FixedPoint> described_;  // one per point, in the order of points_
  Patience newton_patience_, damped_patience_;
  SlowCandidates slow_ends_, slow_starts_;
  std::set<std::pair<Index, Index>> tried_pairs_;
  std::int64_t n_sampled_ = 0, n_paths_ = 0, n_path_steps_ = 0;
  std::optional<dynamics::ReluForm> relu_;
  std::string contracting_norm_;  // of a relu map that contracts
  std::string proof_text_;        // empty: there is no proof of completeness
  bool interrupted_ = false, gave_up_ = false;
};

}  // namespace nullcline::fixed_points::internal
