// SPDX-License-Identifier: BSD-3-Clause
// Layers on top of each other as one system.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "nullcline/models/internal/map_system.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::models::internal {

/// A layer as a map, and its output: the first n_hidden entries of its state, or phi of them.
struct StackLayer {
  std::shared_ptr<const MapSystem> map;
  Index n_hidden = 0;
  std::optional<Activation> squash;  ///< leaky-outside gives phi(v)
};

/// What drives the layer above: the output after this step's update, as frameworks do, or before
/// it. Both give the same fixed points, with the same index: the Jacobian is block triangular, with
/// the same blocks on its diagonal.
enum class Coupling { updated, held };

/// The state is that of all layers in turn; each layer's input is the output of the one below.
///
/// Its reduced map is made of the layers' reduced maps under Coupling::held, where their states are
/// their outputs.
class StackSystem : public MapSystem {
 public:
  StackSystem(std::vector<StackLayer> layers, Coupling coupling, dynamics::Time time);

  Index n_states() const override { return first_.back(); }
  Index n_inputs() const override { return layers_[0].map->n_inputs(); }
  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override;

  void weight_derivative(const Network& change, ConstMatrixRef states, ConstMatrixRef inputs,
                         MatrixRef out) const override;

  const MapSystem* reduced_map() const override { return reduced_.get(); }
  Matrix lift(ConstMatrixRef points, ConstMatrixRef inputs) const override;
  Matrix restrict_states(ConstMatrixRef states) const override;

  std::optional<dynamics::Box> trapping_box() const override;
  std::string no_trapping_box_reason() const override;
  bool has_kinks() const override;
  double kink_distance(ConstVectorRef state, ConstVectorRef input) const override;
  /// Of relu layers under Coupling::held: W in blocks on the diagonal, A of the layers above below
  /// it.
  std::optional<dynamics::ReluForm> relu_form(ConstVectorRef input) const override;

  /// Of maps under Coupling::held whose layers have them, together at most kMaxLatentRank.
  const dynamics::Latent* latent() const override;

  void next(const numerics::Interval* state, const numerics::Interval* input,
            numerics::Interval* out) const override;
  void next(const numerics::Jet* state, const numerics::Jet* input,
            numerics::Jet* out) const override;
  void jacobians(const numerics::Interval* state, const numerics::Interval* input,
                 numerics::Interval* by_state, numerics::Interval* by_input) const override;
  void lift_box(const numerics::Interval* points, const numerics::Interval* input,
                numerics::Interval* states) const override;

 private:
  template <class Scalar>
  void next_of_layers(const Scalar* state, const Scalar* input, Scalar* out) const;
  template <class Scalar>
  void place_state_rows(std::size_t k, const Scalar* by_state, const Scalar* by_input,
                        const Scalar* slopes, Scalar* matrix, Index stride) const;
  template <class Scalar>
  void chain_rows(std::size_t k, const Scalar* by_input, const Scalar* slopes, Index cols,
                  Scalar* matrix, Index stride) const;
  template <class Body>
  void for_each_layer(ConstMatrixRef states, ConstMatrixRef inputs, Body&& body) const;

  Index n_of(std::size_t k) const { return first_[k + 1] - first_[k]; }

  std::vector<StackLayer> layers_;
  std::vector<Index> first_;  // where the state of each layer begins, and where the last one ends
  Coupling coupling_;
  std::unique_ptr<StackSystem> reduced_;
  mutable std::once_flag latent_once_;
  mutable std::unique_ptr<dynamics::Latent> latent_;
};

}  // namespace nullcline::models::internal
