// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/dynamics/system.hpp"
#include "nullcline/numerics/interval.hpp"

namespace nullcline::models::internal {

/// Latent coordinates k = P h of a layer that others may drive: its units h(k, x), which solve
/// h = f(M k + A x + b + E h), as functions of k and of the input x. Over intervals what is given
/// encloses the exact values, E included; over numbers E is left out.
class LayerLatent : public dynamics::Latent {
 public:
  virtual const Matrix& projection() const = 0;  ///< P (rank, n_units)
  virtual Index n_inputs() const = 0;
  virtual void units(const double* k, const double* x, double* h) const = 0;
  virtual void units(const numerics::Interval* k, const numerics::Interval* x,
                     numerics::Interval* h) const = 0;
  /// by_k: dh/dk (n_units, rank), one column after the other; by_x: dh/dx (n_units, n_inputs), row
  /// by row, unless null.
  virtual void slopes(const double* k, const double* x, double* by_k, double* by_x) const = 0;
  virtual void slopes(const numerics::Interval* k, const numerics::Interval* x,
                      numerics::Interval* by_k, numerics::Interval* by_x) const = 0;
};

}  // namespace nullcline::models::internal
