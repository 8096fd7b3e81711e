// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "nullcline/fixed_points/certify.hpp"
#include "nullcline/fixed_points/inertia.hpp"
#include "nullcline/fixed_points/internal/components.hpp"
#include "nullcline/numerics/interval_products.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

using dynamics::Time;
using numerics::Interval;

// Wider discs say more about the bounds than about the point.
constexpr double kTellingRadius = 1e-3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Faster than std::abs, and as good away from underflow.
Matrix absolute(const ComplexMatrix& a) { return a.array().abs2().sqrt(); }

// Upper bounds of sums of n terms that are not negative, from their values in floating point; and
// the share of the summed magnitudes by which a complex sum of n products may be off:
// sqrt(2) gamma_2n < 3 (2n + 8) u.
class Bounds {
 public:
  explicit Bounds(Index n) : share_(3 * (2 * static_cast<double>(n) + 8) * 0x1p-53) {}

  double share() const { return share_; }
  double above(double sum) const { return sum * (1 + share_) + kTiny; }
  Vector above(const Vector& sums) const {
    return sums.unaryExpr([this](double sum) { return above(sum); });
  }
  Vector row_sums(const ComplexMatrix& a) const {
    return above(Vector(absolute(a).rowwise().sum()));
  }

 private:
  static constexpr double kTiny = 0x1p-480;  // above what a square root of an underflow may lose
  double share_;
};

using Box = std::vector<Interval>;

Box state_box(const FixedPoint& point) {
  Box box;
  for (const double value : point.state)
    box.push_back(Interval(value) + Interval(-point.radius, point.radius));
  return box;
}

// Where the states of a reduced map are few, `radius` is that of the widest state alone (the memory
// of an LSTM whose forget gate is nearly saturated). The zero of the reduced map, lifted, has each
// state in an interval of its own. Empty where that is not known.
Box lifted_box(const dynamics::System& system, ConstVectorRef input, const FixedPoint& point) {
  if (system.reduced() == nullptr) return {};
  const Equation equation(system, input);
  const Vector reduced =
      equation.restrict_states(Matrix(point.state.transpose())).row(0).transpose();
  const Certificate certificate = certify(equation, reduced, false);
  // Only then is it the point that is meant.
  if (certificate.verdict != Verdict::proven ||
      !(2 * certificate.radius <= point.uniqueness_radius))
    return {};
  Box coordinates, states = state_box(point);
  for (const double value : reduced)
    coordinates.push_back(Interval(value) + Interval(-certificate.radius, certificate.radius));
  if (!system.intervals()->lift(coordinates, input, states)) return {};
  return states;
}

// Where the radius comes from a reduced map it is as wide as its lift. The Krawczyk test of all
// states tells where in that box the zero is. Whether that is much nearer.
bool tighten(const dynamics::System& system, ConstVectorRef input, FixedPoint& point) {
  const Equation equation(system, input, Equation::Form::full);
  const double distance = zero_distance(equation, point.state, point.radius);
  if (!(distance < point.radius / 2)) return false;
  point.radius = distance;
  return true;
}

// J over a box, row-major.
std::vector<Interval> jacobian_enclosure(const dynamics::System& system, ConstVectorRef input,
                                         const Box& box) {
  std::vector<Interval> jacobian(box.size() * box.size());
  system.intervals()->jacobian(box, input, jacobian);
  return jacobian;
}

// Upper bounds of the row sums of |J - middle|.
Vector jacobian_distance(const std::vector<Interval>& jacobian, const Matrix& middle) {
  const Index n = middle.rows();
  Vector sums(n);
  for (Index i = 0; i < n; ++i)
    sums(i) =
        numerics::distance_sum(&jacobian[static_cast<std::size_t>(i * n)], middle.row(i).data(), n);
  return sums;
}

// fl(M R - R Lambda).
ComplexMatrix defects(const Matrix& middle, const FixedPoint& point) {
  const Index n = middle.rows();
  Matrix real(n, n), imaginary(n, n);
  numerics::multiply(middle, Matrix(point.right_eigenvectors.real()), real);
  numerics::multiply(middle, Matrix(point.right_eigenvectors.imag()), imaginary);
  ComplexMatrix e = -(point.right_eigenvectors * point.eigenvalues.asDiagonal());
  e.real() += real;
  e.imag() += imaginary;
  return e;
}

