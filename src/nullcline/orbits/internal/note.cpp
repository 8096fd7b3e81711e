// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/internal/note.hpp"

#include <fmt/format.h>

#include <map>
#include <vector>

namespace nullcline::orbits::internal {

namespace {

std::string counted(std::int64_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// What the trajectories that end on orbits of one sort end on: "8 stable orbits of period 2".
std::string sort_text(const Orbit& example, int n_orbits) {
  const bool one = n_orbits == 1;
  const std::string number = one ? "a" : fmt::to_string(n_orbits);
  switch (example.kind) {
    case Kind::periodic:
      return fmt::format("{} {} orbit{} of period {}", number, name_of(example.stability),
                         one ? "" : "s", example.period);
    case Kind::invariant_circle:
      return fmt::format("{} invariant circle{}", one ? "an" : number, one ? "" : "s");
    case Kind::torus:
      return fmt::format("{} {}", number, one ? "torus" : "tori");
    case Kind::chaotic:
      return fmt::format("{} chaotic attractor{}", number, one ? "" : "s");
    case Kind::undecided:
      break;
  }
  return "";
}

}  // namespace

std::string ends_note(dynamics::Time time, const OrbitSet& set) {
  if (time == dynamics::Time::continuous)
    return "where trajectories of a flow end was not asked: limit cycles are not searched for";
  if (set.n_trajectories == 0) return "no trajectory was followed to its end";
  const std::string all = counted(set.n_trajectories, "trajectory", "trajectories");
  const std::int64_t elsewhere = set.n_trajectories - set.n_at_points;
  if (elsewhere == 0)
    return set.n_trajectories == 1 ? "the trajectory that was followed ends at a fixed point"
                                   : "all " + all + " that were followed end at fixed points";
  struct Sort {
    const Orbit* example;
    int n_orbits;
    std::int64_t n_ends;
  };
  std::map<std::tuple<Kind, int, fixed_points::Stability>, Sort> sorts;
  for (const Orbit& orbit : set.orbits) {
    if (orbit.n_ends == 0 || orbit.kind == Kind::undecided) continue;
    const int period = orbit.kind == Kind::periodic ? orbit.period : 0;
    Sort& sort =
        sorts.try_emplace({orbit.kind, period, orbit.stability}, Sort{&orbit, 0, 0}).first->second;
    ++sort.n_orbits;
    sort.n_ends += orbit.n_ends;
  }
  std::vector<std::string> parts;
  for (const auto& [key, sort] : sorts)
    parts.push_back(fmt::format("{} on {}", sort.n_ends, sort_text(*sort.example, sort.n_orbits)));
  if (set.n_at_rest_elsewhere > 0)
    parts.push_back(
        fmt::format("{} at rest where no fixed point is listed", set.n_at_rest_elsewhere));
  if (set.n_diverged > 0) parts.push_back(fmt::format("{} diverged", set.n_diverged));
  if (set.n_undecided > 0) parts.push_back(fmt::format("{} undecided", set.n_undecided));
  std::string text = fmt::format("{} of {} {} at no fixed point: ", elsewhere, all,
                                 elsewhere == 1 ? "ends" : "end");
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : ", ") + parts[i];
  return text;
}

}  // namespace nullcline::orbits::internal
