// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/steps.hpp"

#include "nullcline/fixed_points/internal/dense_steps.hpp"
#include "nullcline/fixed_points/internal/lane_steps.hpp"

namespace nullcline::fixed_points {

namespace {
constexpr Index kLargestLaneSize = 96;
}  // namespace

EngineKind best_engine(const Equation& equation) {
  return equation.size() <= kLargestLaneSize ? EngineKind::lanes : EngineKind::dense;
}

std::unique_ptr<StepEngine> make_step_engine(const Equation& equation, Index capacity,
                                             EngineKind kind) {
  if (kind == EngineKind::lanes && equation.size() > 0)
    return std::make_unique<internal::LaneSteps>(equation, capacity);
  return std::make_unique<internal::DenseSteps>(equation);
}

}  // namespace nullcline::fixed_points