bool is_beyond(Time time, std::complex<double> value, double radius) {
  const double excess = time == Time::discrete ? std::abs(value) - 1 : value.real();
  return excess - radius > 4 * 0x1p-53 * (1 + std::abs(value));
}

bool is_within(Time time, std::complex<double> value, double radius) {
  const double excess = time == Time::discrete ? std::abs(value) - 1 : value.real();
  return excess + radius < -4 * 0x1p-53 * (1 + std::abs(value));
}

// What is known of the eigenvalues of J: how many are beyond the boundary, and how far each is from
// a reported one at most.
struct Enclosure {
  int n_beyond = 0;
  double radius = 0;
};

// One eigenvalue, which is an entry of J.
std::optional<Enclosure> enclose_entry(Time time, const Interval& entry,
                                       const ComplexVector& reported) {
  const bool is_map = time == Time::discrete;
  const bool beyond = is_map ? entry.lower() > 1 || entry.upper() < -1 : entry.lower() > 0;
  const bool within = is_map ? entry.magnitude() < 1 : entry.upper() < 0;
  if (!beyond && !within) return std::nullopt;
  double radius = kInfinity;
  for (const std::complex<double>& value : reported) {
    if (value.imag() != 0) continue;
    radius = std::min(radius, (entry - Interval(value.real())).magnitude());
  }
  return Enclosure{beyond ? 1 : 0, radius};
}

// Where the discs are too large: J falls into diagonal blocks, and in each the eigenvalues beyond
// the boundary are counted without looking at them.
std::optional<Enclosure> enclose_by_blocks(const std::vector<Interval>& jacobian, Time time,
                                           const FixedPoint& point) {
  constexpr std::size_t kLargestBlock = 256;
  const Index n = point.state.size();
  const auto entry = [&](Index i, Index j) -> const Interval& {
    return jacobian[static_cast<std::size_t>(i * n + j)];
  };
  Enclosure all;
  for (const std::vector<Index>&block : internal::strong_components(
           n, [&](Index i, Index j) { return entry(i, j).magnitude() > 0; })) {
    const auto m = static_cast<Index>(block.size());
    if (m == 1) {
      const auto found = enclose_entry(time, entry(block[0], block[0]), point.eigenvalues);
      if (!found) return std::nullopt;
      all.n_beyond += found->n_beyond;
      all.radius = std::max(all.radius, found->radius);
      continue;
    }
    if (block.size() > kLargestBlock) return std::nullopt;
    Matrix middle(m, m), radii(m, m);
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < m; ++j) {
        const Interval& x =
            entry(block[static_cast<std::size_t>(i)], block[static_cast<std::size_t>(j)]);
        middle(i, j) = x.midpoint();
        radii(i, j) = (x - Interval(middle(i, j))).magnitude();
      }
    const std::optional<int> n_beyond = count_beyond(time, middle, radii);
    if (!n_beyond) return std::nullopt;
    all.n_beyond += *n_beyond;
    all.radius = kInfinity;
  }
  return all;
}

