// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

namespace nullcline {

/// What a stream of random numbers is for. One stream per (seed, purpose, index): results do not
/// depend on the number of threads or on the order of the work. The numbers are part of the format.
enum class Purpose : std::uint64_t {
  initialization = 1,
  training_data = 2,
  validation_data = 3,
  analysis_data = 4,
  fixed_point_starts = 5,
  perturbations = 6,
  probe = 7,
  tests = 8,
  unit_data = 9,
  census = 10,
};

/// Philox4x64-10 counter-based generator (Salmon et al. 2011), with key = {seed, purpose} and
/// counter = {block, 0, index, 0}. Equal, word for word, to
/// numpy.random.Philox(key=[seed, purpose], counter=[0, 0, index, 0]).random_raw().
class Rng {
 public:
  Rng(std::uint64_t seed, Purpose purpose, std::uint64_t index = 0);

  /// The next 64 bits.
  std::uint64_t bits();

  /// Uniform on [0, 1): the upper 53 bits times 2^-53, as numpy's Generator.random.
  double uniform();
  double uniform(double low, double high);

  /// Standard normal (Box-Muller, both values used).
  double normal();

  /// Uniform integer in [0, n). @throws InvalidInput if n is 0.
  std::uint64_t below(std::uint64_t n);

 private:
  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_;
  std::array<std::uint64_t, 4> block_{};
  int position_ = 4;
  double spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

}  // namespace nullcline
