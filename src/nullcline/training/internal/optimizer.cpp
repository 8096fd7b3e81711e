// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/optimizer.hpp"

#include <cmath>

namespace nullcline::training::internal {

template <class T>
Stepper<T>::Stepper(const TrainOptions& options, const models::Network& network)
    : options_(options),
      layout_(network),
      constraints_(network, options.train_initial_state),
      kernels_(active_kernels<T>()) {
  const auto n = static_cast<std::size_t>(layout_.size);
  first_.assign(n, T(0));
  if (options.optimizer == Optimizer::adam) second_.assign(n, T(0));
}

template <class T>
template <class Visitor>
void Stepper<T>::for_each_penalized(Visitor visit) const {
  for (const ParameterBlock* block :
       {&layout_.input_weights, &layout_.recurrent_weights, &layout_.bias, &layout_.recurrent_bias,
        &layout_.readout_weights, &layout_.readout_bias, &layout_.initial_state}) {
    if (options_.l2_scope == L2Scope::weights && !block->is_weight) continue;
    for (Index i = block->offset; i < block->offset + block->size(); ++i)
      if (!constraints_.is_fixed(i)) visit(static_cast<std::size_t>(i));
  }
}

template <class T>
double Stepper<T>::penalty(const std::vector<T>& values) const {
  if (options_.l2 == 0) return 0;
  double sum = 0;
  for_each_penalized([&](std::size_t i) {
    sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  });
  return options_.l2 * (options_.l2_half ? 0.5 : 1.0) * sum;
}

template <class T>
double Stepper<T>::prepare(const std::vector<T>& values, std::vector<T>& gradient) const {
  if (options_.l2 > 0) {
    const T factor = static_cast<T>(options_.l2 * (options_.l2_half ? 1.0 : 2.0));
    for_each_penalized([&](std::size_t i) { gradient[i] += factor * values[i]; });
  }
  constraints_.apply_to_gradient(gradient);
  // Four sums in a fixed order: one would be a chain of dependent additions.
  double sums[4] = {};
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double g = static_cast<double>(gradient[i]);
    sums[i % 4] += g * g;
  }
  const double norm = std::sqrt((sums[0] + sums[1]) + (sums[2] + sums[3]));
  if (options_.clip_norm > 0 && norm > options_.clip_norm) {
    const T factor = static_cast<T>(options_.clip_norm / norm);
    for (T& g : gradient) g *= factor;
  }
  return norm;
}

template <class T>
void Stepper<T>::step(int iteration, const std::vector<T>& gradient, std::vector<T>& values) {
  const double rate =
      options_.learning_rate * std::pow(options_.decay, iteration / used_decay_steps(options_));
  if (options_.optimizer == Optimizer::adam) {
    AdamStep<T> adam;
    adam.learning_rate = static_cast<T>(rate / (1 - std::pow(options_.beta1, iteration + 1)));
    adam.beta1 = static_cast<T>(options_.beta1);
    adam.beta2 = static_cast<T>(options_.beta2);
    adam.epsilon = static_cast<T>(options_.epsilon);
    adam.root_correction = static_cast<T>(std::sqrt(1 - std::pow(options_.beta2, iteration + 1)));
    kernels_.adam(static_cast<Size>(values.size()), adam, gradient.data(), first_.data(),
                  second_.data(), values.data());
  } else {
    const T momentum = static_cast<T>(options_.momentum), eta = static_cast<T>(rate);
    for (std::size_t i = 0; i < values.size(); ++i) {
      first_[i] = momentum * first_[i] + gradient[i];
      values[i] -= eta * first_[i];
    }
  }
  constraints_.apply_to_values(values);
}

template class Stepper<float>;
template class Stepper<double>;

}  // namespace nullcline::training::internal
