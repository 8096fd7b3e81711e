// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/internal/untested_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/rng.hpp"

namespace nullcline::interchange::internal {

namespace {

using models::Network;

constexpr double kSmallestScale = 0.5;

/// Normal numbers of twice the array's own size, so that signs change and saturated units leave
/// their plateau.
template <class Array>
void disturb(Array& values, Rng& rng) {
  const double size = std::sqrt(values.squaredNorm() / static_cast<double>(values.size()));
  const double scale = std::max(kSmallestScale, 2 * size);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] += scale * rng.normal();
}

/// Disturbed weights need not obey them.
void drop_constraints(Network& layer) {
  layer.mask.resize(0, 0);
  layer.dale_signs.resize(0);
}

}  // namespace

std::string untested_weights(const Network& network, double tolerance,
                             const std::function<double(const Network&)>& replay) {
  Rng rng(0, Purpose::probe);
  Network free = network;
  drop_constraints(free);
  for (Network& layer : free.upper) drop_constraints(layer);
  for (Index k = 0; k < network.n_layers(); ++k) {
    const auto is_untested = [&](auto member) {
      Network disturbed = free;
      Network& layer = k == 0 ? disturbed : disturbed.upper[static_cast<std::size_t>(k - 1)];
      if ((layer.*member).size() == 0) return false;
      disturb(layer.*member, rng);
      return replay(disturbed) <= tolerance;
    };
    const std::string where = k == 0 ? "" : fmt::format("upper[{}]: ", k - 1);
    if (is_untested(&Network::input_weights)) return where + "input_weights";
    if (is_untested(&Network::recurrent_weights)) return where + "recurrent_weights";
    if (is_untested(&Network::bias)) return where + "bias";
    if (is_untested(&Network::recurrent_bias)) return where + "recurrent_bias";
    if (is_untested(&Network::projection)) return where + "projection";
  }
  return {};
}

}  // namespace nullcline::interchange::internal
