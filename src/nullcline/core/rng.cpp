// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/rng.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

#include "nullcline/core/error.hpp"

namespace nullcline {

Rng::Rng(std::uint64_t seed, Purpose purpose, std::uint64_t index)
    : key_{seed, static_cast<std::uint64_t>(purpose)}, counter_{0, 0, index, 0} {}

std::uint64_t Rng::bits() {
  if (position_ == 4) {
    ++counter_[0];  // numpy increments before it encrypts
    const r123::Philox4x64::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
    const r123::Philox4x64::key_type key{{key_[0], key_[1]}};
    const auto block = r123::Philox4x64{}(counter, key);
    for (std::size_t i = 0; i < 4; ++i) block_[i] = block.v[i];
    position_ = 0;
  }
  return block_[static_cast<std::size_t>(position_++)];
}

double Rng::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Rng::normal() {
  if (has_spare_normal_) {
    has_spare_normal_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_normal_ = true;
  return radius * std::cos(angle);
}

std::uint64_t Rng::below(std::uint64_t n) {
  if (n == 0) throw InvalidInput("Rng::below: found 0, expected a positive bound");
  // Rejection keeps the law exactly uniform.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  std::uint64_t value = bits();
  while (value >= limit) value = bits();
  return value % n;
}

}  // namespace nullcline
