// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/certify.hpp"

#include <cmath>
#include <memory>
#include <optional>

#include "nullcline/fixed_points/internal/jacobian_range.hpp"
#include "nullcline/numerics/absolute_products.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

using internal::inflate;
using internal::JacobianRange;
using numerics::absolute_product;

// Far above underflow, far below any rounding error of interest.
constexpr double kSmallestHalfWidth = 1e-290;

// The Krawczyk test at one point: y >= |Y r(x)|, and z(rho) >= the row sums of |I - Y A(X)|. Any Y
// makes a valid test; one in float32 takes half the time, and does where |I - Y M| is small with
// it.
class KrawczykTest {
 public:
  explicit KrawczykTest(std::unique_ptr<JacobianRange> range)
      : range_(std::move(range)), n_(range_->middle().rows()) {
    constexpr double kSmallDefect = 0.05;
    if (!range_->middle().allFinite() || !range_->residual().allFinite()) return;
    is_single_ = set_inverse(single_) && defect_.maxCoeff() < kSmallDefect;
    is_regular_ = is_single_ || (set_inverse(double_) && defect_.maxCoeff() < 1);
    if (is_regular_) step_ = through_inverse(range_->residual());
  }

  bool is_regular() const { return is_regular_; }
  double largest_step() const { return step_.maxCoeff(); }

  // An upper bound of |K(X) - x| for X = x +- half_width: below half_width if and only if the test
  // passes. `contraction` is max z.
  double image(double half_width, double& contraction) {
    const Vector z = inflate(Vector(defect_ + through_inverse(range_->row_sums(half_width))), n_);
    contraction = z.maxCoeff();
    if (!z.allFinite()) return std::numeric_limits<double>::infinity();
    return inflate(Vector(step_ + half_width * z), n_).maxCoeff();
  }

 private:
  // |Y| v, rounded up.
  Vector through_inverse(const Vector& v) const {
    return inflate(is_single_ ? absolute_product(single_, v) : absolute_product(double_, v), n_);
  }

  // |I - Y M| <= |I - fl(Y M)| (1 + u) + gamma_n |Y| |M|, where fl rounds M to the scalar of Y and
  // what underflows is below n of its smallest normal numbers.
  template <class AnyMatrix>
  bool set_inverse(AnyMatrix& inverse) {
    using Scalar = typename AnyMatrix::Scalar;
    const AnyMatrix middle = range_->middle().template cast<Scalar>();
    inverse = numerics::inverse(middle);
    if (!inverse.allFinite()) return false;
    AnyMatrix product(n_, n_);
    numerics::multiply(inverse, middle, product);
    const Vector diagonal = product.diagonal().template cast<double>();
    product.diagonal().setZero();
    const Vector ones = Vector::Ones(n_);
    const Vector rounding = inflate(
        absolute_product(inverse, inflate(absolute_product(range_->middle(), ones), n_)), n_);
    constexpr double kScalarUlp = std::numeric_limits<Scalar>::epsilon();
    constexpr double kLeast = std::numeric_limits<Scalar>::min();
    const auto n = static_cast<double>(n_);
    const Vector lost = kLeast * (n * n * ones + inflate(absolute_product(inverse, ones), n_) * n);
    const Vector found = absolute_product(product, ones) + (diagonal - ones).cwiseAbs();
    defect_ = inflate(found, n_) + (n + 4) * kScalarUlp * rounding + 2 * lost;
    defect_ = inflate(defect_, n_);
    return defect_.allFinite();
  }

  std::unique_ptr<JacobianRange> range_;
  const Index n_;
  numerics::FloatMatrix single_;  // Y, in the one or the other
  Matrix double_;
  Vector step_, defect_;
  bool is_single_ = false, is_regular_ = false;
};

// Boxes a little wider than twice the Newton step: the smallest for which the test can pass.
// `least` becomes max z over that box.
bool find_error_radius(KrawczykTest& test, Certificate& certificate, double& least) {
  constexpr double kRoom = 1.25;
  double half_width = std::max(2 * test.largest_step(), kSmallestHalfWidth);
  for (int i = 0; i < 4; ++i, half_width *= 4) {
    const double image = test.image(half_width, least);
    if (!(image < half_width)) continue;
    // With room for whoever tests again, with other roundings.
    certificate.radius = std::min(half_width, kRoom * image);
    certificate.uniqueness_radius = half_width;
    return true;
  }
  return false;
}

// z grows about linearly with the half width: guess where the test begins to fail, and shrink.
void find_uniqueness_radius(KrawczykTest& test, double largest, double least,
                            Certificate& certificate) {
  constexpr double kProbe = 1e-3, kShortestCut = 0.05, kLongestCut = 2.0 / 3;
  constexpr int kMaxTries = 10;
  double contraction = 0;
  const double image = test.image(kProbe, contraction);
  if (kProbe <= largest && image < kProbe)
    certificate.uniqueness_radius = std::max(certificate.uniqueness_radius, kProbe);
  const double slope = (contraction - least) / kProbe;
  double guess = slope > 0 ? 0.8 * (1 - least) / slope : largest;
  guess = std::min(guess, largest);
  for (int i = 0; i < kMaxTries && guess > certificate.uniqueness_radius; ++i) {
    if (test.image(guess, contraction) < guess) {
      certificate.uniqueness_radius = guess;
      return;
    }
    guess *= std::clamp(0.5 / contraction, kShortestCut, kLongestCut);
  }
}

// Samples of a Jacobian are no bounds of it: a test that rests on them is not believed farther.
constexpr double kSampledReach = 0.1;

}  // namespace

Certificate certify(const Equation& equation, ConstVectorRef point, bool with_uniqueness) {
  Certificate certificate;
  if (!point.allFinite()) return certificate;
  KrawczykTest test(internal::make_jacobian_range(equation, point));
  double least = 0;
  if (!test.is_regular() || !find_error_radius(test, certificate, least)) return certificate;
  const bool is_proven = equation.solved().intervals() != nullptr;
  certificate.exists = true;
  certificate.verdict = is_proven ? Verdict::proven : Verdict::not_proven;
  if (with_uniqueness) {
    // A box around a point of the trapping box needs to be no wider than that.
    const double largest = equation.box()
                               ? (equation.box()->upper - equation.box()->lower).maxCoeff()
                               : 16 * (1 + point.cwiseAbs().maxCoeff());
    const double believed = kSampledReach * (1 + point.cwiseAbs().maxCoeff());
    find_uniqueness_radius(test, is_proven ? largest : std::min(largest, believed), least,
                           certificate);
  }
  return certificate;
}

double zero_distance(const Equation& equation, ConstVectorRef point, double half_width) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!point.allFinite() || !std::isfinite(half_width)) return kInfinity;
  if (equation.solved().intervals() == nullptr) return kInfinity;
  KrawczykTest test(internal::make_jacobian_range(equation, point));
  if (!test.is_regular()) return kInfinity;
  double contraction = 0;
  const double image = test.image(half_width, contraction);
  return image < half_width ? image : kInfinity;
}

}  // namespace nullcline::fixed_points
