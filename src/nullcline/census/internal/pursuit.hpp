// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "nullcline/census/internal/attraction.hpp"
#include "nullcline/census/skeleton.hpp"
#include "nullcline/dynamics/flow.hpp"

namespace nullcline::census::internal {

/// A cycle with a point on it and the direction of a section there.
struct SectionedCycle {
  FoundCycle cycle;
  Vector point, across;
  double reach = 0;  ///< the return map was seen to attract or repel this far from it
};

/// Where a trajectory ends.
struct Fate {
  enum class Kind { point, cycle, outside, near_saddle, undecided };
  Kind kind = Kind::undecided;
  std::size_t index = 0;  ///< of the point, or of the cycle
};

/// The points of a planar flow, the cycles found so far, and trajectories between them.
class Plane {
 public:
  Plane(const dynamics::System& flow, ConstVectorRef input, const PointSet& points,
        const SkeletonOptions& options);

  /// Follows a trajectory, forwards (sense 1) or backwards (-1). `saddle` is the one it leaves, if
  /// any. A cycle that it meets is added to cycles(). `path`, if not null, gets its states.
  Fate follow(const Vector& start, int sense, std::optional<std::size_t> saddle = {},
              std::vector<Vector>* path = nullptr);

  const std::vector<SectionedCycle>& cycles() const { return cycles_; }
  /// To the nearest other point, at most the size of the box.
  double room(std::size_t point) const { return room_[point]; }
  double size() const { return size_; }
  const Attraction& attraction(std::size_t point) const { return attractions_[point]; }

 private:
  struct Section {
    Vector origin, normal, across;
    double turn = 0;  ///< how far the trajectory goes from the origin
  };
  struct Return {
    double offset = 0, time = 0;
  };
  std::optional<Fate> fate_of(const Vector& state, int sense, std::optional<std::size_t> saddle);
  std::optional<Return> first_return(const Section& section, double offset, int sense);
  /// The attracting cycle (in this sense) next to the section's origin.
  std::optional<std::size_t> cycle_near(const Section& section, const Return& first, int sense);
  std::optional<double> solve(const Section& section, double value, int sense);
  std::size_t add_cycle(const Section& section, double offset, double period, bool is_stable,
                        double reach, int sense);

  const dynamics::System& flow_;
  const Vector input_;
  const PointSet& set_;
  const SkeletonOptions& options_;
  double size_;
  std::vector<double> room_;
  std::vector<Attraction> attractions_;
  std::vector<SectionedCycle> cycles_;
};

}  // namespace nullcline::census::internal
