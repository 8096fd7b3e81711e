// SPDX-License-Identifier: BSD-3-Clause
#include "compared_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "array_file.hpp"
#include "nullcline/dynamics/simulate.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/tasks/task_choice.hpp"
#include "results.hpp"

namespace nullcline::cli {

namespace {

using comparison::Activity;
using comparison::Compared;
using comparison::Measure;

bool is_array_file(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".npz" || extension == ".npy";
}

const char* kind_of(Compared compared) {
  switch (compared) {
    case Compared::graph:
      return kGraph;
    case Compared::automaton:
      return results::kStateMachine;
    case Compared::activity:
      break;
  }
  return kTrainedNetwork;
}

const char* description_of(Compared compared) {
  switch (compared) {
    case Compared::graph:
      return "a graph of fixed points (nullcline topology)";
    case Compared::automaton:
      return "a state machine (nullcline state-machine)";
    case Compared::activity:
      break;
  }
  return "a trained network";
}

Activity activity_of_array(const std::string& path) {
  const NamedArray array = read_array(path, "states");
  if (array.shape.size() < 2 || array.shape.size() > 3 || array.shape.back() == 0)
    throw FormatError(
        fmt::format("{}: found {} dimensions, expected (n, n_units) or (trials, steps, n_units)",
                    path, array.shape.size()));
  const std::vector<double> values = finite_values(array, path);
  const auto n_units = static_cast<Index>(array.shape.back());
  const Eigen::Map<const Matrix> samples(values.data(), static_cast<Index>(values.size()) / n_units,
                                         n_units);
  const bool has_trials = array.shape.size() == 3 && array.shape[0] > 0;
  return reading(path, [&] {
    return comparison::make_activity(samples, has_trials ? static_cast<Index>(array.shape[0]) : 1);
  });
}

// The same trials for all networks: those of the first network's task.
class Probe {
 public:
  explicit Probe(const CompareOptions& options) : options_(options) {}

  Activity activity(const std::string& path, const NamedArrays& file) {
    const models::Network network =
        reading(path, [&] { return models::network_from_arrays(file.group("network")); });
    if (!trials_) draw(path, file);
    if (network.n_inputs() != n_inputs_)
      throw FormatError(fmt::format("{}: a network of {} inputs, expected {} as in {}", path,
                                    network.n_inputs(), n_inputs_, origin_));
    const auto system = models::make_system(network);
    const Matrix states =
        dynamics::simulate(*system, trials_->inputs, trials_->n_trials, trials_->n_steps,
                           Matrix(network.initial_state.transpose()));
    if (!states.allFinite())
      throw FormatError(path + ": the states of the network grow beyond all numbers");
    const Index n_columns = network.n_layers() > 1 ? states.cols() : network.n_units();
    return reading(path, [&] {  // of an LSTM: h
      return comparison::make_activity(states.leftCols(n_columns), trials_->n_trials);
    });
  }

 private:
  void draw(const std::string& path, const NamedArrays& file) {
    const auto task = reading(path, [&] {
      return tasks::task_of_configuration(text_or_empty(file.attributes, "configuration"));
    });
    if (!task) throw FormatError(path + ": says nothing of the task that it was trained on");
    trials_ = task->generate(options_.trials, options_.seed, Purpose::analysis_data, 0);
    n_inputs_ = task->n_inputs();
    origin_ = path;
  }