// As eigenvalue_radius, of all J of an enclosure.
double radius_of_discs(const dynamics::System& system, ConstVectorRef input,
                       const FixedPoint& point, const std::vector<Interval>& jacobian) {
  const ComplexMatrix &right = point.right_eigenvectors, &left = point.left_eigenvectors;
  if (!right.allFinite() || !left.allFinite() || !point.eigenvalues.allFinite()) return kInfinity;
  const Index n = point.state.size();
  const Bounds bounds(n);
  const Matrix middle = jacobian_at(system, point.state, input);
  if (!middle.allFinite()) return kInfinity;

  const ComplexMatrix e = defects(middle, point);
  const Vector right_sums = bounds.row_sums(right);
  const Vector scaled_sums = bounds.above(Vector(absolute(right) * point.eigenvalues.cwiseAbs()));
  const Vector product_sums = bounds.above(Vector(middle.cwiseAbs() * right_sums));
  const Vector e_error =
      bounds.above(Vector(bounds.share() * (product_sums + scaled_sums) +
                          jacobian_distance(jacobian, middle) * right_sums.maxCoeff()));

  const Matrix absolute_left = absolute(left);
  ComplexMatrix product(n, n);
  numerics::multiply(left, e, product);
  const Vector sums = bounds.above(
      Vector(bounds.row_sums(product) +
             bounds.share() * bounds.above(Vector(absolute_left * bounds.row_sums(e))) +
             bounds.above(Vector(absolute_left * e_error))));
  numerics::multiply(left, right, product);
  product.diagonal().array() -= 1;
  const Vector g_sums =
      bounds.above(Vector(bounds.row_sums(product) +
                          bounds.share() * bounds.above(Vector(absolute_left * right_sums))));
  const double g = g_sums.maxCoeff(), largest = sums.maxCoeff();
  if (!(g < 0.5) || !std::isfinite(largest)) return kInfinity;
  return bounds.above(largest + 2 * g * largest);  // g / (1 - g) <= 2 g
}

// How many discs of this radius are beyond the boundary; nothing if one of them meets it.
std::optional<int> count_discs(Time time, const FixedPoint& point, double radius) {
  int n_beyond = 0, n_within = 0;
  for (const std::complex<double>& value : point.eigenvalues) {
    n_beyond += is_beyond(time, value, radius) ? 1 : 0;
    n_within += is_within(time, value, radius) ? 1 : 0;
  }
  return n_beyond + n_within == point.eigenvalues.size() ? std::optional(n_beyond) : std::nullopt;
}

}  // namespace

double eigenvalue_radius(const dynamics::System& system, ConstVectorRef input,
                         const FixedPoint& point) {
  if (system.intervals() == nullptr || !std::isfinite(point.radius)) return kInfinity;
  return radius_of_discs(system, input, point, jacobian_enclosure(system, input, state_box(point)));
}

void certify_stability(const dynamics::System& system, ConstVectorRef input, FixedPoint& point) {
  if (point.verdict != Verdict::proven || system.intervals() == nullptr ||
      !std::isfinite(point.radius))
    return;
  const Time time = system.time();
  std::vector<Interval> jacobian = jacobian_enclosure(system, input, state_box(point));
  double& radius = point.eigenvalue_radius;
  radius = radius_of_discs(system, input, point, jacobian);
  std::optional<int> n_beyond = count_discs(time, point, radius);
  if (!n_beyond && tighten(system, input, point)) {
    jacobian = jacobian_enclosure(system, input, state_box(point));
    radius = std::min(radius, radius_of_discs(system, input, point, jacobian));
    n_beyond = count_discs(time, point, radius);
  }
  if (!n_beyond) {
    const Box lifted = lifted_box(system, input, point);
    if (!lifted.empty()) {
      jacobian = jacobian_enclosure(system, input, lifted);
      radius = std::min(radius, radius_of_discs(system, input, point, jacobian));
      n_beyond = count_discs(time, point, radius);
    }
  }
  if (!n_beyond) {
    if (const auto found = enclose_by_blocks(jacobian, time, point)) {
      radius = std::min(radius, found->radius);
      n_beyond = found->n_beyond;
    }
  }
  if (!n_beyond) {
    if (!(radius <= kTellingRadius)) return;  // what was computed stands, not proven
    point.n_unstable = static_cast<int>(
        std::count_if(point.eigenvalues.begin(), point.eigenvalues.end(),
                      [&](const auto& value) { return is_beyond(time, value, radius); }));
    point.stability = Stability::degenerate;
    return;
  }
  point.n_unstable = *n_beyond;
  point.stability_verdict = Verdict::proven;
  point.stability = *n_beyond == 0                          ? Stability::stable
                    : *n_beyond == point.eigenvalues.size() ? Stability::unstable
                                                            : Stability::saddle;
}

}  // namespace nullcline::fixed_points
