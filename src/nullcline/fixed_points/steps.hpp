// SPDX-License-Identifier: BSD-3-Clause
// The linear algebra of the local solvers, behind one interface.
#pragma once

#include <memory>
#include <span>

#include "nullcline/fixed_points/equation.hpp"

namespace nullcline::fixed_points {

/// Solves the linearized equations of many starts at once: for each row b,
///
///     (A^T A + mu_b I) d = -A^T r_b,   A = Dr(points.row(b));   for mu_b = 0:  A d = -r_b
///
/// An engine belongs to one thread. A row that has no solution becomes NaN. Rows do not depend on
/// each other, but for rounding.
class StepEngine {
 public:
  virtual ~StepEngine() = default;
  /// At most capacity() rows. `falls`: how much |r|^2 falls by the linear model. Does not allocate.
  virtual void solve(ConstMatrixRef points, ConstMatrixRef residuals, std::span<const double> mu,
                     MatrixRef steps, std::span<double> falls) = 0;
};

enum class EngineKind {
  dense,   ///< LAPACK, one start after the other: any system, any size
  lanes,   ///< one start in each lane of the SIMD registers
  krylov,  ///< GMRES on all starts together; needs System::row_scaled_jacobian()
};

/// The fastest engine for this equation.
EngineKind best_engine(const Equation& equation);
/// `capacity`: the most rows that solve() may get.
std::unique_ptr<StepEngine> make_step_engine(const Equation& equation, Index capacity,
                                             EngineKind kind);

}  // namespace nullcline::fixed_points
