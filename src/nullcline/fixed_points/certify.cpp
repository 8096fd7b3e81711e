// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/certify.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/interval_products.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

using dynamics::Time;
using numerics::Interval;

// Far above underflow, far below any rounding error of interest.
constexpr double kSmallestHalfWidth = 1e-290;
// One unit in the last place of 1, twice the unit round-off.
constexpr double kUlp = std::numeric_limits<double>::epsilon();

// An upper bound of a sum of n products of numbers that are not negative, whose value in floating
// point is `sum`, in whatever order it was added: gamma_n < (n + 4) kUlp, and underflow.
double inflate(double sum, Index n) {
  const double k = static_cast<double>(n + 4);
  return sum * (1 + k * kUlp) + k * std::numeric_limits<double>::min();
}

Vector inflate(const Vector& sums, Index n) {
  return sums.unaryExpr([n](double sum) { return inflate(sum, n); });
}

// How far Dr may be from a fixed matrix M over a box: the row sums of |A(X) - M|.
class JacobianRange {
 public:
  virtual ~JacobianRange() = default;
  virtual Vector row_sums(const Matrix& middle, double half_width) = 0;
};

class ProvenRange : public JacobianRange {
 public:
  ProvenRange(const Equation& equation, ConstVectorRef point)
      : equation_(equation),
        point_(point),
        box_(static_cast<std::size_t>(point.size())),
        jacobian_(static_cast<std::size_t>(point.size() * point.size())) {}

  // |r(x)|, rounded up.
  Vector residual() {
    set_box(0);
    std::vector<Interval> values(box_.size());
    equation_.solved().intervals()->evaluate(box_, equation_.input(), values);
    Vector result(point_.size());
    for (std::size_t i = 0; i < box_.size(); ++i)
      result(static_cast<Index>(i)) = (is_map() ? values[i] - box_[i] : values[i]).magnitude();
    return result;
  }

  Vector row_sums(const Matrix& middle, double half_width) override {
    evaluate(half_width);
    const Index n = point_.size();
    Vector sums(n);
    for (Index i = 0; i < n; ++i) {
      if (is_map()) {
        Interval& diagonal = jacobian_[static_cast<std::size_t>(i * n + i)];
        diagonal -= Interval(1);
      }
      sums(i) = numerics::distance_sum(&jacobian_[static_cast<std::size_t>(i * n)],
                                       middle.row(i).data(), n);
    }
    return sums;
  }

 private:
  bool is_map() const { return equation_.solved().time() == Time::discrete; }

  void set_box(double half_width) {
    for (std::size_t i = 0; i < box_.size(); ++i)
      box_[i] = Interval(point_(static_cast<Index>(i))) + Interval(-half_width, half_width);
    if (half_width == 0)
      for (std::size_t i = 0; i < box_.size(); ++i)
        box_[i] = Interval(point_(static_cast<Index>(i)));
  }

  void evaluate(double half_width) {
    set_box(half_width);
    equation_.solved().intervals()->jacobian(box_, equation_.input(), jacobian_);
  }

  const Equation& equation_;
  const Vector point_;
  std::vector<Interval> box_, jacobian_;
};

// Dr at some corners and inner points of the box, with a factor for what lies between them.
class SampledRange : public JacobianRange {
 public:
  SampledRange(const Equation& equation, ConstVectorRef point)
      : equation_(equation), point_(point) {}

  Vector row_sums(const Matrix& middle, double half_width) override {
    constexpr int kScales = 8, kCornersPerScale = 2;
    constexpr double kSafety = 2;
    const Index n = point_.size();
    Rng rng(0, Purpose::fixed_point_starts, UINT64_MAX);
    Vector sums = Vector::Zero(n);
    // On all scales: far out a function may be flat that bends near the middle.
    for (int scale = 0; scale < kScales; ++scale)
      for (int k = 0; k < kCornersPerScale; ++k) {
        const double distance = std::ldexp(half_width, -scale);
        Vector corner = point_;
        for (Index i = 0; i < n; ++i) corner(i) += rng.bits() >> 63 ? distance : -distance;
        const Matrix change = equation_.jacobian_at(corner) - middle;
        sums = sums.cwiseMax(kSafety * change.cwiseAbs().rowwise().sum());
      }
    return sums;
  }

 private:
  const Equation& equation_;
  const Vector point_;
};

// The Krawczyk test at one point: y >= |Y r(x)|, and z(rho) >= the row sums of |I - Y A(X)|. Any Y
// makes a valid test; one in float32 takes half the time, and does where |I - Y M| is small with
// it.
class KrawczykTest {
 public:
  KrawczykTest(JacobianRange& range, const Matrix& middle, const Vector& residual)
      : range_(range), middle_(middle), n_(middle.rows()) {
    constexpr Index kWorthFloat = 32;
    constexpr double kSmallDefect = 0.05;
    if (n_ < kWorthFloat || !set_inverse<numerics::FloatMatrix>() ||
        !(defect_.maxCoeff() < kSmallDefect))
      set_inverse<Matrix>();
    is_regular_ = defect_.size() == n_ && defect_.allFinite() && defect_.maxCoeff() < 1;
    if (is_regular_) step_ = inflate(absolute_inverse_ * residual, n_);
  }

