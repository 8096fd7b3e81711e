// SPDX-License-Identifier: BSD-3-Clause
// What a cloud of states looks like: how many dimensions, which corners of the readout's cube.
#pragma once

#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::results {

/// The shape of n states under a readout of K channels. A channel is decided where its readout is
/// beyond half of the level, which is the largest |readout| of that channel in the cloud. On a cube
/// the corners have K decided channels, the middles of edges K - 1, of faces 1 (K = 3), the
/// center 0; what lies on K perpendicular axes through the center has 1.
struct Shape {
  Index n_states = 0;
  Vector explained_variance;   ///< by up to three principal components
  Vector level;                ///< (n_channels)
  std::vector<Index> decided;  ///< how many states have 0, 1, ..., K decided channels
  Index n_corners = 0;         ///< different sign patterns of the states with all K decided
};
/// `readouts` (n, n_channels) may have no columns: then there is no level and no corner. A `level`
/// with entries takes the place of the cloud's own.
Shape shape_of(ConstMatrixRef states, ConstMatrixRef readouts, ConstVectorRef level);

/// Share of the variance of `states` that is left over by the distance to the nearest of `points`,
/// taken from 1: 1 if every state is at a point, 0 if the points explain no more than the mean of
/// the states does, negative if less. NaN if there is no point or no variance.
double explained_by_points(ConstMatrixRef states, ConstMatrixRef points);

/// Cosines of the principal angles between the planes that the first `n_axes` principal components
/// of two clouds span, falling: all 1 if they are parallel. Fewer where a cloud spans fewer.
/// Reference: Bjorck & Golub (1973).
Vector alignment(ConstMatrixRef a, ConstMatrixRef b, Index n_axes);

/// Distances between the states of a cloud whose readouts differ in the sign of so many channels.
struct PairDistances {
  int n_differing = 0;
  Index n_pairs = 0;
  double least = 0, mean = 0, largest = 0;
};

/// One entry for each number of differing channels that occurs, rising. Corners of a cube of edge a
/// that differ in k channels are a sqrt(k) apart.
std::vector<PairDistances> pair_distances(ConstMatrixRef states, ConstMatrixRef readouts);

/// What part each channel has in each principal component, (n_components, n_channels), rows that
/// sum to 1: the squares of the component's products with the mean of sign(readout) (state - mean).
/// A component of one channel alone has a 1; one along the diagonal of k channels has 1/k of each.
Matrix channel_shares(ConstMatrixRef states, ConstMatrixRef readouts);

/// How many states are left where those within `distance` of an earlier one are dropped.
Index n_distinct(ConstMatrixRef states, double distance);

/// States of the points of one set, (n, n_states), fixed or all of them.
Matrix states_of(const fixed_points::FixedPointSet& set, bool fixed_only, Index n_states);

}  // namespace nullcline::results
