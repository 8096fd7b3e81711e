// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/box_test.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/internal/rounding.hpp"
#include "nullcline/numerics/interval_products.hpp"

namespace nullcline::fixed_points::internal {

using numerics::Interval;

namespace {

constexpr double kTiny = 1e-290;  // far above underflow

// The box about its middle, wider by a tenth.
Interval inflated(const Interval& x) {
  const double step = 0.05 * (x.upper() - x.lower()) + 4 * kUlp * x.magnitude() + kTiny;
  return {x.lower() - step, x.upper() + step};
}

const dynamics::IntervalExtension& intervals_of(const dynamics::System& map) {
  if (map.intervals() == nullptr)
    throw InvalidInput("map: found a system without interval extension, expected one with it");
  return *map.intervals();
}

}  // namespace

BoxTest::BoxTest(const dynamics::System& map, ConstVectorRef input)
    : map_(intervals_of(map)),
      is_flow_(map.time() == dynamics::Time::continuous),
      input_(input),
      n_(static_cast<std::size_t>(map.n_states())),
      image_(n_),
      values_(n_),
      jacobian_(n_ * n_),
      trial_(n_),
      center_(n_),
      middle_(n_ * n_),
      spread_(n_ * n_),
      inverse_(n_ * n_),
      work_(n_ * n_),
      defect_(n_ * n_),
      product_(n_) {}

bool BoxTest::contract(Box box) {
  constexpr double kWorthwhile = 0.8;
  for (;;) {
    map_.evaluate(box, input_, values_);
    if (is_flow_)
      return std::all_of(values_.begin(), values_.end(),
                         [](const Interval& value) { return value.contains(0); });
    double shrink = 1;
    for (std::size_t i = 0; i < n_; ++i) {
      const double lower = std::max(box[i].lower(), values_[i].lower());
      const double upper = std::min(box[i].upper(), values_[i].upper());
      if (!(lower <= upper)) return false;
      const double width = box[i].upper() - box[i].lower();
      if (width > 0) shrink = std::min(shrink, (upper - lower) / width);
      box[i] = Interval(lower, upper);
    }
    if (shrink > kWorthwhile) return true;
  }
}

void BoxTest::set_jacobian(ConstBox box) {
  map_.jacobian(box, input_, jacobian_);
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = 0; j < n_; ++j) {
      const std::size_t k = i * n_ + j;
      const Interval a = i == j && !is_flow_ ? jacobian_[k] - Interval(1) : jacobian_[k];
      middle_[k] = 0.5 * (a.lower() + a.upper());
      spread_[k] =
          std::max(a.upper() - middle_[k], middle_[k] - a.lower()) * (1 + 2 * kUlp) + kTiny;
    }
}

// Gauss-Jordan elimination with row pivoting of the middle of the Jacobian, in plain arithmetic:
// any matrix makes a valid test.
bool BoxTest::invert_middle() {
  std::copy(middle_.begin(), middle_.end(), work_.begin());
  std::fill(inverse_.begin(), inverse_.end(), 0.0);
  for (std::size_t i = 0; i < n_; ++i) inverse_[i * n_ + i] = 1;
  for (std::size_t k = 0; k < n_; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n_; ++i)
      if (std::abs(work_[i * n_ + k]) > std::abs(work_[pivot * n_ + k])) pivot = i;
    const double value = work_[pivot * n_ + k];
    if (!(std::abs(value) > kTiny) || !std::isfinite(value)) return false;
    for (std::size_t j = 0; j < n_; ++j) {
      std::swap(work_[pivot * n_ + j], work_[k * n_ + j]);
      std::swap(inverse_[pivot * n_ + j], inverse_[k * n_ + j]);
    }
    const double scale = 1 / value;
    for (std::size_t j = 0; j < n_; ++j) {
      work_[k * n_ + j] *= scale;
      inverse_[k * n_ + j] *= scale;
    }
    for (std::size_t i = 0; i < n_; ++i) {
      const double factor = work_[i * n_ + k];
      if (i == k || factor == 0) continue;
      for (std::size_t j = 0; j < n_; ++j) {
        work_[i * n_ + j] -= factor * work_[k * n_ + j];
        inverse_[i * n_ + j] -= factor * inverse_[k * n_ + j];
      }
    }
  }
  return true;
}

// defect_ >= |I - Y A| for all A with |A - M| <= spread_:
// |I - Y M| + |Y| |A - M|, with the rounding of Y M below gamma_n |Y| |M|.
void BoxTest::bound_defect() {
  const double gamma = static_cast<double>(n_ + 4) * kUlp;
  for (std::size_t k = 0; k < n_ * n_; ++k) work_[k] = spread_[k] + gamma * std::abs(middle_[k]);
  for (std::size_t i = 0; i < n_; ++i) {
    double* defect = &defect_[i * n_];
    std::fill(defect, defect + n_, 0.0);
    std::fill(product_.begin(), product_.end(), 0.0);
    for (std::size_t k = 0; k < n_; ++k) {
      const double y = inverse_[i * n_ + k], size = std::abs(y);
      for (std::size_t j = 0; j < n_; ++j) {
        product_[j] += y * middle_[k * n_ + j];
        defect[j] += size * work_[k * n_ + j];
      }
    }
    product_[i] -= 1;
    for (std::size_t j = 0; j < n_; ++j)
      defect[j] = rounded_up(std::abs(product_[j]) + defect[j], n_);
  }
}

