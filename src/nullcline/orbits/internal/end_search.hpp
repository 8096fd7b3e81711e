// SPDX-License-Identifier: BSD-3-Clause
// Trajectories to their ends, and the ends to orbits.
#pragma once

#include <vector>

#include "nullcline/core/progress.hpp"
#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/orbits/internal/follow.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/orbits/types.hpp"

namespace nullcline::orbits::internal {

class EndSearch {
 public:
  /// The arguments outlive the search.
  EndSearch(const dynamics::System& map, const fixed_points::FixedPointSet& set,
            const OrbitOptions& options, const Progress& progress);

  /// Follows each row of `starts` and fills the counts and orbits of `result`.
  void run(ConstMatrixRef starts, OrbitSet& result);

 private:
  struct Trajectory {
    Vector state;
    int steps = 0;
    int n_kicks = 0;  // away from a saddle
    int n_false_recurrences = 0;
  };
  /// An attractor on which no state comes back: what it takes to recognize it.
  struct Cloud {
    std::size_t orbit = 0;
    Matrix states;
    double tolerance = 0;  // distance at which a state counts as on it
  };

  void advance(std::vector<Trajectory>& trajectories, int n_steps);
  bool has_ended(Trajectory& trajectory, const Followed& followed);
  bool is_at_rest(Trajectory& trajectory);
  bool has_recurred(Trajectory& trajectory, int period);
  void kick(Trajectory& trajectory);

  void capture(std::vector<Trajectory>& trajectories);
  bool is_captured(const Vector& before, const Vector& after, int n_steps, int period);
  bool ends_slowly(const Vector& state);
  bool is_in_cloud(const Vector& state, std::size_t first);

  void classify_end(const Trajectory& trajectory);
  void add_end(Orbit orbit, const Matrix& trajectory);
  std::size_t add_periodic(Orbit orbit);
  void add_cloud(std::size_t orbit, const Matrix& trajectory);
  int point_at(const Vector& state) const;
  int orbit_at(const Vector& state, int period) const;
  bool is_interrupted(const char* message);

  const dynamics::System& map_;
  const fixed_points::FixedPointSet& set_;
  const OrbitOptions& options_;
  const Progress& progress_;
  const fixed_points::Equation equation_;
  const Matrix input_;
  Matrix reduced_points_;  // of the set, in the coordinates of its uniqueness boxes
  std::vector<Cloud> clouds_;
  std::size_t n_old_clouds_ = 0;  // that all trajectories were compared with
  OrbitSet* result_ = nullptr;
  bool interrupted_ = false;
};

}  // namespace nullcline::orbits::internal
