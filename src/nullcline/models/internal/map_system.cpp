// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/map_system.hpp"

#include "nullcline/models/cell_tools.hpp"

namespace nullcline::models::internal {

using dynamics::DirectionalDerivatives;
using numerics::Interval;
using numerics::Jet;

const Interval* as_intervals(ConstVectorRef input) {
  thread_local Scratch<Interval> scratch;
  Interval* x = scratch.get(input.size());
  std::copy(input.begin(), input.end(), x);
  return x;
}

void MapSystem::Intervals::evaluate(std::span<const Interval> box, ConstVectorRef input,
                                    std::span<Interval> out) const {
  map_.next(box.data(), as_intervals(input), out.data());
  if (map_.is_flow())
    for (std::size_t i = 0; i < out.size(); ++i) out[i] -= box[i];
}

void MapSystem::Intervals::jacobian(std::span<const Interval> box, ConstVectorRef input,
                                    std::span<Interval> out) const {
  map_.jacobians(box.data(), as_intervals(input), out.data(), nullptr);
  if (map_.is_flow())
    for (std::size_t i = 0; i < box.size(); ++i) out[i * box.size() + i] -= 1.0;
}

bool MapSystem::Intervals::lift(std::span<const Interval> points, ConstVectorRef input,
                                std::span<Interval> out) const {
  const std::vector<Interval> x(input.begin(), input.end());
  map_.lift_box(points.data(), x.data(), out.data());
  return true;
}

std::optional<DirectionalDerivatives> MapSystem::directional_derivatives(
    ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const {
  const Index n = n_states();
  std::vector<Jet> h(static_cast<std::size_t>(n)), x(input.begin(), input.end()), out(h.size());
  for (Index i = 0; i < n; ++i) h[static_cast<std::size_t>(i)] = Jet::line(state(i), direction(i));
  next(h.data(), x.data(), out.data());
  DirectionalDerivatives result{Vector(n), Vector(n), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    const auto& c = out[static_cast<std::size_t>(i)].c;
    result.first(i) = c[1] - (is_flow() ? direction(i) : 0.0);
    result.second(i) = 2 * c[2];
    result.third(i) = 6 * c[3];
  }
  return result;
}

}  // namespace nullcline::models::internal
