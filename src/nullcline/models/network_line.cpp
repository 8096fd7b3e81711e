// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/network_line.hpp"

#include <fmt/format.h>

#include <utility>

#include "nullcline/core/error.hpp"

namespace nullcline::models {

namespace {

void require_same(bool is_same, Index layer, const char* what) {
  if (!is_same)
    throw InvalidInput(fmt::format(
        "line between two networks: found another {} in layer {}, expected the same", what, layer));
}

bool same_shape(ConstMatrixRef a, ConstMatrixRef b) {
  return a.rows() == b.rows() && a.cols() == b.cols();
}

void check_layers(const Network& a, const Network& b, Index layer) {
  require_same(a.cell == b.cell, layer, "cell");
  require_same(a.activation == b.activation, layer, "activation");
  require_same(a.cell != CellKind::gru || a.reset == b.reset, layer, "reset");
  require_same(same_shape(a.input_weights, b.input_weights), layer, "shape of the input weights");
  require_same(same_shape(a.recurrent_weights, b.recurrent_weights), layer,
               "shape of the recurrent weights");
  require_same(a.forget_bias == b.forget_bias, layer, "forget bias");
  require_same(same_shape(a.projection, b.projection) && a.projection == b.projection, layer,
               "projection");
}

// Calls change(layer of `to`, layer of `from`) for all layers.
template <class Change>
void for_each_layer(Network& to, const Network& from, Change&& change) {
  change(to, from);
  for (std::size_t k = 0; k < to.upper.size(); ++k) change(to.upper[k], from.upper[k]);
}

class LineFamily : public NetworkFamily {
 public:
  LineFamily(std::shared_ptr<const Network> from, std::shared_ptr<const Network> to, double at)
      : from_(std::move(from)), to_(std::move(to)), at_(at) {}

  std::vector<std::string> names() const override { return {"line"}; }
  double value(std::string_view) const override { return at_; }
  std::shared_ptr<const NetworkFamily> with(std::string_view, double value) const override {
    return std::make_shared<LineFamily>(from_, to_, value);
  }
  // Both ends exactly.
  Network network() const override { return mixed(1 - at_, at_); }
  Network derivative(std::string_view) const override { return mixed(-1, 1); }

 private:
  Network mixed(double a, double b) const {
    Network result = *from_;
    for_each_layer(result, *to_, [a, b](Network& to, const Network& other) {
      to.input_weights = a * to.input_weights + b * other.input_weights;
      to.recurrent_weights = a * to.recurrent_weights + b * other.recurrent_weights;
      to.bias = a * to.bias + b * other.bias;
      if (to.recurrent_bias.size() > 0)
        to.recurrent_bias = a * to.recurrent_bias + b * other.recurrent_bias;
      if (to.alpha.size() > 0) to.alpha = a * to.alpha + b * other.alpha;
      to.mask.resize(0, 0);
      to.dale_signs.resize(0);
    });
    return result;
  }

  std::shared_ptr<const Network> from_, to_;
  double at_;
};

}  // namespace

std::shared_ptr<const NetworkFamily> network_line(Network from, Network to, double at) {
  validate(from);
  validate(to);
  if (from.n_layers() != to.n_layers())
    throw InvalidInput(
        fmt::format("line between two networks: found {} and {} layers, expected as "
                    "many",
                    from.n_layers(), to.n_layers()));
  for (Index k = 0; k < from.n_layers(); ++k) check_layers(from.layer(k), to.layer(k), k);
  return std::make_shared<LineFamily>(std::make_shared<const Network>(std::move(from)),
                                      std::make_shared<const Network>(std::move(to)), at);
}

}  // namespace nullcline::models
