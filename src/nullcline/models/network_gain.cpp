// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network_gain.hpp"

#include <algorithm>
#include <utility>

#include "nullcline/core/error.hpp"

namespace nullcline::models {

namespace {

constexpr std::string_view kGain = "gain";

template <class Change>
void for_each_layer(Network& network, Change&& change) {
  change(network);
  for (Network& layer : network.upper) change(layer);
}

// One network: nothing varies.
class SingleNetwork : public NetworkFamily {
 public:
  explicit SingleNetwork(Network network) : network_(std::move(network)) {}

  std::vector<std::string> names() const override { return {}; }
  double value(std::string_view) const override { throw InternalError("network: no parameters"); }
  std::shared_ptr<const NetworkFamily> with(std::string_view, double) const override {
    throw InternalError("network: no parameters");
  }
  Network network() const override { return network_; }
  Network derivative(std::string_view) const override {
    throw InternalError("network: no parameters");
  }

 private:
  const Network network_;
};

class GainFamily : public NetworkFamily {
 public:
  GainFamily(std::shared_ptr<const NetworkFamily> base, double gain)
      : base_(std::move(base)), gain_(gain) {}

  std::vector<std::string> names() const override {
    std::vector<std::string> names = base_->names();
    names.emplace_back(kGain);
    return names;
  }
  double value(std::string_view name) const override {
    return name == kGain ? gain_ : base_->value(name);
  }
  std::shared_ptr<const NetworkFamily> with(std::string_view name, double value) const override {
    if (name == kGain) return std::make_shared<GainFamily>(base_, value);
    return std::make_shared<GainFamily>(base_->with(name, value), gain_);
  }
  Network network() const override { return scaled(base_->network()); }
  Network derivative(std::string_view name) const override {
    if (name != kGain) return scaled(base_->derivative(name));
    Network result = base_->network();
    for_each_layer(result, [](Network& layer) {
      layer.input_weights.setZero();
      layer.bias.setZero();
      layer.recurrent_bias.setZero();
      layer.alpha.setZero();
    });
    return result;
  }

 private:
  Network scaled(Network network) const {
    for_each_layer(network, [this](Network& layer) { layer.recurrent_weights *= gain_; });
    return network;
  }

  std::shared_ptr<const NetworkFamily> base_;
  double gain_;
};

}  // namespace

std::shared_ptr<const NetworkFamily> with_gain(std::shared_ptr<const NetworkFamily> base) {
  const std::vector<std::string> names = base->names();
  if (std::find(names.begin(), names.end(), kGain) != names.end()) return base;
  return std::make_shared<GainFamily>(std::move(base), 1.0);
}

std::shared_ptr<const NetworkFamily> with_gain(Network network) {
  return with_gain(std::make_shared<SingleNetwork>(std::move(network)));
}

}  // namespace nullcline::models
