// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/enumerate.hpp"

#include <algorithm>

#include "nullcline/fixed_points/internal/box_test.hpp"

namespace nullcline::fixed_points {

using numerics::Interval;

namespace {

// More boxes than this that are too narrow to be split are too many to be told apart.
constexpr std::size_t kMaxUndecided = 2048;
// A hasty enumeration gives up after this part of its boxes, unless it got as far by then.
constexpr std::int64_t kLooks = 16;
// A closer look at those that there are takes at most so many.
constexpr std::int64_t kMaxCloserBoxes = 20000;

using Intervals = std::vector<Interval>;

bool contains(const Interval* outer, const Interval* inner, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    if (!outer[i].contains(inner[i])) return false;
  return true;
}

// By more than a distance, in some coordinate.
bool are_apart(const Interval* a, const Interval* b, double distance, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    if (a[i].upper() + distance < b[i].lower() || b[i].upper() + distance < a[i].lower())
      return true;
  return false;
}

dynamics::Box to_box(const Interval* intervals, std::size_t n) {
  dynamics::Box box{Vector(static_cast<Index>(n)), Vector(static_cast<Index>(n))};
  for (std::size_t i = 0; i < n; ++i) {
    box.lower(static_cast<Index>(i)) = intervals[i].lower();
    box.upper(static_cast<Index>(i)) = intervals[i].upper();
  }
  return box;
}

// Boxes of n intervals one after another.
class Boxes {
 public:
  explicit Boxes(std::size_t n) : n_(n) {}

  std::size_t size() const { return intervals_.size() / n_; }
  Interval* operator[](std::size_t k) { return intervals_.data() + k * n_; }
  const Interval* operator[](std::size_t k) const { return intervals_.data() + k * n_; }
  const Interval* back() const { return (*this)[size() - 1]; }
  void push(const Interval* box) { intervals_.insert(intervals_.end(), box, box + n_); }
  void clear() { intervals_.clear(); }
  void pop() { intervals_.resize(intervals_.size() - n_); }
  void reserve(std::size_t n_boxes) { intervals_.reserve(n_boxes * n_); }

 private:
  std::size_t n_;
  Intervals intervals_;
};

class Enumerator {
 public:
  Enumerator(const dynamics::System& map, ConstVectorRef input, const EnumerationOptions& options)
      : options_(options),
        test_(map, input),
        n_(static_cast<std::size_t>(map.n_states())),
        stack_(n_),
        enclosures_(n_),
        uniqueness_(n_),
        undecided_(n_),
        box_(n_),
        half_(n_),
        min_width_(options.min_width) {
    constexpr std::size_t kHalvings = 24;  // of each coordinate, from 2 down to 1e-6
    stack_.reserve(kHalvings * n_ + 2);
  }

  Enumeration run(const dynamics::Box& region) {
    for (std::size_t i = 0; i < n_; ++i)
      box_[i] = Interval(region.lower(static_cast<Index>(i)), region.upper(static_cast<Index>(i)));
    stack_.push(box_.data());
    Enumeration result;
    result.is_complete = drain(options_.max_boxes, kMaxUndecided);
    if (result.is_complete && undecided_.size() > 0) look_closer();
    result.n_boxes = n_boxes_;
    if (result.is_complete) {
      describe_points(result);
      describe_clusters(result);
    }
    return result;
  }

 private:
  // Decides the boxes on the stack. False if that takes too many of them.
  bool drain(std::int64_t max_boxes, std::size_t max_undecided) {
    shares_.assign(stack_.size(), 1 / static_cast<double>(stack_.size()));
    double done = 0;  // share of the boxes that there were, by the number of halvings
    const std::int64_t look = n_boxes_ + (max_boxes - n_boxes_) / kLooks;
    while (stack_.size() > 0) {
      if (n_boxes_ >= max_boxes || undecided_.size() > max_undecided) return false;
      if (n_boxes_ % kBoxesBetweenAsking == 0 && options_.keep_going &&
          !options_.keep_going(n_boxes_))
        return false;
      if (options_.is_hasty && n_boxes_ == look && done * kLooks < 1) return false;
      std::copy(stack_.back(), stack_.back() + n_, box_.begin());
      const double share = shares_.back();
      stack_.pop();
      shares_.pop_back();
      ++n_boxes_;
      const std::size_t n_left = stack_.size();
      process();
      if (stack_.size() > n_left)
        shares_.insert(shares_.end(), 2, share / 2);
      else
        done += share;
    }
    return true;
  }

  // Points that are close together can be told apart in narrower boxes, degenerate ones cannot: if
  // some undecided boxes are left after all, all of them are kept as they were.
  void look_closer() {
    constexpr double kCloser = 1e-3;
    constexpr std::size_t kMaxLeft = 64;
    const Boxes kept = undecided_;
    const double width = min_width_;
    std::swap(stack_, undecided_);
    undecided_.clear();
    min_width_ *= kCloser;
    const std::int64_t n_more = std::min<std::int64_t>(options_.max_boxes, kMaxCloserBoxes);
    if (drain(n_boxes_ + n_more, kMaxLeft) && undecided_.size() == 0) return;
    stack_.clear();
    undecided_ = kept;
    min_width_ = width;
  }

