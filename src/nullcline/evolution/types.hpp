// SPDX-License-Identifier: BSD-3-Clause
// Fixed points during a training: points, the tracks that join them, and events. Plain data.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/fixed_points/types.hpp"

namespace nullcline::evolution {

/// birth: a track begins, death: one ends, between two snapshots; stability: the number of unstable
/// directions of a track changes.
enum class EventType { birth, death, stability };

/// A fixed point of one snapshot.
struct Point {
  Index track = -1;  ///< points of one track are one point that moves
  Vector state;
  fixed_points::Verdict verdict = fixed_points::Verdict::not_proven;
  double radius = std::numeric_limits<double>::infinity();  ///< of the proof, as in FixedPoint
  int index = 0;                                            ///< sign det(I - J)
  int n_unstable = 0;
  fixed_points::Stability stability = fixed_points::Stability::degenerate;
  Vector readout;         ///< (n_outputs) or zero size
  std::int64_t hits = 0;  ///< counted starts that ended here
};

/// What one snapshot holds.
struct Snapshot {
  double step = 0;            ///< of the training
  std::vector<Point> points;  ///< by n_unstable, then by track
  int index_sum = 0;
  std::optional<int> index_expected;  ///< +1 where a trapping box is proven
  double unseen_estimate = 0;         ///< Chao1, as in fixed_points::Audit
  std::int64_t n_starts = 0;          ///< counted starts
  std::int64_t n_undecided = 0;       ///< zeros too degenerate to be certified; not in `points`
  /// statistical: the index sum fits, no point is estimated unseen and none is undecided.
  fixed_points::Completeness completeness = fixed_points::Completeness::not_auditable;
};

struct Event {
  EventType type = EventType::birth;
  Index track = -1;
  Index snapshot = 0;  ///< the event is between this snapshot and the next one
  /// Where between them, in steps of the training: how far the point could be followed along the
  /// line of weights from one to the other; stability: NaN.
  double step = std::numeric_limits<double>::quiet_NaN();
  /// Born or lost at the same place: the other of two points that meet in a fold, or -1.
  Index partner = -1;
  int n_unstable_before = -1, n_unstable_after = -1;  ///< -1: no point
};

struct Evolution {
  Vector input;
  std::vector<Snapshot> snapshots;
  Index n_tracks = 0;
  std::vector<Event> events;  ///< by snapshot, then by track
  bool interrupted = false;
  double seconds = 0;
  std::uint64_t seed = 0;
};

/// Dimensions snapshot, point, state, output, event; points of all snapshots stand in one list with
/// their snapshot's number in `snapshot_of_point`.
NamedArrays to_arrays(const Evolution& evolution);
/// @throws FormatError
Evolution evolution_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::evolution

template <>
struct nullcline::EnumNames<nullcline::evolution::EventType> {
  static constexpr std::array values{
      std::pair{nullcline::evolution::EventType::birth, "birth"},
      std::pair{nullcline::evolution::EventType::death, "death"},
      std::pair{nullcline::evolution::EventType::stability, "stability"},
  };
};
