// SPDX-License-Identifier: BSD-3-Clause
// Weights of any source that their names give away.
#pragma once

#include <optional>
#include <string>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::interchange {

/// Who named and ordered the weights.
enum class Source {
  pytorch,    ///< weight_ih_l0 ...; GRU r, z, n; LSTM i, f, g, o
  keras,      ///< configuration and kernels; GRU z, r, h; LSTM i, f, c, o
  psychrnn,   ///< W_in, W_rec, W_out, b_rec, b_out ...: a leaky rate network
  nullcline,  ///< recurrent_weights ..., the fields of models::Network
};

/// What the weights may not say about themselves. Unset means: as the file says, or else the
/// default of its framework. What contradicts the file is refused.
struct WeightsOptions {
  std::optional<models::CellKind> cell{};
  std::optional<models::Activation> activation{};
  std::optional<models::Reset> reset{};
  std::optional<double> alpha{};  ///< leak of a rate network, dt / tau
  std::string prefix{};           ///< the recurrent module, where there are several: "encoder.gru"
  std::string readout{};          ///< the linear readout: "fc"; "none" for no readout
};

/// By the names of the arrays and attributes. @throws FormatError if none is known.
Source source_of(const NamedArrays& weights);

/// The one recurrent module among the weights, whatever else they hold, and its linear readout: the
/// one that is called "readout", or the only pair X.weight, X.bias that fits its width and feeds no
/// other such pair.
/// @throws FormatError listing the modules if there are several and no prefix; and for what
/// network_from_pytorch, network_from_keras and the others refuse. InvalidInput for options that do
/// not fit the source.
models::Network network_from_weights(const NamedArrays& weights, const WeightsOptions& options);

/// verify_with_probe for a network that network_from_weights gave.
/// @throws FormatError
void verify_weights(models::Network& network, const NamedArrays& weights,
                    const WeightsOptions& options, const NamedArrays& probe);

}  // namespace nullcline::interchange

template <>
struct nullcline::EnumNames<nullcline::interchange::Source> {
  static constexpr std::array values{
      std::pair{nullcline::interchange::Source::pytorch, "pytorch"},
      std::pair{nullcline::interchange::Source::keras, "keras"},
      std::pair{nullcline::interchange::Source::psychrnn, "psychrnn"},
      std::pair{nullcline::interchange::Source::nullcline, "nullcline"},
  };
};
