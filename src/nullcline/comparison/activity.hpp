// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline::comparison {

/// What one network did in n_samples matched moments (condition and time), in a form that every
/// comparison with another network starts from.
///
/// The centered samples are U diag(s) V^T, with as many columns as their numerical rank (singular
/// values above 1e-10 of the first one). It is computed once for each network: a comparison of two
/// then costs one product U_x^T U_y and the decomposition of a matrix of that small size.
struct Activity {
  Matrix samples;      ///< (n_samples, n_units), as they came
  Matrix basis;        ///< U^T: (rank, n_samples), orthonormal rows
  Vector s;            ///< (rank), falling
  Matrix v;            ///< (n_units, rank)
  Vector energies;     ///< (n_samples): squared norm of each centered sample
  Index n_trials = 1;  ///< samples are those of one trial after the other, of equal lengths

  Index n_samples() const { return samples.rows(); }
  Index n_units() const { return samples.cols(); }
  Index rank() const { return s.size(); }
  double norm() const { return s.norm(); }  ///< Frobenius, of the centered samples
  /// Least number of directions with at least this share of the variance (0 to 1).
  Index n_directions(double share) const;
};

/// @throws InvalidInput if there are fewer than two samples, no units, a value is not finite, or
/// the samples are not those of n_trials of equal lengths.
Activity make_activity(ConstMatrixRef samples, Index n_trials = 1);

/// A sentence with the numbers if some network has fewer than ten samples for each unit: unrelated
/// networks are then found alike. Empty otherwise.
std::string sample_warning(const std::vector<Activity>& activities);
/// The same from the number of samples and the most units that a network has.
std::string sample_warning(Index n_samples, Index n_units);

}  // namespace nullcline::comparison
