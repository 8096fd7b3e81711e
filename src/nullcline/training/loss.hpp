// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "nullcline/core/enum_names.hpp"

namespace nullcline::training {

/// mse: mean of (y - target)^2 over trials, steps and outputs, weighted by the mask.
/// bce: binary cross-entropy of the logits y, averaged likewise. Targets are signs in [-1, 1] and
/// become probabilities (1 + target) / 2: -1 is class 0, +1 class 1, an undefined bit (0) one half.
enum class Loss { mse, bce };
enum class Precision { float32, float64 };

struct LossOptions {
  Loss loss = Loss::mse;
  bool mse_half = false;  ///< an extra factor 1/2 in the squared error
};

}  // namespace nullcline::training

template <>
struct nullcline::EnumNames<nullcline::training::Loss> {
  static constexpr std::array values{
      std::pair{nullcline::training::Loss::mse, "mse"},
      std::pair{nullcline::training::Loss::bce, "bce"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::training::Precision> {
  static constexpr std::array values{
      std::pair{nullcline::training::Precision::float32, "float32"},
      std::pair{nullcline::training::Precision::float64, "float64"},
  };
};
