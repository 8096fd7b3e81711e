// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::dynamics {

/// An affine map to three axes that a picture shows: coordinates = (state - origin) axes^T.
struct Projection {
  std::string name;                 ///< "PCA", "readout"
  std::vector<std::string> labels;  ///< one per axis
  Vector origin;                    ///< (n_states)
  Matrix axes;                      ///< (n_axes, n_states)
  Vector explained_variance;        ///< share per axis (PCA), or zero size

  Matrix project(ConstMatrixRef states) const;
};

/// The leading principal components of states (n, n_states); axes are orthonormal, each with its
/// largest entry positive. Fewer axes come back where the states span fewer.
/// @throws InvalidInput if there is no state or n_axes < 1.
Projection principal_components(ConstMatrixRef states, Index n_axes);

}  // namespace nullcline::dynamics
