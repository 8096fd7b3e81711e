// SPDX-License-Identifier: BSD-3-Clause
// Arrays of intervals at once, on SIMD lanes, with the bounds proven in docs/methods/interval.md.
#pragma once

#include <span>

#include "nullcline/numerics/interval.hpp"

namespace nullcline::numerics {

/// Each interval becomes an enclosure of its tanh, or of its logistic function.
void tanh_in_place(std::span<Interval> values);
void sigmoid_in_place(std::span<Interval> values);

}  // namespace nullcline::numerics
