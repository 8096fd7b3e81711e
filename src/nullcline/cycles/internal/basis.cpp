// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/internal/basis.hpp"

namespace nullcline::cycles::internal {

namespace {

static_assert(kDegree == 4, "the tables below are for degree 4");
constexpr std::array<double, 4> kGauss = {0.069431844202973712, 0.33000947820757187,
                                          0.66999052179242813, 0.93056815579702629};
constexpr std::array<double, 4> kGaussWeights = {0.17392742256872693, 0.32607257743127307,
                                                 0.32607257743127307, 0.17392742256872693};
constexpr std::array<double, 5> kBoole = {7.0 / 90, 32.0 / 90, 12.0 / 90, 32.0 / 90, 7.0 / 90};

double node(std::size_t j) { return static_cast<double>(j) / static_cast<double>(kDegree); }

}  // namespace

BasisValues basis_at(double s) {
  BasisValues values;
  for (std::size_t j = 0; j < values.size(); ++j) {
    values[j] = 1;
    for (std::size_t k = 0; k < values.size(); ++k)
      if (k != j) values[j] *= (s - node(k)) / (node(j) - node(k));
  }
  return values;
}

BasisValues basis_slopes_at(double s) {
  BasisValues slopes;
  for (std::size_t j = 0; j < slopes.size(); ++j) {
    slopes[j] = 0;
    for (std::size_t left = 0; left < slopes.size(); ++left) {
      if (left == j) continue;
      double product = 1 / (node(j) - node(left));
      for (std::size_t k = 0; k < slopes.size(); ++k)
        if (k != j && k != left) product *= (s - node(k)) / (node(j) - node(k));
      slopes[j] += product;
    }
  }
  return slopes;
}

BasisValues leading_coefficients() {
  constexpr double kFour = 4.0 * 4.0 * 4.0 * 4.0;
  return {kFour, -4 * kFour, 6 * kFour, -4 * kFour, kFour};
}

const std::array<GaussPoint, 4>& gauss_points() {
  static const std::array<GaussPoint, 4> points = [] {
    std::array<GaussPoint, 4> all;
    for (std::size_t c = 0; c < all.size(); ++c)
      all[c] = {kGauss[c], kGaussWeights[c], basis_at(kGauss[c]), basis_slopes_at(kGauss[c])};
    return all;
  }();
  return points;
}

Vector point_weights(const Profile& profile) {
  Vector weights = Vector::Zero(profile.n_points());
  for (Index i = 0; i < profile.n_intervals(); ++i)
    for (Index j = 0; j < kNodes; ++j)
      weights((i * kDegree + j) % profile.n_points()) +=
          profile.width(i) * kBoole[static_cast<std::size_t>(j)];
  return weights;
}

}  // namespace nullcline::cycles::internal
