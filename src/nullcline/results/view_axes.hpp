// SPDX-License-Identifier: BSD-3-Clause
// Axes of interest in state space, as projections.
#pragma once

#include "nullcline/dynamics/projection.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/results/visited.hpp"

namespace nullcline::results {

inline constexpr Index kAxes = 3;

/// States that the principal components describe: trajectories, else points and visited states.
Matrix cloud(const Visited& visited, const fixed_points::FixedPointSet& set);

/// The point whose surroundings give axes: `wanted`, or if that is -1 the fixed point with most
/// unstable directions. @throws InvalidInput if there is no such point.
std::size_t central_point(const fixed_points::FixedPointSet& set, int wanted);

/// Amplitudes of the leading modes: left eigenvectors, whose products with the right ones are 1.
dynamics::Projection mode_axes(const fixed_points::FixedPoint& point, std::size_t number);

/// Where a small input pushes the state at this point: columns of dF/dx, normalized.
dynamics::Projection input_axes(const dynamics::System& system,
                                const fixed_points::FixedPoint& point, const Vector& input);

/// The axes, filled up to three with principal components.
dynamics::Projection filled(dynamics::Projection projection, const dynamics::Projection& pca);

}  // namespace nullcline::results
