// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/snapshots.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/models/echo_state.hpp"
#include "nullcline/models/network_line.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

constexpr const char* kReadouts = "readout_snapshots";

std::string group_name(std::size_t k) { return fmt::format("snapshot_{}", k); }

double steps_done(const NamedArrays& file) {
  return static_cast<double>(
      file.at(file.has("train_outputs") ? "train_outputs" : "loss").shape[0]);
}

// The network of each readout.
std::vector<models::Network> fold_readouts(const NamedArrays& file,
                                           const models::Network& trained) {
  models::EchoState echo_state = models::echo_state_from_arrays(file.group("echo_state"));
  if (fold_feedback(echo_state).recurrent_weights != trained.recurrent_weights)
    throw FormatError("groups 'echo_state' and 'network' are not of the same network");
  const NamedArray& array = file.at(kReadouts);
  const Index rows = echo_state.n_outputs(), cols = echo_state.n_units();
  if (array.shape.size() != 3 || static_cast<Index>(array.shape[1]) != rows ||
      static_cast<Index>(array.shape[2]) != cols)
    throw FormatError(fmt::format("array '{}' has shape ({}), expected (snapshots, {}, {})",
                                  kReadouts, fmt::join(array.shape, ", "), rows, cols));
  const std::vector<double> values = file.values(kReadouts);
  std::vector<models::Network> networks;
  for (std::size_t k = 0; k < array.shape[0]; ++k) {
    echo_state.readout_weights =
        Eigen::Map<const Matrix>(values.data() + static_cast<Index>(k) * rows * cols, rows, cols);
    networks.push_back(fold_feedback(echo_state));
  }
  return networks;
}

void check_line(const std::string& name, const models::Network& a, const models::Network& b) {
  try {
    models::network_line(a, b);
  } catch (const InvalidInput& error) {
    throw InvalidInput(fmt::format("{}: a snapshot of another network ({})", name, error.what()));
  }
}

}  // namespace

Snapshots read_snapshots(const std::string& path, const NamedArrays& file) {
  return reading(path, [&] {
    if (!file.has_group("network") || !file.has("snapshot_steps"))
      throw FormatError(
          "found no snapshots, expected a network trained with --snapshot-every above 0");
    const models::Network trained = models::network_from_arrays(file.group("network"));
    Snapshots snapshots;
    snapshots.steps = file.values("snapshot_steps");
    if (file.has(kReadouts)) {
      snapshots.networks = fold_readouts(file, trained);
    } else {
      for (std::size_t k = 0; file.has_group(group_name(k)); ++k)
        snapshots.networks.push_back(models::network_from_arrays(file.group(group_name(k))));
    }
    if (snapshots.networks.size() != snapshots.steps.size())
      throw FormatError(fmt::format("found {} snapshots, expected {} as in 'snapshot_steps'",
                                    snapshots.networks.size(), snapshots.steps.size()));
    const double last = steps_done(file);
    if (snapshots.steps.empty() || snapshots.steps.back() < last) {
      snapshots.steps.push_back(last);
      snapshots.networks.push_back(trained);
    }
    if (!std::is_sorted(snapshots.steps.begin(), snapshots.steps.end(), std::less_equal<>()))
      throw FormatError("array 'snapshot_steps': found steps that do not rise");
    for (std::size_t k = 0; k + 1 < snapshots.networks.size(); ++k)
      check_line(group_name(k), snapshots.networks[k], trained);
    return snapshots;
  });
}

void store_snapshots(NamedArrays& file, const std::vector<int>& steps,
                     const std::vector<models::Network>& networks) {
  if (networks.empty()) return;
  file.set_vector("snapshot_steps",
                  Eigen::Map<const Eigen::VectorXi>(steps.data(), static_cast<Index>(steps.size()))
                      .cast<double>(),
                  "snapshot", "steps of the snapshots", "step");
  for (std::size_t k = 0; k < networks.size(); ++k)
    file.set_group(group_name(k), models::to_arrays(networks[k]));
}

Snapshots join_snapshots(const std::vector<std::string>& paths,
                         const std::vector<models::Network>& networks) {
  Snapshots snapshots;
  for (std::size_t k = 0; k < networks.size(); ++k) {
    if (k > 0) check_line(paths[k], networks[k], networks[0]);
    snapshots.steps.push_back(static_cast<double>(k));
    snapshots.networks.push_back(networks[k]);
  }
  return snapshots;
}

}  // namespace nullcline::results
