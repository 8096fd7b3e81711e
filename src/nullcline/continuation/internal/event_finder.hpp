// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nullcline/continuation/branch.hpp"

namespace nullcline::continuation::internal {

/// A point of a branch with what tells events apart.
struct EventPoint {
  CurvePoint curve;
  Spectrum spectrum;
};

/// The note of a branch point where an orbit has shrunk to one of a shorter period.
inline constexpr const char* kMeetsShorterOrbit = "meets orbits of a shorter period";

/// Finds the events between neighboring points: where the parameter turns (fold), where the
/// orientation of the curve changes (branch point), where a real multiplier passes -1 (flip), and
/// where the number of unstable eigenvalues changes by a pair (Hopf, Neimark-Sacker). Intervals
/// with several of them are halved; each is then solved for by Newton's method.
class EventFinder {
 public:
  explicit EventFinder(const EquilibriumProblem& problem) : problem_(problem) {}

  EventPoint at(const CurvePoint& point) const { return {point, spectrum_of(problem_, point.y)}; }

  /// Appends the events between a and b in order. False where the orientation changes and no branch
  /// point is found: then the step has jumped to another branch, or is too long.
  bool between(const EventPoint& a, const EventPoint& b, std::vector<TracedEvent>& events);

  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Changes;
  Changes changes(const EventPoint& a, const EventPoint& b) const;
  bool search(const EventPoint& a, const EventPoint& b, int depth,
              std::vector<TracedEvent>& events);
  std::optional<TracedEvent> locate(const EventPoint& a, const EventPoint& b,
                                    const Changes& changes) const;
  std::optional<TracedEvent> locate_singular(const EventPoint& a, const EventPoint& b,
                                             Singularity kind) const;
  std::optional<TracedEvent> locate_branching(const EventPoint& a, const EventPoint& b) const;
  std::optional<TracedEvent> locate_turn(const EventPoint& a, const EventPoint& b) const;
  bool is_pole(const EventPoint& a, const EventPoint& b);
  TracedEvent degenerate(const EventPoint& a, const EventPoint& b, const Changes& changes);
  void describe(TracedEvent& found, const SingularityProblem& singular, ConstVectorRef y) const;
  Event event_at(EventType type, ConstVectorRef state, ConstVectorRef p) const;
  bool is_flow() const { return problem_.family().time() == dynamics::Time::continuous; }
  /// Whether y belongs to the piece of the branch between a and b.
  bool is_between(const EventPoint& a, const EventPoint& b, ConstVectorRef y) const;

  const EquilibriumProblem& problem_;
  std::vector<std::string> warnings_;
};

}  // namespace nullcline::continuation::internal