  // Decides box_, or puts its halves on the stack.
  void process() {
    for (std::size_t k = 0; k < uniqueness_.size(); ++k)
      if (contains(uniqueness_[k], box_.data(), n_)) return;
    constexpr double kWorthwhile = 0.6;
    for (;;) {
      if (!test_.contract(box_)) return;
      const double width = widest();
      const auto outcome = test_.test(box_);
      if (outcome == internal::BoxTest::Outcome::none) return;
      if (outcome == internal::BoxTest::Outcome::unique) return add_point();
      if (widest() >= kWorthwhile * width) break;
    }
    if (widest() >= min_width_)
      bisect();
    else if (is_unique_in_wider_box())
      add_point();
    else
      undecided_.push(box_.data());
  }

  // Rounding may have cut box_ down to less than the error of the test: it then passes in a wider
  // one, which box_ becomes.
  bool is_unique_in_wider_box() {
    constexpr double kFactor = 4;
    constexpr int kMaxSteps = 4;
    std::copy(box_.begin(), box_.end(), half_.begin());
    double reach = std::max(widest(), 1e-3 * min_width_);
    for (int step = 0; step < kMaxSteps; ++step) {
      reach *= kFactor;
      for (std::size_t i = 0; i < n_; ++i)
        box_[i] = Interval(half_[i].lower() - reach, half_[i].upper() + reach);
      if (test_.test(box_) == internal::BoxTest::Outcome::unique) return true;
    }
    std::copy(half_.begin(), half_.end(), box_.begin());
    return false;
  }

  double widest() const {
    double width = 0;
    for (const Interval& x : box_) width = std::max(width, x.upper() - x.lower());
    return width;
  }

  void bisect() {
    std::size_t widest = 0;
    for (std::size_t i = 1; i < n_; ++i)
      if (box_[i].upper() - box_[i].lower() > box_[widest].upper() - box_[widest].lower())
        widest = i;
    const Interval whole = box_[widest];
    const double middle = whole.midpoint();
    box_[widest] = Interval(whole.lower(), middle);
    stack_.push(box_.data());
    box_[widest] = Interval(middle, whole.upper());
    stack_.push(box_.data());
  }

  // box_ holds exactly one fixed point: a known one, or a new one. Two enclosures that neither
  // meet nor lie in a box of uniqueness are of two points.
  void add_point() {
    std::copy(test_.image().begin(), test_.image().end(), half_.begin());
    test_.refine(half_);
    for (std::size_t k = 0; k < enclosures_.size(); ++k) {
      if (contains(uniqueness_[k], half_.data(), n_) || contains(box_.data(), enclosures_[k], n_))
        return;
      if (!are_apart(enclosures_[k], half_.data(), 0, n_)) {
        undecided_.push(box_.data());
        return;
      }
    }
    test_.widen(box_, half_);
    enclosures_.push(half_.data());
    uniqueness_.push(box_.data());
  }

  void describe_points(Enumeration& result) {
    for (std::size_t k = 0; k < enclosures_.size(); ++k) {
      EnclosedPoint point{to_box(enclosures_[k], n_), to_box(uniqueness_[k], n_), 0};
      point.index = test_.index({enclosures_[k], n_});
      result.points.push_back(std::move(point));
    }
    std::sort(result.points.begin(), result.points.end(),
              [](const EnclosedPoint& a, const EnclosedPoint& b) {
                return std::lexicographical_compare(
                    a.enclosure.lower.begin(), a.enclosure.lower.end(), b.enclosure.lower.begin(),
                    b.enclosure.lower.end());
              });
  }

  // Hulls of undecided boxes that nearly meet, until no two hulls do.
  void describe_clusters(Enumeration& result) {
    Boxes hulls(n_);
    for (std::size_t k = 0; k < undecided_.size(); ++k) {
      std::copy(undecided_[k], undecided_[k] + n_, box_.begin());
      for (std::size_t other = 0; other < hulls.size();) {
        if (are_apart(hulls[other], box_.data(), 4 * options_.min_width, n_)) {
          ++other;
          continue;
        }
        for (std::size_t i = 0; i < n_; ++i) box_[i] = numerics::hull(box_[i], hulls[other][i]);
        std::copy(hulls.back(), hulls.back() + n_, hulls[other]);
        hulls.pop();
        other = 0;
      }
      hulls.push(box_.data());
    }
    for (std::size_t k = 0; k < hulls.size(); ++k)
      result.clusters.push_back({to_box(hulls[k], n_)});
  }

  const EnumerationOptions options_;
  internal::BoxTest test_;
  std::size_t n_;
  std::vector<double> shares_;  // of the boxes on the stack
  Boxes stack_, enclosures_, uniqueness_, undecided_;
  Intervals box_, half_;
  double min_width_;
  std::int64_t n_boxes_ = 0;
};

}  // namespace

Enumeration enumerate_fixed_points(const dynamics::System& map, ConstVectorRef input,
                                   const dynamics::Box& region, const EnumerationOptions& options) {
  return Enumerator(map, input, options).run(region);
}

}  // namespace nullcline::fixed_points
