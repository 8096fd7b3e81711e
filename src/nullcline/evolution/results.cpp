// SPDX-License-Identifier: BSD-3-Clause
// An evolution as named arrays.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/evolution/types.hpp"

namespace nullcline::evolution {

using fixed_points::Completeness;
using fixed_points::Stability;
using fixed_points::Verdict;

namespace {

// One value for each member of a list.
template <class List, class Get>
Vector numbers(const List& list, Get&& get) {
  Vector values(static_cast<Index>(list.size()));
  Index i = 0;
  for (const auto& one : list) values(i++) = static_cast<double>(get(one));
  return values;
}

template <class List, class Get>
std::vector<std::int64_t> integers(const List& list, Get&& get) {
  std::vector<std::int64_t> values;
  for (const auto& one : list) values.push_back(static_cast<std::int64_t>(get(one)));
  return values;
}

template <class List, class Get>
std::vector<std::string> names(const List& list, Get&& get) {
  std::vector<std::string> values;
  for (const auto& one : list) values.emplace_back(name_of(get(one)));
  return values;
}

void add_snapshots(const std::vector<Snapshot>& snapshots, NamedArrays& arrays) {
  arrays.set_vector("snapshot_step", numbers(snapshots, [](const auto& s) { return s.step; }),
                    "snapshot", "step of the training", "step");
  arrays.set_integers("index_sum", integers(snapshots, [](const auto& s) { return s.index_sum; }),
                      "snapshot", "sum of the indices of the points");
  arrays.set_integers(
      "index_expected",
      integers(snapshots, [](const auto& s) { return s.index_expected.value_or(0); }), "snapshot",
      "what it has to be; 0: not known");
  arrays.set_vector("unseen_estimate",
                    numbers(snapshots, [](const auto& s) { return s.unseen_estimate; }), "snapshot",
                    "points estimated unseen (Chao1)");
  arrays.set_integers("n_starts", integers(snapshots, [](const auto& s) { return s.n_starts; }),
                      "snapshot", "counted starts");
  arrays.set_integers("n_undecided",
                      integers(snapshots, [](const auto& s) { return s.n_undecided; }), "snapshot",
                      "end states that are zeros but could not be certified");
  arrays.set_strings("completeness", names(snapshots, [](const auto& s) { return s.completeness; }),
                     "snapshot", "what is known about other points");
}

void add_points(const std::vector<Snapshot>& snapshots, NamedArrays& arrays) {
  std::vector<const Point*> points;
  std::vector<std::int64_t> owners;
  for (std::size_t k = 0; k < snapshots.size(); ++k)
    for (const Point& point : snapshots[k].points) {
      points.push_back(&point);
      owners.push_back(static_cast<std::int64_t>(k));
    }
  const Index n = static_cast<Index>(points.size());
  const Index n_states = n > 0 ? points[0]->state.size() : 0;
  const Index n_outputs = n > 0 ? points[0]->readout.size() : 0;
  Matrix states(n, n_states), readouts(n, n_outputs);
  for (Index i = 0; i < n; ++i) {
    states.row(i) = points[static_cast<std::size_t>(i)]->state.transpose();
    if (n_outputs > 0) readouts.row(i) = points[static_cast<std::size_t>(i)]->readout.transpose();
  }
  arrays.set_integers("snapshot_of_point", owners, "point", "snapshot of each point");
  arrays.set_integers("track", integers(points, [](const Point* p) { return p->track; }), "point",
                      "points of one track are one point that moves");
  arrays.set("states", states, {"point", "state"}, "states of the points");
  if (n_outputs > 0)
    arrays.set("readouts", readouts, {"point", "output"}, "readouts of the points");
  arrays.set_strings("verdict", names(points, [](const Point* p) { return p->verdict; }), "point",
                     "whether existence and uniqueness are proven");
  arrays.set_vector("radius", numbers(points, [](const Point* p) { return p->radius; }), "point",
                    "the fixed point is this near");
  arrays.set_integers("index", integers(points, [](const Point* p) { return p->index; }), "point",
                      "sign det(I - J)");
  arrays.set_integers("n_unstable", integers(points, [](const Point* p) { return p->n_unstable; }),
                      "point", "unstable directions");
  arrays.set_strings("stability", names(points, [](const Point* p) { return p->stability; }),
                     "point", "stability");
  arrays.set_integers("hits", integers(points, [](const Point* p) { return p->hits; }), "point",
                      "counted starts that ended here");
}

void require_size(const char* name, std::size_t found, std::size_t expected) {
  if (found != expected)
    throw FormatError(fmt::format("array '{}' has {} entries, expected {}", name, found, expected));
}

}  // namespace

NamedArrays to_arrays(const Evolution& evolution) {
  NamedArrays arrays;
  add_snapshots(evolution.snapshots, arrays);
  add_points(evolution.snapshots, arrays);
  const std::vector<Event>& events = evolution.events;
  arrays.set_strings("event_type", names(events, [](const Event& e) { return e.type; }), "event",
                     "birth, death or change of stability");
  arrays.set_integers("event_track", integers(events, [](const Event& e) { return e.track; }),
                      "event", "track of the event");
  arrays.set_integers("event_snapshot", integers(events, [](const Event& e) { return e.snapshot; }),
                      "event", "the event is between this snapshot and the next one");
  arrays.set_vector("event_step", numbers(events, [](const Event& e) { return e.step; }), "event",
                    "step of the training on the line of weights", "step");
  arrays.set_integers("event_partner", integers(events, [](const Event& e) { return e.partner; }),
                      "event", "track that is born or lost at the same place, or -1");
  arrays.set_integers("event_n_unstable_before",
                      integers(events, [](const Event& e) { return e.n_unstable_before; }), "event",
                      "unstable directions before, -1: no point");
  arrays.set_integers("event_n_unstable_after",
                      integers(events, [](const Event& e) { return e.n_unstable_after; }), "event",
                      "unstable directions after, -1: no point");
  arrays.set_vector("input", evolution.input, "input", "held input");
  arrays.set_scalar("seconds", evolution.seconds, "time that it took", "s");
  return arrays;
}

Evolution evolution_from_arrays(const NamedArrays& arrays) {
  Evolution result;
  result.input = arrays.vector("input");
  result.seconds = arrays.scalar("seconds");
  const Vector steps = arrays.vector("snapshot_step"), unseen = arrays.vector("unseen_estimate");
  const auto n = static_cast<std::size_t>(steps.size());
  const auto sums = arrays.integers("index_sum"), expected = arrays.integers("index_expected");
  const auto starts = arrays.integers("n_starts"), undecided = arrays.integers("n_undecided");
  const auto completeness = arrays.strings("completeness");
  require_size("unseen_estimate", static_cast<std::size_t>(unseen.size()), n);
  for (const auto* list : {&sums, &expected, &starts, &undecided})
    require_size("index_sum", list->size(), n);
  require_size("completeness", completeness.size(), n);
  for (std::size_t k = 0; k < n; ++k) {
    Snapshot snapshot;
    snapshot.step = steps(static_cast<Index>(k));
    snapshot.index_sum = static_cast<int>(sums[k]);
    if (expected[k] != 0) snapshot.index_expected = static_cast<int>(expected[k]);
    snapshot.unseen_estimate = unseen(static_cast<Index>(k));
    snapshot.n_starts = starts[k];
    snapshot.n_undecided = undecided[k];
    snapshot.completeness = parse_enum<Completeness>(completeness[k], "completeness");
    result.snapshots.push_back(std::move(snapshot));
  }
  const Matrix states = arrays.matrix("states");
  const auto n_points = static_cast<std::size_t>(states.rows());
  const Matrix readouts = arrays.has("readouts") ? arrays.matrix("readouts") : Matrix(0, 0);
  const auto owners = arrays.integers("snapshot_of_point"), tracks = arrays.integers("track");
  const auto indices = arrays.integers("index"), unstable = arrays.integers("n_unstable");
  const auto hits = arrays.integers("hits");
  const auto verdicts = arrays.strings("verdict"), stabilities = arrays.strings("stability");
  const Vector radii = arrays.vector("radius");
  for (const auto* list : {&owners, &tracks, &indices, &unstable, &hits})
    require_size("track", list->size(), n_points);
  for (const auto* list : {&verdicts, &stabilities})
    require_size("stability", list->size(), n_points);
  require_size("radius", static_cast<std::size_t>(radii.size()), n_points);
  for (std::size_t i = 0; i < n_points; ++i) {
    if (owners[i] < 0 || owners[i] >= static_cast<std::int64_t>(n) || tracks[i] < 0)
      throw FormatError(
          fmt::format("array 'snapshot_of_point': found {} of {} snapshots", owners[i], n));
    Point point;
    point.track = tracks[i];
    point.state = states.row(static_cast<Index>(i)).transpose();
    if (readouts.rows() == states.rows())
      point.readout = readouts.row(static_cast<Index>(i)).transpose();
    point.verdict = parse_enum<Verdict>(verdicts[i], "verdict");
    point.radius = radii(static_cast<Index>(i));
    point.index = static_cast<int>(indices[i]);
    point.n_unstable = static_cast<int>(unstable[i]);
    point.stability = parse_enum<Stability>(stabilities[i], "stability");
    point.hits = hits[i];
    result.n_tracks = std::max<Index>(result.n_tracks, tracks[i] + 1);
    result.snapshots[static_cast<std::size_t>(owners[i])].points.push_back(std::move(point));
  }
  const auto types = arrays.strings("event_type");
  const auto of = arrays.integers("event_track"), when = arrays.integers("event_snapshot");
  const auto partners = arrays.integers("event_partner");
  const auto before = arrays.integers("event_n_unstable_before");
  const auto after = arrays.integers("event_n_unstable_after");
  const Vector event_steps = arrays.vector("event_step");
  for (const auto* list : {&of, &when, &partners, &before, &after})
    require_size("event_track", list->size(), types.size());
  require_size("event_step", static_cast<std::size_t>(event_steps.size()), types.size());
  for (std::size_t i = 0; i < types.size(); ++i)
    result.events.push_back({parse_enum<EventType>(types[i], "event_type"), of[i], when[i],
                             event_steps(static_cast<Index>(i)), partners[i],
                             static_cast<int>(before[i]), static_cast<int>(after[i])});
  return result;
}

}  // namespace nullcline::evolution
