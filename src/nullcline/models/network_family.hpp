// SPDX-License-Identifier: BSD-3-Clause
// Networks along named parameters, as branches and sweeps need them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models {

/// A network whose weights are functions of named parameters, at one value of each.
class NetworkFamily {
 public:
  virtual ~NetworkFamily() = default;
  virtual std::vector<std::string> names() const = 0;
  /// The names below are among names().
  virtual double value(std::string_view name) const = 0;
  virtual std::shared_ptr<const NetworkFamily> with(std::string_view name, double value) const = 0;
  /// Valid weights, but for signs and mask. @throws InvalidInput if they are not finite there.
  virtual Network network() const = 0;
  /// The derivatives of the weights by a parameter, each in the place of its weight. Weights are
  /// input_weights, recurrent_weights, bias, recurrent_bias and alpha, of all layers.
  virtual Network derivative(std::string_view name) const = 0;
};

/// The network as a system (network_system.hpp) whose parameters are those of the family.
std::unique_ptr<dynamics::System> make_system(std::shared_ptr<const NetworkFamily> family,
                                              dynamics::Time time);

}  // namespace nullcline::models