  bool is_regular() const { return is_regular_; }
  double largest_step() const { return step_.maxCoeff(); }

  // An upper bound of |K(X) - x| for X = x +- half_width: below half_width if and only if the test
  // passes. `contraction` is max z.
  double image(double half_width, double& contraction) {
    const Vector range = range_.row_sums(middle_, half_width);
    const Vector z = inflate(Vector(defect_ + inflate(Vector(absolute_inverse_ * range), n_)), n_);
    contraction = z.maxCoeff();
    if (!z.allFinite()) return std::numeric_limits<double>::infinity();
    return inflate(Vector(step_ + half_width * z), n_).maxCoeff();
  }

 private:
  // |I - Y M| <= |I - fl(Y M)| (1 + u) + gamma_n |Y| |M|, where fl rounds M to the scalar of Y and
  // what underflows is below n of its smallest normal numbers.
  template <class AnyMatrix>
  bool set_inverse() {
    using Scalar = typename AnyMatrix::Scalar;
    const AnyMatrix middle = middle_.template cast<Scalar>();
    const AnyMatrix inverse = numerics::inverse(middle);
    if (!inverse.allFinite()) return false;
    AnyMatrix rounded(n_, n_);
    numerics::multiply(inverse, middle, rounded);
    Matrix product = rounded.template cast<double>();
    product.diagonal().array() -= 1;
    absolute_inverse_ = inverse.template cast<double>().cwiseAbs();
    const Vector ones = Vector::Ones(n_);
    const Vector magnitudes = inflate(Vector(middle_.cwiseAbs() * ones), n_);
    const Vector rounding = inflate(Vector(absolute_inverse_ * magnitudes), n_);
    constexpr double kScalarUlp = std::numeric_limits<Scalar>::epsilon();
    constexpr double kLeast = std::numeric_limits<Scalar>::min();
    const auto n = static_cast<double>(n_);
    const Vector lost = kLeast * (n * n * ones + inflate(Vector(absolute_inverse_ * ones), n_) * n);
    defect_ =
        inflate(Vector(product.cwiseAbs() * ones), n_) + (n + 4) * kScalarUlp * rounding + 2 * lost;
    defect_ = inflate(defect_, n_);
    return defect_.allFinite();
  }

  JacobianRange& range_;
  const Matrix middle_;
  const Index n_;
  Matrix absolute_inverse_;
  Vector step_, defect_;
  bool is_regular_ = false;
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

// The Krawczyk test of one point, with what it refers to.
class PointTest {
 public:
  PointTest(const Equation& equation, ConstVectorRef point)
      : proven_(equation.solved().intervals() != nullptr),
        proven_range_(equation, point),
        sampled_range_(equation, point) {
    const Matrix middle = equation.jacobian_at(point);
    const Vector residual = proven_
                                ? proven_range_.residual()
                                : Vector(equation.residual_at(point).cwiseAbs() +
                                         kUlp * (point.cwiseAbs() + Vector::Ones(point.size())));
    if (!middle.allFinite() || !residual.allFinite()) return;
    JacobianRange& range = proven_ ? static_cast<JacobianRange&>(proven_range_) : sampled_range_;
    test_.emplace(range, middle, residual);
  }

  bool is_proven() const { return proven_; }
  /// Null if the Jacobian is singular, or not finite.
  KrawczykTest* test() { return test_ && test_->is_regular() ? &*test_ : nullptr; }

 private:
  const bool proven_;
  ProvenRange proven_range_;
  SampledRange sampled_range_;
  std::optional<KrawczykTest> test_;
};

}  // namespace

Certificate certify(const Equation& equation, ConstVectorRef point, bool with_uniqueness) {
  Certificate certificate;
  if (!point.allFinite()) return certificate;
  PointTest point_test(equation, point);
  KrawczykTest* test = point_test.test();
  double least = 0;
  if (test == nullptr || !find_error_radius(*test, certificate, least)) return certificate;
  certificate.exists = true;
  certificate.verdict = point_test.is_proven() ? Verdict::proven : Verdict::not_proven;
  if (with_uniqueness) {
    // A box around a point of the trapping box needs to be no wider than that.
    const double largest = equation.box()
                               ? (equation.box()->upper - equation.box()->lower).maxCoeff()
                               : 16 * (1 + point.cwiseAbs().maxCoeff());
    const double believed = kSampledReach * (1 + point.cwiseAbs().maxCoeff());
    find_uniqueness_radius(*test, point_test.is_proven() ? largest : std::min(largest, believed),
                           least, certificate);
  }
  return certificate;
}

double zero_distance(const Equation& equation, ConstVectorRef point, double half_width) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!point.allFinite() || !std::isfinite(half_width)) return kInfinity;
  PointTest point_test(equation, point);
  KrawczykTest* test = point_test.test();
  if (test == nullptr || !point_test.is_proven()) return kInfinity;
  double contraction = 0;
  const double image = test->image(half_width, contraction);
  return image < half_width ? image : kInfinity;
}

}  // namespace nullcline::fixed_points