// With X = m +- w:  |K(X) - m + Y r(m)| <= |I - Y A(X)| w.
bool BoxTest::krawczyk(ConstBox box) {
  set_jacobian(box);
  if (!invert_middle()) return false;
  bound_defect();
  for (std::size_t i = 0; i < n_; ++i)
    center_[i] = Interval(0.5 * (box[i].lower() + box[i].upper()));
  map_.evaluate(center_, input_, values_);
  if (!is_flow_)
    for (std::size_t i = 0; i < n_; ++i) values_[i] -= center_[i];
  for (std::size_t i = 0; i < n_; ++i) {
    double reach = 0;
    for (std::size_t j = 0; j < n_; ++j) {
      const double m = center_[j].lower();
      reach += defect_[i * n_ + j] * std::max(box[j].upper() - m, m - box[j].lower());
    }
    reach = rounded_up(reach, n_);
    if (!(reach < std::numeric_limits<double>::infinity())) return false;
    image_[i] = center_[i] -
                numerics::dot(&inverse_[i * n_], values_.data(), static_cast<Index>(n_)) +
                Interval(-reach, reach);
  }
  return true;
}

bool BoxTest::is_image_inside(ConstBox box) const {
  for (std::size_t i = 0; i < n_; ++i)
    if (!box[i].contains_in_interior(image_[i])) return false;
  return true;
}

BoxTest::Outcome BoxTest::test(Box box) {
  for (std::size_t i = 0; i < n_; ++i) trial_[i] = inflated(box[i]);
  if (!krawczyk(trial_)) return Outcome::undecided;
  if (is_image_inside(trial_)) {
    std::copy(trial_.begin(), trial_.end(), box.begin());
    return Outcome::unique;
  }
  for (std::size_t i = 0; i < n_; ++i) {
    const double lower = std::max(box[i].lower(), image_[i].lower());
    const double upper = std::min(box[i].upper(), image_[i].upper());
    if (!(lower <= upper)) return Outcome::none;
    box[i] = Interval(lower, upper);
  }
  return Outcome::undecided;
}

void BoxTest::refine(Box box) {
  constexpr int kMaxSteps = 30;
  // A box that only just passed shrinks slowly at first, and then quadratically.
  constexpr double kWorthwhile = 0.99;
  for (int step = 0; step < kMaxSteps; ++step) {
    if (!krawczyk(box)) return;
    double shrink = 1;
    for (std::size_t i = 0; i < n_; ++i) {
      const double lower = std::max(box[i].lower(), image_[i].lower());
      const double upper = std::min(box[i].upper(), image_[i].upper());
      if (!(lower <= upper)) return;  // cannot be: a fixed point is in both
      const double width = box[i].upper() - box[i].lower();
      if (width > 0) shrink = std::min(shrink, (upper - lower) / width);
      box[i] = Interval(lower, upper);
    }
    if (shrink > kWorthwhile) return;
  }
}

void BoxTest::widen(Box box, ConstBox enclosure) {
  constexpr int kMaxSteps = 8;
  constexpr double kFactor = 1.5;
  std::vector<Interval> wide(n_);
  for (int step = 0; step < kMaxSteps; ++step) {
    for (std::size_t i = 0; i < n_; ++i) {
      const double middle = enclosure[i].midpoint();
      const double reach =
          kFactor * std::max(box[i].upper() - middle, middle - box[i].lower()) + kTiny;
      wide[i] = numerics::hull(box[i], Interval(middle - reach, middle + reach));
    }
    if (!krawczyk(wide) || !is_image_inside(wide)) return;
    std::copy(wide.begin(), wide.end(), box.begin());
  }
}

// Interval elimination on A over the box: the product of the signs of its pivots.
int BoxTest::index(ConstBox box) {
  map_.jacobian(box, input_, jacobian_);
  for (std::size_t k = 0; k < n_ * n_; ++k)
    jacobian_[k] = k % (n_ + 1) == 0 && !is_flow_ ? Interval(1) - jacobian_[k] : -jacobian_[k];
  int sign = 1;
  for (std::size_t k = 0; k < n_; ++k) {
    const auto distance = [&](std::size_t row) {  // from zero
      const Interval& a = jacobian_[row * n_ + k];
      return a.lower() > 0 ? a.lower() : std::max(0.0, -a.upper());
    };
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n_; ++i)
      if (distance(i) > distance(pivot)) pivot = i;
    if (!(distance(pivot) > 0)) return 0;
    if (pivot != k) {
      sign = -sign;
      std::swap_ranges(jacobian_.begin() + static_cast<std::ptrdiff_t>(k * n_),
                       jacobian_.begin() + static_cast<std::ptrdiff_t>((k + 1) * n_),
                       jacobian_.begin() + static_cast<std::ptrdiff_t>(pivot * n_));
    }
    if (jacobian_[k * n_ + k].upper() < 0) sign = -sign;
    for (std::size_t i = k + 1; i < n_; ++i) {
      const Interval factor = jacobian_[i * n_ + k] / jacobian_[k * n_ + k];
      for (std::size_t j = k + 1; j < n_; ++j)
        jacobian_[i * n_ + j] -= factor * jacobian_[k * n_ + j];
    }
  }
  return sign;
}

}  // namespace nullcline::fixed_points::internal
