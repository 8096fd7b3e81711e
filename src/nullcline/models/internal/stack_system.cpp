// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/stack_system.hpp"

#include <algorithm>

#include "nullcline/models/cell_tools.hpp"
#include "nullcline/models/internal/layer_latent.hpp"
#include "nullcline/models/internal/stack_latent.hpp"

namespace nullcline::models::internal {

using numerics::Interval;
using numerics::Jet;

namespace {

// A layer's output and its slopes by the state; returns null where all slopes are 1.
template <class Scalar>
const Scalar* layer_output(const StackLayer& layer, const Scalar* state, Scalar* out,
                           Scalar* slopes) {
  if (!layer.squash) {
    std::copy(state, state + layer.n_hidden, out);
    return nullptr;
  }
  for (Index i = 0; i < layer.n_hidden; ++i) {
    const auto value = phi(*layer.squash, state[i]);
    out[i] = value.value;
    slopes[i] = value.derivative;
  }
  return slopes;
}

// The same for rows of states; `slopes` has zero size where all of them are 1.
void layer_outputs(const StackLayer& layer, ConstMatrixRef states, Matrix& out, Matrix& slopes) {
  out.resize(states.rows(), layer.n_hidden);
  slopes.resize(layer.squash ? states.rows() : 0, layer.n_hidden);
  for (Index b = 0; b < states.rows(); ++b)
    layer_output(layer, states.row(b).data(), out.row(b).data(),
                 layer.squash ? slopes.row(b).data() : nullptr);
}

}  // namespace

StackSystem::StackSystem(std::vector<StackLayer> layers, Coupling coupling, dynamics::Time time)
    : MapSystem(time), layers_(std::move(layers)), first_{0}, coupling_(coupling) {
  for (const StackLayer& layer : layers_) first_.push_back(first_.back() + layer.map->n_states());
  if (coupling == Coupling::held) return;
  std::vector<StackLayer> reduced;
  for (const StackLayer& layer : layers_) {
    const MapSystem* map = layer.map->reduced_map();
    reduced.push_back(
        {map == nullptr ? layer.map : std::shared_ptr<const MapSystem>(layer.map, map),
         layer.n_hidden,
         {}});
  }
  reduced_ =
      std::make_unique<StackSystem>(std::move(reduced), Coupling::held, dynamics::Time::discrete);
}

const dynamics::Latent* StackSystem::latent() const {
  if (is_flow() || coupling_ != Coupling::held) return nullptr;
  std::call_once(latent_once_, [this] {
    std::vector<const LayerLatent*> layers;
    for (const StackLayer& layer : layers_)
      layers.push_back(dynamic_cast<const LayerLatent*>(layer.map->latent()));
    latent_ = make_stack_latent(layers);
  });
  return latent_.get();
}

void StackSystem::evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  Matrix x = inputs, slopes;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const auto mine = states.middleCols(first_[k], n_of(k));
    auto next = out.middleCols(first_[k], n_of(k));
    layers_[k].map->evaluate(mine, x, next);
    if (coupling_ == Coupling::updated)
      layer_outputs(layers_[k], next, x, slopes);
    else
      layer_outputs(layers_[k], mine, x, slopes);
  }
  if (is_flow()) out -= states;
}

// Calls body(k, its states, its inputs, their slopes by the state below) for each layer.
template <class Body>
void StackSystem::for_each_layer(ConstMatrixRef states, ConstMatrixRef inputs, Body&& body) const {
  Matrix x = inputs, slopes;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    Matrix mine = states.middleCols(first_[k], n_of(k));
    body(k, mine, x, slopes);
    if (k + 1 == layers_.size()) return;
    Matrix next = mine;
    if (coupling_ == Coupling::updated) layers_[k].map->evaluate(mine, x, next);
    layer_outputs(layers_[k], next, x, slopes);
  }
}

// Rows of layer k > 0 of a derivative of F: B D(slopes) R, where B is dF_k/dx and R are the first
// `cols` columns of the output's rows of the layer below.
template <class Scalar>
void StackSystem::chain_rows(std::size_t k, const Scalar* by_input, const Scalar* slopes,
                             Index cols, Scalar* matrix, Index stride) const {
  const Index m = layers_[k - 1].n_hidden;
  const Scalar* below = matrix + first_[k - 1] * stride;
  thread_local Scratch<Scalar> below_scratch, rows_scratch;
  Scalar* inputs = below_scratch.get(m * cols);
  Scalar* rows = rows_scratch.get(n_of(k) * cols);
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < cols; ++j)
      inputs[i * cols + j] =
          slopes == nullptr ? below[i * stride + j] : slopes[i] * below[i * stride + j];
  product(by_input, static_cast<const Scalar*>(inputs), rows, n_of(k), m, cols);
  for (Index i = 0; i < n_of(k); ++i)
    std::copy(rows + i * cols, rows + (i + 1) * cols, matrix + (first_[k] + i) * stride);
}

