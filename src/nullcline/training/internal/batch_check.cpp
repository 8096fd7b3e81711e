// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/batch_check.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "nullcline/core/error.hpp"

namespace nullcline::training::internal {

namespace {

void require_equal(std::string_view what, Index found, Index expected) {
  if (found != expected)
    throw InvalidInput(fmt::format("batch: {}: found {}, expected {}", what, found, expected));
}

Index length(const std::vector<double>& values) { return static_cast<Index>(values.size()); }

}  // namespace

void check_batch(const models::Network& network, const tasks::TrialBatch& batch, Loss loss) {
  if (network.n_layers() > 1)
    throw InvalidInput(
        fmt::format("network: found {} layers, expected one: stacks are analysed, "
                    "not trained",
                    network.n_layers()));
  if (network.is_projected())
    throw InvalidInput(
        "network: found an output projection, expected none: it is analysed, not trained");
  if (network.activation == models::Activation::logistic)
    throw InvalidInput(
        "network: found activation logistic, expected tanh or relu: it is analysed, not trained");
  if (batch.n_trials < 1 || batch.n_steps < 1 || batch.n_outputs < 1)
    throw InvalidInput(
        fmt::format("batch: found {} trials of {} steps with {} outputs, expected at "
                    "least 1 of each",
                    batch.n_trials, batch.n_steps, batch.n_outputs));
  require_equal("inputs per step", batch.n_inputs, network.n_inputs());
  require_equal("outputs per step", batch.n_outputs, network.n_outputs());
  const Index rows = batch.n_trials * batch.n_steps;
  require_equal("size of inputs", length(batch.inputs), rows * batch.n_inputs);
  require_equal("size of targets", length(batch.targets), rows * batch.n_outputs);
  require_equal("size of mask", length(batch.mask), rows * batch.n_outputs);
  double sum = 0;
  for (const double entry : batch.mask) {
    if (!(entry >= 0))
      throw InvalidInput(fmt::format("batch: mask: found {}, expected >= 0", entry));
    sum += entry;
  }
  if (!(sum > 0 && std::isfinite(sum)))
    throw InvalidInput(fmt::format("batch: mask: found a sum of {}, expected > 0", sum));
  if (loss != Loss::bce) return;
  for (const double target : batch.targets)
    if (!(std::abs(target) <= 1))
      throw InvalidInput(fmt::format("batch: bce takes targets in [-1, 1], found {}", target));
}

}  // namespace nullcline::training::internal
