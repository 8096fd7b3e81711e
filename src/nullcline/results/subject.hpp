// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "nullcline/dynamics/system.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::results {

/// What a result is about: a network, a model file with a cell (which gives a network too), or a
/// model file with equations.
struct Subject {
  std::optional<models::Network> network;
  std::optional<interchange::Model> model;

  static Subject of(models::Network network) { return {std::move(network), std::nullopt}; }
  static Subject of(interchange::Model model);

  std::unique_ptr<dynamics::System> make_system() const;
  /// Whether the numbers are known to mean what the formulas say; a model file is its own word.
  bool is_verified() const { return model || network->verified; }
  dynamics::Time time() const { return model ? model->time() : dynamics::Time::discrete; }
  /// "GRU, 2 units, ..., flow with alpha = 1".
  std::string description() const;
  std::string fingerprint() const;
  const models::Network* network_or_null() const { return network ? &*network : nullptr; }
};

/// Groups "network" and "model" of a result file, as far as there are such, and the fingerprint.
void store_subject(NamedArrays& file, const Subject& subject);
bool has_subject(const NamedArrays& file);
/// @throws FormatError if there is neither group.
Subject stored_subject(const NamedArrays& file);

}  // namespace nullcline::results
