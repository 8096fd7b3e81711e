// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/fixed_points/internal/dense_steps.hpp"
#include "nullcline/numerics/aligned.hpp"
#include "nullcline/numerics/lanes.hpp"

namespace nullcline::fixed_points::internal {

/// One start in each SIMD lane: LU, and conjugate gradients on its factors where mu > 0. What they
/// do not solve goes to the dense engine.
class LaneSteps : public StepEngine {
 public:
  LaneSteps(const Equation& equation, Index capacity);

  void solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
             MatrixRef steps, std::span<double> falls) override;

 private:
  void load(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
            Index first, Index count);
  void load_scales(Index first, Index count);
  void load_jacobians(ConstMatrixRef points, Index first, Index count);
  void store(Index lane, Eigen::Ref<Eigen::RowVectorXd> step, double& fall) const;
  bool is_solved(Index lane) const;

  const Equation& equation_;
  const numerics::LaneKernels<double>& kernels_;
  const Index n_, lanes_;
  numerics::LanePack<double> pack_;
  numerics::DampedLanes<double> system_;
  numerics::LaneRowScaled<double> row_scaled_;
  numerics::AlignedVector<double> matrices_, scales_, vectors_, numbers_;
  std::vector<int> pivots_;
  Matrix all_scales_, jacobians_;
  DenseSteps dense_;
};

}  // namespace nullcline::fixed_points::internal
