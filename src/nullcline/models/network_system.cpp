// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network_system.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/models/gru.hpp"
#include "nullcline/models/internal/cell_extras.hpp"
#include "nullcline/models/internal/stack_system.hpp"
#include "nullcline/models/lstm.hpp"
#include "nullcline/models/ugrnn.hpp"
#include "nullcline/models/vanilla.hpp"

namespace nullcline::models {

namespace {

using dynamics::System;
using dynamics::Time;
using internal::CellExtras;
using internal::CellSystem;

// Calls make.operator()<Cell>(extras) for the network's cell.
template <class Make>
auto with_cell(const Network& net, Time time, Make&& make) {
  switch (net.cell) {
    case CellKind::vanilla:
      return make.template operator()<VanillaCell>(internal::vanilla_extras(net, time));
    case CellKind::leaky:
      return make.template operator()<LeakyCell>(internal::leaky_extras(net));
    case CellKind::leaky_outside:
      return make.template operator()<LeakyOutsideCell>(internal::leaky_outside_extras(net));
    case CellKind::ugrnn:
      return make.template operator()<UgrnnCell>(internal::ugrnn_extras(net));
    case CellKind::gru:
      return make.template operator()<GruCell>(internal::gru_extras(net));
    case CellKind::lstm:
      return make.template operator()<LstmCell>(internal::lstm_extras(net));
  }
  throw InternalError("make_system: unknown cell");
}

std::unique_ptr<System> make_with_gain(const Network& base, double gain, Time time);

// A system of the scaled network, and its place on the "gain" axis.
template <class Base>
class GainSystem : public Base {
 public:
  template <class... Arguments>
  GainSystem(const Network& base, double gain, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), base_(base), gain_(gain) {}

  std::vector<std::string> parameter_names() const override { return {"gain"}; }
  double parameter(std::string_view name) const override {
    return name == "gain" ? gain_ : System::parameter(name);
  }
  std::unique_ptr<System> with_parameter(std::string_view name, double value) const override {
    if (name != "gain") return System::with_parameter(name, value);
    return make_with_gain(base_, value, this->time());
  }

 private:
  Network base_;
  double gain_;
};

// One layer with its recurrent weights scaled.
Network scaled_layer(const Network& network, Index k, double gain) {
  Network layer = network.layer(k);
  layer.upper.clear();
  layer.recurrent_weights *= gain;
  return layer;
}

internal::StackLayer make_layer(const Network& layer) {
  auto map = with_cell(
      layer, Time::discrete,
      [&]<class Cell>(CellExtras extras) -> std::shared_ptr<const internal::MapSystem> {
        return std::make_shared<CellSystem<Cell>>(layer, Time::discrete, std::move(extras));
      });
  internal::StackLayer result{std::move(map), layer.n_hidden(), {}};
  if (layer.cell == CellKind::leaky_outside) result.squash = layer.activation;
  return result;
}

std::unique_ptr<System> make_with_gain(const Network& base, double gain, Time time) {
  if (!std::isfinite(gain))
    throw InvalidInput(fmt::format("parameter 'gain': found {}, expected a number", gain));
  if (base.upper.empty()) {
    const Network net = scaled_layer(base, 0, gain);
    return with_cell(net, time, [&]<class Cell>(CellExtras extras) -> std::unique_ptr<System> {
      return std::make_unique<GainSystem<CellSystem<Cell>>>(base, gain, net, time,
                                                            std::move(extras));
    });
  }
  std::vector<internal::StackLayer> layers;
  for (Index k = 0; k < base.n_layers(); ++k)
    layers.push_back(make_layer(scaled_layer(base, k, gain)));
  return std::make_unique<GainSystem<internal::StackSystem>>(base, gain, std::move(layers),
                                                             internal::Coupling::updated, time);
}

}  // namespace

std::unique_ptr<System> make_system(const Network& network, Time time) {
  validate(network);
  return make_with_gain(network, 1.0, time);
}

}  // namespace nullcline::models
