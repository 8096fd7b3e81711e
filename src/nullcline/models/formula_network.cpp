// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/formula_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/dual.hpp"

namespace nullcline::models {

namespace {

using numerics::Dual;

double& entry(Network& network, Matrix& feedback, const WeightPlace& place) {
  switch (place.array) {
    case WeightPlace::Array::input_weights:
      return network.input_weights.data()[place.index];
    case WeightPlace::Array::recurrent_weights:
      return network.recurrent_weights.data()[place.index];
    case WeightPlace::Array::bias:
      return network.bias.data()[place.index];
    case WeightPlace::Array::recurrent_bias:
      return network.recurrent_bias.data()[place.index];
    case WeightPlace::Array::alpha:
      return network.alpha.data()[place.index];
    case WeightPlace::Array::feedback_weights:
      return feedback.data()[place.index];
    case WeightPlace::Array::readout_weights:
      return network.readout_weights.data()[place.index];
  }
  throw InternalError("WeightPlace: unknown array");
}

class FormulaFamily : public NetworkFamily {
 public:
  FormulaFamily(std::shared_ptr<const FormulaWeights> weights, std::vector<double> values)
      : weights_(std::move(weights)), values_(std::move(values)) {}

  std::vector<std::string> names() const override { return weights_->program->symbols(); }
  double value(std::string_view name) const override { return values_[index_of(name)]; }

  std::shared_ptr<const NetworkFamily> with(std::string_view name, double value) const override {
    std::vector<double> values = values_;
    values[index_of(name)] = value;
    return std::make_shared<FormulaFamily>(weights_, std::move(values));
  }

  Network network() const override {
    std::vector<double> out(weights_->places.size());
    weights_->program->evaluate(std::span<const double>(values_), std::span<double>(out));
    Network result = weights_->network;
    Matrix feedback = weights_->feedback_weights;
    for (std::size_t k = 0; k < out.size(); ++k) {
      if (!std::isfinite(out[k]))
        throw InvalidInput(fmt::format("{}: found {} at these parameters, expected a number",
                                       weights_->names[k], out[k]));
      entry(result, feedback, weights_->places[k]) = out[k];
    }
    if (feedback.size() > 0) result.recurrent_weights += feedback * result.readout_weights;
    validate(result);
    return result;
  }

  Network derivative(std::string_view name) const override {
    std::vector<Dual<double>> symbols(values_.begin(), values_.end());
    symbols[index_of(name)].derivative = 1;
    std::vector<Dual<double>> out(weights_->places.size());
    weights_->program->evaluate(std::span<const Dual<double>>(symbols),
                                std::span<Dual<double>>(out));
    Network result = weights_->network;
    result.input_weights.setZero();
    result.recurrent_weights.setZero();
    result.bias.setZero();
    result.recurrent_bias.setZero();
    result.alpha.setZero();
    result.readout_weights.setZero();
    Matrix feedback = Matrix::Zero(weights_->feedback_weights.rows(), result.n_outputs());
    for (std::size_t k = 0; k < out.size(); ++k)
      entry(result, feedback, weights_->places[k]) = out[k].derivative;
    if (feedback.size() > 0) {  // by the rule of products
      Network at = weights_->network;
      Matrix feedback_at = weights_->feedback_weights;
      for (std::size_t k = 0; k < out.size(); ++k)
        entry(at, feedback_at, weights_->places[k]) = out[k].value;
      result.recurrent_weights +=
          feedback * at.readout_weights + feedback_at * result.readout_weights;
    }
    return result;
  }

 private:
  std::size_t index_of(std::string_view name) const {
    const auto& names = weights_->program->symbols();
    const auto place = std::find(names.begin(), names.end(), name);
    NULLCLINE_ASSERT(place != names.end());
    return static_cast<std::size_t>(place - names.begin());
  }

  std::shared_ptr<const FormulaWeights> weights_;
  std::vector<double> values_;
};

}  // namespace

std::shared_ptr<const NetworkFamily> make_family(std::shared_ptr<const FormulaWeights> weights,
                                                 std::vector<double> values) {
  if (values.size() != weights->program->symbols().size() ||
      weights->places.size() != weights->program->n_outputs() ||
      weights->names.size() != weights->places.size())
    throw InvalidInput("formula weights: parameters, formulas and places do not fit");
  return std::make_shared<FormulaFamily>(std::move(weights), std::move(values));
}

}  // namespace nullcline::models
