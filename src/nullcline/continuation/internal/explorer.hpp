// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/continuation/branch.hpp"
#include "nullcline/continuation/continue.hpp"

namespace nullcline::continuation::internal {

/// Progress from several threads at once, and the wish to stop.
class Watch {
 public:
  explicit Watch(const Progress& progress) : progress_(progress) {}
  /// Tells what is done; true to stop.
  bool step(const std::string& message, double done = 0, double total = 0);
  bool is_stopped() const { return is_stopped_; }

 private:
  const Progress& progress_;
  std::mutex mutex_;
  std::atomic<bool> is_stopped_ = false;
};

/// A branch while others are still traced.
struct WorkBranch {
  Branch branch;
  std::vector<TracedEvent> events;
  std::vector<Matrix> crossings;
  std::vector<std::string> warnings;
};

/// Collects the branches of one family in one parameter.
class Explorer {
 public:
  Explorer(const Family& family, const ParameterRange& range, const ContinuationOptions& options,
           Watch& watch);
  /// Searches and traces; fills branches, search values and warnings of the result.
  void run(Continuation& result);
  /// Of a family of orbits of period 2k: traces those that leave the flips of orbits of period k,
  /// and the branch points on their way. An orbit that shrinks to another of the flips is traced
  /// once.
  void run_from_flips(const std::vector<Event>& flips, Continuation& result);

 private:
  struct BranchPoint {
    TracedEvent event;
    bool is_traced[2] = {false, false};
    std::size_t number = 0;
  };

  std::vector<Vector> search(double share, Continuation& result);
  void trace_starts(double share, const std::vector<Vector>& starts);
  WorkBranch trace_start(const CurvePoint& start, double share) const;
  void follow_branch_points();
  void note_branch_points(std::size_t first_branch);
  void note_end_at(const WorkBranch& work, BranchPoint& point) const;
  void trace_direction(std::size_t number, Index direction);
  void trace_flip(const Event& flip);
  bool is_doubled(const Event& flip) const;
  std::optional<CurvePoint> first_point(ConstVectorRef y, ConstVectorRef along) const;
  void finish(Continuation& result);
  void accept(WorkBranch branch, const std::string& origin);
  bool is_known(std::size_t share_index, ConstVectorRef state) const;
  /// `problem`: the thread's own.
  WorkBranch join(const EquilibriumProblem& problem, TracedHalf backward, TracedHalf forward) const;
  CurvePoint reversed(CurvePoint point) const;
  double value(double share) const { return range_.from + share * (range_.to - range_.from); }

  Family family_;
  ParameterRange range_;
  const ContinuationOptions& options_;
  Watch& watch_;
  EquilibriumProblem problem_;
  std::vector<double> shares_;
  std::vector<WorkBranch> branches_;
  std::vector<BranchPoint> branch_points_;
  std::vector<std::string> warnings_;
};

}  // namespace nullcline::continuation::internal
