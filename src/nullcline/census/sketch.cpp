// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/sketch.hpp"

#include <fmt/format.h>

#include <cmath>

#include "nullcline/dynamics/flow.hpp"

namespace nullcline::census {

namespace {

constexpr int kStreamsPerSide = 8;
constexpr double kStreamMargin = 0.03;  // of the side of the box
constexpr int kStreamSamples = 60;
constexpr double kStreamLength = 0.22;  // of the size of the box
constexpr double kStreamTime = 40;

std::string several(int n, const std::string& one) {
  return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
}

// From a lattice of starts, forwards, until it is long enough.
Matrix stream_from(const dynamics::System& flow, const Vector& start, double size) {
  dynamics::FlowStepper stepper(flow, Vector::Zero(flow.n_inputs()), 1e-6);
  stepper.start(start);
  std::vector<Vector> states = {start};
  double length = 0;
  while (length < kStreamLength * size && stepper.time() < kStreamTime &&
         static_cast<int>(states.size()) < kStreamSamples && stepper.step()) {
    length += (stepper.state() - states.back()).norm();
    states.push_back(stepper.state());
  }
  Matrix rows(static_cast<Index>(states.size()), start.size());
  for (std::size_t i = 0; i < states.size(); ++i)
    rows.row(static_cast<Index>(i)) = states[i].transpose();
  return rows;
}

std::vector<Matrix> streams_in(const dynamics::System& flow, const dynamics::Box& box) {
  std::vector<Matrix> streams;
  const Vector width = box.upper - box.lower;
  for (int i = 0; i < kStreamsPerSide; ++i)
    for (int j = 0; j < kStreamsPerSide; ++j) {
      const auto place = [](int k) {
        return kStreamMargin + (1 - 2 * kStreamMargin) * k / (kStreamsPerSide - 1);
      };
      const Eigen::Vector2d share(place(i), place(j));
      const Vector start = box.lower + share.cwiseProduct(width);
      streams.push_back(stream_from(flow, start, width.norm()));
    }
  return streams;
}

// A box of the user's, or a trapping one; the memory of an LSTM has a very wide one, of which that
// part is shown which holds points and cycles.
dynamics::Box frame_of(const dynamics::System& flow, const Skeleton& skeleton) {
  dynamics::Box box{skeleton.lower, skeleton.upper};
  if (flow.trapping_box() || flow.search_box() || skeleton.points.empty()) return box;
  Vector low = skeleton.points.front(), high = low;
  const auto include = [&](const Vector& state) {
    low = low.cwiseMin(state);
    high = high.cwiseMax(state);
  };
  for (const Vector& point : skeleton.points) include(point);
  for (const FoundCycle& cycle : skeleton.cycles)
    for (Index i = 0; i < cycle.states.rows(); ++i) include(cycle.states.row(i).transpose());
  constexpr double kRoom = 0.3, kLeast = 0.5;
  const Vector margin = (kRoom * (high - low)).cwiseMax(kLeast);
  return {box.lower.cwiseMax(low - margin), box.upper.cwiseMin(high + margin)};
}

}  // namespace

std::string describe(const Counts& counts) {
  const std::size_t n_states = counts.points.empty() ? 0 : counts.points.size() - 1;
  std::string text;
  const auto append = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (std::size_t k = 0; k < counts.points.size(); ++k) {
    if (counts.points[k] == 0) continue;
    if (k == 0)
      append(several(counts.points[k], "sink"));
    else if (k == n_states)
      append(several(counts.points[k], "source"));
    else
      append(several(counts.points[k], "saddle") +
             (n_states > 2 ? fmt::format(" with {} unstable", k) : ""));
  }
  if (counts.n_stable_cycles > 0) append(several(counts.n_stable_cycles, "stable cycle"));
  if (counts.n_unstable_cycles > 0) append(several(counts.n_unstable_cycles, "unstable cycle"));
  if (counts.n_tori > 0)
    append(counts.n_tori == 1 ? "1 torus" : fmt::format("{} tori", counts.n_tori));
  if (counts.n_chaotic > 0) append(several(counts.n_chaotic, "chaotic attractor"));
  return text;
}

Sketch make_sketch(const dynamics::System& flow, const Topology& topology,
                   const SkeletonOptions& options) {
  Sketch sketch;
  sketch.name = topology.name;
  sketch.title = describe(topology.counts);
  sketch.n_networks = topology.n_networks;
  if (flow.n_states() > 2 || flow.time() == dynamics::Time::discrete) return sketch;
  SkeletonOptions detailed = options;
  detailed.keeps_manifolds = true;
  Skeleton skeleton = find_skeleton(flow, Vector::Zero(flow.n_inputs()), detailed);
  const dynamics::Box box = frame_of(flow, skeleton);
  sketch.lower = box.lower;
  sketch.upper = box.upper;
  sketch.points = std::move(skeleton.points);
  sketch.nodes = skeleton.graph.nodes;
  sketch.nodes.resize(std::min(sketch.nodes.size(), sketch.points.size()));
  if (flow.n_states() != 2) return sketch;
  sketch.cycles = std::move(skeleton.cycles);
  for (std::size_t k = 0; k < skeleton.manifolds.size(); ++k)
    (k % 4 < 2 ? sketch.unstable : sketch.stable).push_back(std::move(skeleton.manifolds[k]));
  sketch.streams = streams_in(flow, box);
  return sketch;
}

}  // namespace nullcline::census
