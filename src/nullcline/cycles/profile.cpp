// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include "nullcline/cycles/collocation.hpp"
#include "nullcline/cycles/internal/basis.hpp"

namespace nullcline::cycles {

namespace {

using internal::kNodes;

struct Place {
  Index interval;
  double s;  // within the interval, 0 to 1
};

Place place_of(const Profile& profile, double s) {
  s -= std::floor(s);
  const double* begin = profile.mesh.data();
  const double* after = std::upper_bound(begin, begin + profile.mesh.size(), s);
  const Index interval = std::clamp<Index>(after - begin - 1, 0, profile.n_intervals() - 1);
  return {interval, (s - profile.mesh(interval)) / profile.width(interval)};
}

Vector combine(const Profile& profile, Index interval, const internal::BasisValues& basis) {
  Vector sum = Vector::Zero(profile.states.cols());
  for (Index j = 0; j < kNodes; ++j)
    sum += basis[static_cast<std::size_t>(j)] *
           profile.states.row((interval * kDegree + j) % profile.n_points()).transpose();
  return sum;
}

// The root of order kDegree + 1 of the derivative of that order, which decides the error: of each
// interval, from the leading coefficients of its neighbours.
Vector error_density(const Profile& profile) {
  const Index n = profile.n_intervals();
  Matrix leading(n, profile.states.cols());
  for (Index i = 0; i < n; ++i)
    leading.row(i) = combine(profile, i, internal::leading_coefficients()).transpose() /
                     std::pow(profile.width(i), static_cast<double>(kDegree));
  Vector density(n);
  for (Index i = 0; i < n; ++i) {
    const Index before = (i + n - 1) % n, after = (i + 1) % n;
    const double gap = profile.width(i) + (profile.width(before) + profile.width(after)) / 2;
    density(i) = std::pow((leading.row(after) - leading.row(before)).norm() / gap,
                          1.0 / (static_cast<double>(kDegree) + 1));
  }
  return density.array() + 0.1 * density.mean() + 1e-300;
}

// The mesh of n intervals that each hold the same share of a density on the old intervals.
Vector equidistributed(const Vector& mesh, const Vector& density, Index n) {
  const Index old = density.size();
  Vector sum = Vector::Zero(old + 1);
  for (Index i = 0; i < old; ++i) sum(i + 1) = sum(i) + density(i) * (mesh(i + 1) - mesh(i));
  Vector result(n + 1);
  Index i = 0;
  for (Index k = 0; k <= n; ++k) {
    const double wanted = sum(old) * static_cast<double>(k) / static_cast<double>(n);
    while (i + 1 < old && sum(i + 1) < wanted) ++i;
    result(k) = mesh(i) + (wanted - sum(i)) / density(i);
  }
  result(0) = 0;
  result(n) = 1;
  return result;
}

double base_point(const Vector& mesh, Index point) {
  const Index interval = point / kDegree;
  const double share = static_cast<double>(point % kDegree) / static_cast<double>(kDegree);
  return mesh(interval) + share * (mesh(interval + 1) - mesh(interval));
}

}  // namespace

Vector Profile::at(double s) const {
  const Place place = place_of(*this, s);
  return combine(*this, place.interval, internal::basis_at(place.s));
}

Vector Profile::slope_at(double s) const {
  const Place place = place_of(*this, s);
  return combine(*this, place.interval, internal::basis_slopes_at(place.s)) / width(place.interval);
}

double Profile::amplitude() const {
  return (states.colwise().maxCoeff() - states.colwise().minCoeff()).maxCoeff();
}

Profile on_mesh(const Profile& profile, const Vector& mesh) {
  Profile result{profile.period, mesh, Matrix((mesh.size() - 1) * kDegree, profile.states.cols())};
  for (Index point = 0; point < result.n_points(); ++point)
    result.states.row(point) = profile.at(base_point(mesh, point)).transpose();
  return result;
}

Profile remeshed(const Profile& profile, Index n_intervals) {
  return on_mesh(profile, equidistributed(profile.mesh, error_density(profile), n_intervals));
}

Profile profile_of(ConstVectorRef times, ConstMatrixRef states, double period, Index n_intervals) {
  const Index n = times.size();
  Vector mesh(n + 1), density(n);
  for (Index i = 0; i < n; ++i) mesh(i) = (times(i) - times(0)) / period;
  mesh(n) = 1;
  double length = 0;
  for (Index i = 0; i < n; ++i) {
    density(i) = (states.row((i + 1) % n) - states.row(i)).norm();
    length += density(i);
  }
  // Half of the intervals by length, half by time.
  for (Index i = 0; i < n; ++i) density(i) = density(i) / length / (mesh(i + 1) - mesh(i)) + 1;
  Profile result{period, equidistributed(mesh, density, n_intervals),
                 Matrix(n_intervals * kDegree, states.cols())};
  Index i = 0;
  for (Index point = 0; point < result.n_points(); ++point) {
    const double s = base_point(result.mesh, point);
    while (i + 1 < n && mesh(i + 1) < s) ++i;
    const double share = (s - mesh(i)) / (mesh(i + 1) - mesh(i));
    result.states.row(point) = (1 - share) * states.row(i) + share * states.row((i + 1) % n);
  }
  return result;
}

double inner(const Profile& profile, const Direction& a, const Direction& b) {
  double sum = a.period * b.period + a.parameter * b.parameter;
  const Vector weights = internal::point_weights(profile);
  for (Index point = 0; point < profile.n_points(); ++point)
    sum += weights(point) * a.states.row(point).dot(b.states.row(point));
  return sum;
}

}  // namespace nullcline::cycles
