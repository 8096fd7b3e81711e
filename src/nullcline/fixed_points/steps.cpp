// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/steps.hpp"

#include "nullcline/fixed_points/internal/dense_steps.hpp"
#include "nullcline/fixed_points/internal/krylov_steps.hpp"
#include "nullcline/fixed_points/internal/lane_steps.hpp"

namespace nullcline::fixed_points {

namespace {
constexpr Index kLargestLaneSize = 96;
}  // namespace

EngineKind best_engine(const Equation& equation) {
  if (equation.size() <= kLargestLaneSize) return EngineKind::lanes;
  return equation.row_scaled_jacobian() ? EngineKind::krylov : EngineKind::dense;
}

std::unique_ptr<StepEngine> make_step_engine(const Equation& equation, Index capacity,
                                             EngineKind kind) {
  if (kind == EngineKind::lanes && equation.size() > 0)
    return std::make_unique<internal::LaneSteps>(equation, capacity);
  if (kind == EngineKind::krylov && equation.row_scaled_jacobian())
    return std::make_unique<internal::KrylovSteps>(equation, capacity);
  return std::make_unique<internal::DenseSteps>(equation);
}

}  // namespace nullcline::fixed_points