  const CompareOptions& options_;
  std::optional<tasks::TrialBatch> trials_;
  Index n_inputs_ = 0;
  std::string origin_;
};

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (entry.is_regular_file() && (entry.path().extension() == ".nc" || is_array_file(path)))
      files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Reader {
 public:
  Reader(Measure measure, const CompareOptions& options)
      : measure_(measure),
        compared_(comparison::compared_by(measure)),
        probe_(options),
        factors_(factors_of(options.factor)) {
    if (!options.labels.empty()) labels_ = results::Labels::read(options.labels);
    files_.labels.resize(factors_.size());
  }

  // What the measure cannot compare is an error where it was named, and left out of a folder.
  void add(const std::string& path, bool is_named) {
    NamedArrays file;
    if (is_array_file(path)) {
      if (compared_ != Compared::activity) {
        if (!is_named) return;
        throw FormatError(fmt::format("{}: an array of samples, expected {} for --measure {}", path,
                                      description_of(compared_), name_of(measure_)));
      }
      files_.activities.push_back(activity_of_array(path));
    } else {
      file = read_result(path);
      const std::string kind = text_or_empty(file.attributes, kKindAttribute);
      if (kind != kind_of(compared_)) {
        if (!is_named) return;
        throw FormatError(fmt::format("{}: a file of kind '{}', expected {} for --measure {}", path,
                                      kind, description_of(compared_), name_of(measure_)));
      }
      read(path, file);
    }
    for (std::size_t k = 0; k < factors_.size(); ++k)
      files_.labels[k].push_back(labels_.of(path, file, factors_[k]));
    files_.paths.push_back(path);
    require_like_the_first();
  }

  ComparedFiles finish() { return std::move(files_); }

 private:
  void read(const std::string& path, const NamedArrays& file) {
    switch (compared_) {
      case Compared::graph:
        files_.graphs.push_back(results::point_graphs(path, file));
        break;
      case Compared::automaton:
        files_.automata.push_back(results::automaton(path, file));
        break;
      case Compared::activity:
        files_.activities.push_back(probe_.activity(path, file));
        break;
    }
  }

  void require_like_the_first() const {
    const auto require = [&](const char* what, auto found, auto expected) {
      if (found != expected)
        throw FormatError(fmt::format("{}: found {} {}, expected {} as in {}", files_.paths.back(),
                                      found, what, expected, files_.paths.front()));
    };
    if (!files_.activities.empty())
      require("samples", files_.activities.back().n_samples(),
              files_.activities.front().n_samples());
    if (files_.graphs.empty()) return;
    const auto &last = files_.graphs.back(), &first = files_.graphs.front();
    require("inputs", last.size(), first.size());
    for (std::size_t i = 0; i < last.size(); ++i)
      if (measure_ == Measure::graph_frobenius && last[i].n_points() != first[i].n_points())
        throw FormatError(fmt::format(
            "{}: a graph of {} points, but {} has {}; graph_frobenius needs as many on both, "
            "--measure fused_gromov_wasserstein does not",
            files_.paths.back(), last[i].n_points(), files_.paths.front(), first[i].n_points()));
  }

  const Measure measure_;
  const Compared compared_;
  Probe probe_;
  const std::vector<std::string> factors_;
  results::Labels labels_;
  ComparedFiles files_;
};

}  // namespace

std::vector<std::string> factors_of(const std::string& text) {
  std::vector<std::string> factors;
  for (std::size_t first = 0; first < text.size();) {
    const std::size_t comma = std::min(text.find(',', first), text.size());
    if (comma > first) factors.push_back(text.substr(first, comma - first));
    first = comma + 1;
  }
  return factors;
}

Measure usual_measure(const std::vector<std::string>& paths) {
  std::vector<std::string> files = paths;
  if (!paths.empty() && std::filesystem::is_directory(paths[0])) files = files_in(paths[0]);
  if (files.empty() || is_array_file(files[0])) return Measure::svcca;
  const std::string kind = text_or_empty(read_result(files[0]).attributes, kKindAttribute);
  if (kind == kGraph) return Measure::fused_gromov_wasserstein;
  return kind == results::kStateMachine ? Measure::automaton : Measure::svcca;
}

ComparedFiles read_compared(const std::vector<std::string>& paths, Measure measure,
                            const CompareOptions& options) {
  if (options.trials < 1 || options.trials > 1000000)
    throw InvalidInput(fmt::format("--trials: found {}, expected 1 to 1000000", options.trials));
  if (!options.labels.empty() && options.factor.empty())
    throw InvalidInput("--labels: found a table but no --factor, expected one of its columns");
  Reader reader(measure, options);
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      reader.add(path, true);
      continue;
    }
    for (const std::string& file : files_in(path)) reader.add(file, false);
  }
  ComparedFiles files = reader.finish();
  if (files.paths.size() < 2)
    throw InvalidInput(fmt::format(
        "files: found {} for --measure {}, expected two or more, each {}", files.paths.size(),
        name_of(measure), description_of(comparison::compared_by(measure))));
  return files;
}

}  // namespace nullcline::cli
