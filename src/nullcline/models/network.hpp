// SPDX-License-Identifier: BSD-3-Clause
// A recurrent network as data: which cell, its weights, its readout. Formulas live in the cells.
#pragma once

#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"

namespace nullcline::models {

/// Gates are blocks of rows of the weights, in this order: vanilla, leaky, leaky-outside: c;
/// ugrnn: g, c; gru: r, z, n; lstm: i, f, g, o.
enum class CellKind {
  vanilla,        ///< h' = phi(a_c)
  leaky,          ///< h' = (1-alpha) h + alpha phi(a_c), "current inside"
  leaky_outside,  ///< v' = (1-alpha) v + alpha (W phi(v) + A x + b), "current outside"
  ugrnn,          ///< h' = g h + (1-g) c
  gru,            ///< h' = z h + (1-z) n
  lstm,           ///< c' = f c + i g, h' = o phi(c'); state [h; c]
};

/// The non-gate nonlinearity phi; logistic: 1 / (1 + e^-x). Gates are always logistic.
enum class Activation { tanh, relu, logistic };

/// Where the GRU's reset gate acts: before the product, n = phi(A x + W (r*h) + b) (Cho et al.
/// 2014), or after it, n = phi(A x + b + r * (W h + b_h)) (PyTorch, cuDNN, Keras).
enum class Reset { before, after };

int n_gates(CellKind kind);

/// One layer, or a stack of them. The first layer is this network itself; `upper` holds the layers
/// above it, each driven by the output of the layer below after its update, as in PyTorch:
///
///     h_0' = F_0(h_0, x),   h_k' = F_k(h_k, h_{k-1}')   (below a leaky-outside layer: phi(v')).
///
/// The state is that of all layers in turn. Readout and initial state are of the whole stack and
/// stand in the first layer; shapes are per layer. `stack` puts complete layers together.
struct Network {
  CellKind cell = CellKind::vanilla;
  Activation activation = Activation::tanh;
  Reset reset = Reset::after;  ///< GRU only

  Matrix input_weights;      ///< A: (n_gates * n_units, n_inputs)
  Matrix recurrent_weights;  ///< W: (n_gates * n_units, n_hidden); with mask and signs applied
  Vector bias;               ///< b: (n_gates * n_units)
  Vector recurrent_bias;     ///< b_h: (n_units), GRU with reset after; zero size otherwise
  double forget_bias = 0;    ///< beta, added to the pre-activation of g (ugrnn), z (gru), f (lstm)
  Vector alpha;              ///< leak dt/tau in (0, 1]: (n_units), leaky cells; zero size otherwise
  Matrix mask;               ///< 0/1 connectivity (n_units, n_hidden), or zero size: dense
  Vector dale_signs;         ///< +1/-1 per presynaptic unit (column), or zero size: free signs

  /// P: (n_hidden, n_units), LSTM only: h' = P (o * phi(c')), PyTorch's proj_size; or zero size.
  Matrix projection;

  Matrix readout_weights;  ///< C: (n_outputs, n_hidden of the top layer); n_outputs may be 0
  Vector readout_bias;     ///< d: (n_outputs); y = C h + d (leaky-outside: y = C phi(v) + d)
  Vector initial_state;    ///< (n_states)

  std::vector<Network> upper;  ///< the layers above, first to last; none of them has its own

  /// Whether the weights are known to mean what the formulas say: trained here, or imported with a
  /// probe that was replayed.
  bool verified = false;

  /// Of the first layer.
  Index n_units() const { return is_projected() ? projection.cols() : recurrent_weights.cols(); }
  /// Width of h in the first layer: what returns to the layer and goes to the one above.
  Index n_hidden() const { return recurrent_weights.cols(); }
  Index n_inputs() const { return input_weights.cols(); }
  Index n_outputs() const { return readout_weights.rows(); }
  /// Of the first layer: h, for an LSTM [h; c].
  Index n_layer_states() const {
    return cell == CellKind::lstm ? n_hidden() + n_units() : n_units();
  }
  /// Of all layers, one after another.
  Index n_states() const;
  Index n_layers() const { return 1 + static_cast<Index>(upper.size()); }
  bool is_projected() const { return projection.size() > 0; }

  /// Layer 0 is this network; those above are `upper`.
  const Network& layer(Index k) const {
    return k == 0 ? *this : upper[static_cast<std::size_t>(k - 1)];
  }
  const Network& top() const { return layer(n_layers() - 1); }
};

/// Complete single layers, first to last, as one network: their initial states after one another,
/// the readout of the last one. @throws InvalidInput if there are none, one below the last has a
/// readout, one above the first has layers of its own, or the result does not validate.
Network stack(std::vector<Network> layers);

/// Checks shapes, finite values, alpha in (0, 1], mask of zeros and ones, signs of +-1, that
/// recurrent_weights obey mask and signs, and that each layer takes what the one below gives.
/// @throws InvalidInput naming the array, found and expected; of layers above, "upper[0]: ...".
void validate(const Network& network);

/// What one layer gives to the one above and to the readout, h (leaky-outside: phi(v)), for each
/// row of its states: (n, n_layer_states) to (n, n_hidden).
Matrix layer_output(const Network& layer, ConstMatrixRef states);

/// y = C h + d of the top layer for each row of states: (n, n_states) to (n, n_outputs).
Matrix readout(const Network& network, ConstMatrixRef states);

/// Arrays named as the fields; scalars and enums as attributes; layer k > 0 in the group "layer_k".
NamedArrays to_arrays(const Network& network);
/// @throws FormatError if an array is missing or the result does not validate.
Network network_from_arrays(const NamedArrays& arrays);

}  // namespace nullcline::models

template <>
struct nullcline::EnumNames<nullcline::models::CellKind> {
  static constexpr std::array values{
      std::pair{nullcline::models::CellKind::vanilla, "vanilla"},
      std::pair{nullcline::models::CellKind::leaky, "leaky"},
      std::pair{nullcline::models::CellKind::leaky_outside, "leaky-outside"},
      std::pair{nullcline::models::CellKind::ugrnn, "ugrnn"},
      std::pair{nullcline::models::CellKind::gru, "gru"},
      std::pair{nullcline::models::CellKind::lstm, "lstm"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::models::Activation> {
  static constexpr std::array values{
      std::pair{nullcline::models::Activation::tanh, "tanh"},
      std::pair{nullcline::models::Activation::relu, "relu"},
      std::pair{nullcline::models::Activation::logistic, "logistic"},
  };
};
template <>
struct nullcline::EnumNames<nullcline::models::Reset> {
  static constexpr std::array values{
      std::pair{nullcline::models::Reset::before, "before"},
      std::pair{nullcline::models::Reset::after, "after"},
  };
};
