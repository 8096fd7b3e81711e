// SPDX-License-Identifier: BSD-3-Clause
// Predicting a dynamical system from one observation of it.
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/options_text.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/tasks/task.hpp"

namespace nullcline::tasks {

/// A network gets the observation w(0) at the first step, nothing afterwards, and predicts w(1),
/// ..., w(steps): the input is w(0) at step 1 and zero at all others, the target of step k is w(k).
/// Its mean squared error is equation 10 of Jordan, Sokol & Park (2021) over the number of
/// trajectories and of coordinates.
///
/// w(k) is the state at time k * interval (of a map: after k * interval steps), plus observation
/// noise. Flows are integrated by the Runge-Kutta method of order 4 in `substeps` equal steps per
/// interval; process noise enters after each of them.
struct TrajectoryOptions {
  int trajectories = 667;  ///< of the training set, which is drawn once
  int steps = 29;
  double interval = 0.1;
  int substeps = 10;                ///< flows only
  NumberRows start_box;             ///< lower, upper per state; empty: the box of the model
  double observation_noise = 0;     ///< standard deviation, per coordinate, of w(0) too
  double process_noise = 0;         ///< standard deviation per square root of time, flows only
  std::vector<double> input_mean;   ///< of the input held along a trajectory; empty: 0
  std::vector<double> input_noise;  ///< its standard deviation over trajectories; empty: 0

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("trajectories", self.trajectories, "trajectories of the training set");
    field("steps", self.steps, "observations that are predicted");
    field("interval", self.interval, "time between two observations (of a map: steps)");
    field("substeps", self.substeps, "integration steps per interval, of a flow");
    field("start_box", self.start_box, "low,high of a coordinate's first value; once for each");
    field("observation_noise", self.observation_noise, "standard deviation of the observations");
    field("process_noise", self.process_noise, "noise of a flow, per square root of time");
    field("input_mean", self.input_mean, "mean of the input that a trajectory holds");
    field("input_noise", self.input_noise, "standard deviation of that input over trajectories");
  }
};

/// Of any model file.
struct ModelTrajectoryOptions {
  std::string model;
  TrajectoryOptions trajectories;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("model", self.model, "model file (.toml) of the flow or map");
    TrajectoryOptions::visit_fields(self.trajectories, field);
  }
};

/// accuracy(): share of the variance of the targets that the outputs explain, at least 0.
/// generate() throws InvalidInput for a trajectory that is not finite or leaves 1e6.
/// @throws InvalidInput for an option out of range or of another size than the system.
std::unique_ptr<Task> make_trajectories(const std::string& name,
                                        std::unique_ptr<dynamics::System> system,
                                        const TrajectoryOptions& options);
/// @throws InvalidInput, or FormatError for the file.
std::unique_ptr<Task> make_model_trajectories(const ModelTrajectoryOptions& options);

/// The planar systems of Jordan, Sokol & Park (2021), section 5, as model files, and with their
/// options. fitzhugh-nagumo: x' = x - x^3/3 - y + I, 12.5 y' = x + 0.7 - 0.8 y, with the input
/// I ~ N(0.7, 0.2^2); line-attractor: x' = -x, y' = 0; ring-attractor: x' = -(x^2 + y^2 - 1) x,
/// y' = -(x^2 + y^2 - 1) y, both with observation noise of variance 0.1.
struct PlanarSystem {
  std::string name, description, model;
  TrajectoryOptions options;
};
const std::vector<PlanarSystem>& planar_systems();

}  // namespace nullcline::tasks