// Rows of layer k of the Jacobian, zeros but for the blocks of this layer and those below.
template <class Scalar>
void StackSystem::place_state_rows(std::size_t k, const Scalar* by_state, const Scalar* by_input,
                                   const Scalar* slopes, Scalar* matrix, Index stride) const {
  const Index n = n_of(k);
  Scalar* rows = matrix + first_[k] * stride;
  for (Index i = 0; i < n; ++i) {
    std::fill(rows + i * stride, rows + i * stride + n_states(), Scalar(0.0));
    std::copy(by_state + i * n, by_state + (i + 1) * n, rows + i * stride + first_[k]);
  }
  if (k == 0) return;
  if (coupling_ == Coupling::updated) {
    chain_rows(k, by_input, slopes, first_[k], matrix, stride);
    return;
  }
  const Index m = layers_[k - 1].n_hidden;
  for (Index i = 0; i < n; ++i)
    std::copy(by_input + i * m, by_input + (i + 1) * m, rows + i * stride + first_[k - 1]);
}

void StackSystem::jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  const Index n = n_states(), n_rows = states.rows(), stride = out.outerStride();
  for_each_layer(states, inputs,
                 [&](std::size_t k, ConstMatrixRef mine, ConstMatrixRef x, const Matrix& slopes) {
                   Matrix by_state(n_rows * n_of(k), n_of(k)), by_input(n_rows * n_of(k), x.cols());
                   layers_[k].map->jacobian(mine, x, by_state);
                   if (k > 0) layers_[k].map->input_jacobian(mine, x, by_input);
                   for (Index b = 0; b < n_rows; ++b)
                     place_state_rows(k, by_state.data() + b * n_of(k) * n_of(k),
                                      by_input.data() + b * n_of(k) * x.cols(),
                                      slopes.size() > 0 ? slopes.row(b).data() : nullptr,
                                      out.data() + b * n * stride, stride);
                 });
  if (is_flow())
    for (Index row = 0; row < out.rows(); ++row) out(row, row % n) -= 1;
}

void StackSystem::input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs,
                                 MatrixRef out) const {
  const Index n_rows = states.rows(), stride = out.outerStride();
  out.setZero();
  for_each_layer(states, inputs,
                 [&](std::size_t k, ConstMatrixRef mine, ConstMatrixRef x, const Matrix& slopes) {
                   if (k > 0 && coupling_ == Coupling::held) return;
                   Matrix by_input(n_rows * n_of(k), x.cols());
                   layers_[k].map->input_jacobian(mine, x, by_input);
                   for (Index b = 0; b < n_rows; ++b) {
                     double* matrix = out.data() + b * n_states() * stride;
                     if (k == 0)
                       out.middleRows(b * n_states(), n_of(0)) =
                           by_input.middleRows(b * n_of(0), n_of(0));
                     else
                       chain_rows(k, by_input.data() + b * n_of(k) * x.cols(),
                                  slopes.size() > 0 ? slopes.row(b).data() : nullptr, n_inputs(),
                                  matrix, stride);
                   }
                 });
}

void StackSystem::weight_derivative(const Network& change, ConstMatrixRef states,
                                    ConstMatrixRef inputs, MatrixRef out) const {
  const Index n_rows = states.rows();
  for_each_layer(states, inputs,
                 [&](std::size_t k, ConstMatrixRef mine, ConstMatrixRef x, const Matrix& slopes) {
                   Matrix own(n_rows, n_of(k)), by_input(n_rows * n_of(k), x.cols());
                   layers_[k].map->weight_derivative(change.layer(static_cast<Index>(k)), mine, x,
                                                     own);
                   const bool is_driven = k > 0 && coupling_ == Coupling::updated;
                   if (is_driven) layers_[k].map->input_jacobian(mine, x, by_input);
                   for (Index b = 0; b < n_rows; ++b) {
                     double* column = out.row(b).data();
                     auto part = out.row(b).segment(first_[k], n_of(k));
                     part.setZero();
                     if (is_driven)
                       chain_rows(k, by_input.data() + b * n_of(k) * x.cols(),
                                  slopes.size() > 0 ? slopes.row(b).data() : nullptr, 1, column, 1);
                     part += own.row(b);
                   }
                 });
}

Matrix StackSystem::lift(ConstMatrixRef points, ConstMatrixRef inputs) const {
  if (!reduced_) return points;
  Matrix states(points.rows(), n_states()), x = inputs;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Matrix mine = points.middleCols(reduced_->first_[k], reduced_->n_of(k));
    states.middleCols(first_[k], n_of(k)) = layers_[k].map->lift(mine, x);
    x = mine;
  }
  return states;
}

void StackSystem::lift_box(const Interval* points, const Interval* input, Interval* states) const {
  if (!reduced_) {
    std::copy(points, points + n_states(), states);
    return;
  }
  const Interval* x = input;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Interval* mine = points + reduced_->first_[k];
    layers_[k].map->lift_box(mine, x, states + first_[k]);
    x = mine;
  }
}

Matrix StackSystem::restrict_states(ConstMatrixRef states) const {
  if (!reduced_) return states;
  Matrix points(states.rows(), reduced_->n_states());
  for (std::size_t k = 0; k < layers_.size(); ++k)
    points.middleCols(reduced_->first_[k], reduced_->n_of(k)) =
        layers_[k].map->restrict_states(states.middleCols(first_[k], n_of(k)));
  return points;
}

