// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/enum_names.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// What a discount below 1 weights: `printed`, s_T = sum_{t<=T} gamma^t n_t, as Cheng et al. print
/// it, the first inputs most; `leaky`, s_T = sum_{t<=T} gamma^(T-t) n_t, the last ones.
enum class DiscountReading { printed, leaky };

/// Binary integration: white noise n ~ N(0, 1) in each channel, and as target the sign of its sum
/// so far, s_T, step T = 0 included. Cheng, Schmid & Lange (2021), section 4.1.1, whose classes 0
/// and 1 are the signs -1 and +1 here, as the loss bce takes them.
struct IntegrationOptions {
  int channels = 1;
  int steps = 50;
  double discount = 1;
  DiscountReading reading = DiscountReading::printed;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("channels", self.channels, "number of independent sums");
    field("steps", self.steps, "steps per trial");
    field("discount", self.discount, "discount gamma of the sum");
    field("reading", self.reading, "discount of early inputs (leaky) or, as printed, of late ones");
  }
};

/// accuracy(): share of channel-steps whose output has the sign of the sum.
/// @throws InvalidInput for channels outside 1..16, steps outside 1..1000000, a discount outside
/// [0, 1].
std::unique_ptr<Task> make_integration(const IntegrationOptions& options);

}  // namespace nullcline::tasks

template <>
struct nullcline::EnumNames<nullcline::tasks::DiscountReading> {
  static constexpr std::array values{
      std::pair{nullcline::tasks::DiscountReading::printed, "printed"},
      std::pair{nullcline::tasks::DiscountReading::leaky, "leaky"},
  };
};
