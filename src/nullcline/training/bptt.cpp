// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/bptt.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/training/internal/batch_check.hpp"
#include "nullcline/training/internal/engine.hpp"

namespace nullcline::training {

namespace {

internal::LossKind kind_of(const LossOptions& loss) {
  return {loss.loss == Loss::mse ? internal::ErrorKind::squared : internal::ErrorKind::logistic,
          loss.mse_half};
}

template <class T>
Gradients gradients_in(const models::Network& network, const tasks::TrialBatch& batch,
                       const LossOptions& loss) {
  std::vector<T> values, gradient;
  internal::flatten(network, values);
  internal::Engine<T> engine(network, batch.n_steps);
  Gradients result;
  result.loss = engine.loss_and_gradient(values, batch, kind_of(loss), gradient);
  models::Network shaped = network;
  internal::unflatten(gradient, shaped);
  result.input_weights = std::move(shaped.input_weights);
  result.recurrent_weights = std::move(shaped.recurrent_weights);
  result.bias = std::move(shaped.bias);
  result.recurrent_bias = std::move(shaped.recurrent_bias);
  result.readout_weights = std::move(shaped.readout_weights);
  result.readout_bias = std::move(shaped.readout_bias);
  result.initial_state = std::move(shaped.initial_state);
  return result;
}

template <class T>
Unrolled unroll_in(const models::Network& network, const tasks::TrialBatch& batch,
                   const LossOptions& loss) {
  std::vector<T> values;
  internal::flatten(network, values);
  internal::Engine<T> engine(network, batch.n_steps);
  const auto rows = static_cast<std::size_t>(batch.n_trials * batch.n_steps);
  Unrolled result;
  result.outputs.resize(rows * static_cast<std::size_t>(network.n_outputs()));
  result.states.resize(rows * static_cast<std::size_t>(network.n_states()));
  result.loss =
      engine.loss(values, batch, kind_of(loss), result.outputs.data(), result.states.data());
  return result;
}

}  // namespace

Gradients loss_gradients(const models::Network& network, const tasks::TrialBatch& batch,
                         const LossOptions& loss, Precision precision) {
  internal::check_batch(network, batch, loss.loss);
  return precision == Precision::float32 ? gradients_in<float>(network, batch, loss)
                                         : gradients_in<double>(network, batch, loss);
}

Unrolled unroll(const models::Network& network, const tasks::TrialBatch& batch,
                const LossOptions& loss, Precision precision) {
  internal::check_batch(network, batch, loss.loss);
  return precision == Precision::float32 ? unroll_in<float>(network, batch, loss)
                                         : unroll_in<double>(network, batch, loss);
}

}  // namespace nullcline::training