std::optional<dynamics::Box> StackSystem::trapping_box() const {
  dynamics::Box box{Vector(n_states()), Vector(n_states())};
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const auto part = layers_[k].map->trapping_box();
    if (!part) return std::nullopt;
    box.lower.segment(first_[k], n_of(k)) = part->lower;
    box.upper.segment(first_[k], n_of(k)) = part->upper;
  }
  return box;
}

std::string StackSystem::no_trapping_box_reason() const {
  for (const StackLayer& layer : layers_)
    if (!layer.map->trapping_box()) return layer.map->no_trapping_box_reason();
  return "";
}

bool StackSystem::has_kinks() const {
  return std::any_of(layers_.begin(), layers_.end(),
                     [](const StackLayer& layer) { return layer.map->has_kinks(); });
}

double StackSystem::kink_distance(ConstVectorRef state, ConstVectorRef input) const {
  double distance = std::numeric_limits<double>::infinity();
  for_each_layer(state.transpose(), input.transpose(),
                 [&](std::size_t k, ConstMatrixRef mine, ConstMatrixRef x, const Matrix&) {
                   const Vector h = mine.row(0), u = x.row(0);
                   distance = std::min(distance, layers_[k].map->kink_distance(h, u));
                   if (k + 1 == layers_.size() || layers_[k].squash != Activation::relu) return;
                   const Vector next = dynamics::evaluate_at(*layers_[k].map, h, u);
                   distance = std::min(distance, next.cwiseAbs().minCoeff());
                 });
  return distance;
}

std::optional<dynamics::ReluForm> StackSystem::relu_form(ConstVectorRef input) const {
  if (coupling_ == Coupling::updated || is_flow()) return std::nullopt;
  dynamics::ReluForm all{Matrix::Zero(n_states(), n_states()), {}};
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const MapSystem& map = *layers_[k].map;
    const Vector x = k == 0 ? Vector(input) : Vector(Vector::Zero(map.n_inputs()));
    const std::optional<dynamics::ReluForm> one = map.relu_form(x);
    if (!one || layers_[k].squash) return std::nullopt;
    all.weights.block(first_[k], first_[k], n_of(k), n_of(k)) = one->weights;
    all.offset.insert(all.offset.end(), one->offset.begin(), one->offset.end());
    if (k > 0)
      all.weights.block(first_[k], first_[k - 1], n_of(k), layers_[k - 1].n_hidden) =
          *map.relu_input_weights();
  }
  return all;
}

template <class Scalar>
void StackSystem::next_of_layers(const Scalar* state, const Scalar* input, Scalar* out) const {
  std::vector<Scalar> x(input, input + n_inputs()), slopes;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Scalar* mine = state + first_[k];
    Scalar* next = out + first_[k];
    layers_[k].map->next(mine, x.data(), next);
    x.resize(static_cast<std::size_t>(layers_[k].n_hidden));
    slopes.resize(x.size());
    layer_output(layers_[k], coupling_ == Coupling::updated ? next : mine, x.data(), slopes.data());
  }
}

void StackSystem::next(const Interval* state, const Interval* input, Interval* out) const {
  next_of_layers(state, input, out);
}

void StackSystem::next(const Jet* state, const Jet* input, Jet* out) const {
  next_of_layers(state, input, out);
}

void StackSystem::jacobians(const Interval* state, const Interval* input, Interval* by_state,
                            Interval* by_input) const {
  const Index n = n_states(), n_in = n_inputs();
  std::vector<Interval> x(input, input + n_in), slopes, next, own, own_input;
  const Interval* slopes_below = nullptr;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Interval* mine = state + first_[k];
    const auto size = static_cast<std::size_t>(n_of(k));
    own.resize(size * size);
    own_input.resize(size * x.size());
    layers_[k].map->jacobians(mine, x.data(), own.data(), own_input.data());
    place_state_rows(k, static_cast<const Interval*>(own.data()),
                     static_cast<const Interval*>(own_input.data()), slopes_below, by_state, n);
    if (by_input != nullptr) {
      Interval* rows = by_input + first_[k] * n_in;
      if (k == 0)
        std::copy(own_input.begin(), own_input.end(), rows);
      else if (coupling_ == Coupling::updated)
        chain_rows(k, static_cast<const Interval*>(own_input.data()), slopes_below, n_in, by_input,
                   n_in);
      else
        std::fill(rows, rows + n_of(k) * n_in, Interval(0.0));
    }
    if (k + 1 == layers_.size()) return;
    next.assign(mine, mine + n_of(k));
    if (coupling_ == Coupling::updated) layers_[k].map->next(mine, x.data(), next.data());
    x.resize(static_cast<std::size_t>(layers_[k].n_hidden));
    slopes.resize(x.size());
    slopes_below = layer_output(layers_[k], static_cast<const Interval*>(next.data()), x.data(),
                                slopes.data());
  }
}

}  // namespace nullcline::models::internal
