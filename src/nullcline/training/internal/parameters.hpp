// SPDX-License-Identifier: BSD-3-Clause
// The trainable numbers of a network as one flat array, in the order of the fields of Network.
#pragma once

#include <cstddef>
#include <vector>

#include "nullcline/models/network.hpp"

namespace nullcline::training::internal {

struct ParameterBlock {
  Index offset = 0, rows = 0, columns = 0;
  bool is_weight = false;  ///< a matrix, not a bias or an initial state
  Index size() const { return rows * columns; }
};

/// Matrices are row-major.
struct ParameterLayout {
  explicit ParameterLayout(const models::Network& network);

  ParameterBlock input_weights, recurrent_weights, bias, recurrent_bias, readout_weights,
      readout_bias, initial_state;
  Index size = 0;
};

template <class T>
void flatten(const models::Network& network, std::vector<T>& values);

/// Overwrites the trainable arrays of `network`, whose shapes stay.
template <class T>
void unflatten(const std::vector<T>& values, models::Network& network);

/// What keeps some parameters fixed or signed.
struct Constraints {
  explicit Constraints(const models::Network& network, bool train_initial_state);

  bool is_fixed(Index parameter) const {
    return !fixed_.empty() && fixed_[static_cast<std::size_t>(parameter)] != 0;
  }
  /// Zeroes the gradient of what must not move.
  template <class T>
  void apply_to_gradient(std::vector<T>& gradient) const;
  /// Sets to zero each weight that left its sign.
  template <class T>
  void apply_to_values(std::vector<T>& values) const;

 private:
  std::vector<char> fixed_;        ///< per parameter; empty: none
  std::vector<signed char> sign_;  ///< per parameter: -1, 0 (free), +1; empty: all free
};

}  // namespace nullcline::training::internal
