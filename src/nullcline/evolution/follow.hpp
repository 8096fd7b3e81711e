// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "nullcline/core/matrix.hpp"
#include "nullcline/dynamics/system.hpp"

namespace nullcline::evolution {

/// Makes the system at t. Integers are snapshots; between two of them the weights are on a line.
using MakeSystem = std::function<std::unique_ptr<dynamics::System>(double t)>;

/// The systems along a training. Keeps the few that were asked for last; safe from many threads.
class SystemLine {
 public:
  explicit SystemLine(MakeSystem make) : make_(std::move(make)) {}
  std::shared_ptr<const dynamics::System> at(double t) const;

 private:
  MakeSystem make_;
  mutable std::mutex mutex_;
  mutable std::list<std::pair<double, std::shared_ptr<const dynamics::System>>> recent_;
};

/// Where a point went.
struct Followed {
  bool arrived = false;
  Vector state;   ///< where it arrived, or was last
  double at = 0;  ///< the t of that
};

/// Follows a fixed point of the system at `from` to the system at `to`: Newton's method at each
/// step from the point before. A step is taken if the corrections shrink at least fourfold, as
/// they do near one branch, and halved otherwise; a point that cannot be followed by steps of
/// 1/1024 of the way has met a fold or another branch, and is lost. `longest` is the longest step,
/// a share of the way. Reference: Deuflhard (2011), Newton Methods for Nonlinear Problems, section
/// 5.1.
Followed follow_point(const SystemLine& line, double from, double to, ConstVectorRef input,
                      ConstVectorRef state, double longest = 1);

}  // namespace nullcline::evolution
