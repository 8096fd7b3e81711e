// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/internal/attraction.hpp"

#include <Eigen/LU>
#include <cmath>

namespace nullcline::census::internal {

using numerics::Interval;

namespace {

constexpr int kMaxHalvings = 40;
// The center is known to rounding only, and the boundary itself is not needed.
constexpr double kMargin = 0.5;

// Of the equation J'P + PJ = -1 for the symmetric P = [[p, q], [q, r]].
Eigen::Matrix2d lyapunov_form(const Eigen::Matrix2d& j) {
  Eigen::Matrix3d a;
  a << 2 * j(0, 0), 2 * j(1, 0), 0,         //
      j(0, 1), j(0, 0) + j(1, 1), j(1, 0),  //
      0, 2 * j(0, 1), 2 * j(1, 1);
  const Eigen::Vector3d x = a.fullPivLu().solve(Eigen::Vector3d(-1, 0, -1));
  Eigen::Matrix2d form;
  form << x(0), x(1), x(1), x(2);
  return form;
}

// Whether sense (P A + A'P) is negative definite for all A over the box.
bool falls(const dynamics::System& flow, ConstVectorRef input, const Eigen::Matrix2d& form,
           const std::array<Interval, 2>& box, double sense) {
  std::array<Interval, 4> a;
  flow.intervals()->jacobian(box, input, a);
  for (Interval& entry : a) entry = sense * entry;
  const Interval diagonal0 = -(2 * form(0, 0) * a[0] + 2 * form(0, 1) * a[2]);
  const Interval diagonal1 = -(2 * form(0, 1) * a[1] + 2 * form(1, 1) * a[3]);
  const Interval off = form(0, 0) * a[1] + form(0, 1) * (a[0] + a[3]) + form(1, 1) * a[2];
  const Interval determinant = diagonal0 * diagonal1 - off * off;
  return diagonal0.lower() > 0 && determinant.lower() > 0;
}

}  // namespace

Attraction prove_attraction(const dynamics::System& flow, ConstVectorRef input,
                            const ProvenPoint& point, double reach) {
  const double sense = point.n_unstable == 0 ? 1 : -1;
  Attraction attraction{point.state, lyapunov_form(sense * point.jacobian), 0};
  const Eigen::Matrix2d inverse = attraction.form.inverse();
  if (!inverse.allFinite() || !(inverse(0, 0) > 0 && inverse(1, 1) > 0)) return attraction;
  const double widest = std::sqrt(std::max(inverse(0, 0), inverse(1, 1)));
  double level = (reach / widest) * (reach / widest);
  for (int k = 0; k < kMaxHalvings; ++k, level /= 4) {
    std::array<Interval, 2> box;
    for (Index i = 0; i < 2; ++i) {
      const double width = std::sqrt(level * inverse(i, i)) * (1 + 1e-9);
      box[static_cast<std::size_t>(i)] = Interval(point.state(i)) + Interval(-width, width);
    }
    if (!falls(flow, input, attraction.form, box, sense)) continue;
    attraction.level = kMargin * level;
    break;
  }
  return attraction;
}

}  // namespace nullcline::census::internal
