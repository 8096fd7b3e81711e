// SPDX-License-Identifier: BSD-3-Clause
// How alike two networks are, as clouds of matched samples. Both activities need the same number of
// samples (InvalidInput otherwise); the numbers of units may differ.
#pragma once

#include "nullcline/comparison/activity.hpp"

namespace nullcline::comparison {

/// rbf_cka and rsa compare every two samples, and refuse more samples than this.
inline constexpr Index kMostPairedSamples = 20000;

/// Canonical correlations of two subspaces: the singular values of U_x^T U_y, clipped to [0, 1].
struct CanonicalCorrelations {
  Index n_x = 0, n_y = 0;  ///< directions kept on each side
  Vector rho;              ///< (min(n_x, n_y)), falling
  double mean = 0;         ///< 0 where a side has no variance
};

/// SVCCA (Raghu et al. 2017): the canonical correlations of the leading directions that hold a
/// share `threshold` (0 to 1) of each side's variance. 1 - mean is the distance of Maheswaranathan
/// et al. 2019, figure 1c. With as many directions as samples - 1 all correlations are 1 and say
/// nothing. @throws InvalidInput
CanonicalCorrelations svcca(const Activity& x, const Activity& y, double threshold = 0.95);
/// CCA of all directions.
CanonicalCorrelations cca(const Activity& x, const Activity& y);

/// Projection-weighted CCA (Morcos et al. 2018): sum_i a_i rho_i / sum_i a_i with
/// a_i = sum_j |<h_i, x_j>| over the units x_j of x. Not symmetric: x gives the weights.
double pwcca(const Activity& x, const Activity& y);

/// Linear CKA (Kornblith et al. 2019): |X^T Y|_F^2 / (|X^T X|_F |Y^T Y|_F), centered. NaN where a
/// side has no variance.
double linear_cka(const Activity& x, const Activity& y);
/// The unbiased estimate by HSIC_1 (Song et al. 2012; Nguyen et al. 2021); may be negative. NaN
/// below 4 samples, or where a side's own estimate is not positive.
double unbiased_cka(const Activity& x, const Activity& y);
/// CKA of K_ij = exp(-|x_i - x_j|^2 / (2 f^2 median)), the median over squared distances of two
/// samples. NaN where a side has no variance. @throws InvalidInput
double rbf_cka(const Activity& x, const Activity& y, double bandwidth = 0.5);

/// The best rotation or reflection of one centered cloud onto the other; the narrower one is padded
/// with zeros. nu is the nuclear norm of X^T Y.
struct Procrustes {
  double nuclear = 0;         ///< nu
  double size_and_shape = 0;  ///< sqrt(|X|^2 + |Y|^2 - 2 nu)
  double angular = 0;         ///< arccos(nu / (|X| |Y|)), accurate near 0 too; a metric
};

/// Shape distances (Williams et al. 2021). `alpha` = 1: rotations only; 0: all linear maps (the
/// angular distance of CCA); between: partial whitening with alpha I + (1 - alpha) C^(-1/2).
///
/// With `normalize` each cloud is scaled to one unit of variance per sample first and eigenvalues
/// of C are clipped relative to the largest, so that the size of the data does not matter; without
/// it the values are those of netrep, which clips at 1e-7 as the data come. NaN where a side has no
/// variance. @throws InvalidInput
Procrustes shape_distance(const Activity& x, const Activity& y, double alpha = 1,
                          bool normalize = true);

enum class Correlation { pearson, spearman };

/// Representational similarity analysis (Kriegeskorte et al. 2008): the correlation between the
/// upper triangles of 1 - Pearson between every two samples. NaN where one of them is constant, or
/// below three samples. @throws InvalidInput
double rsa(const Activity& x, const Activity& y, Correlation correlation = Correlation::pearson);

}  // namespace nullcline::comparison
