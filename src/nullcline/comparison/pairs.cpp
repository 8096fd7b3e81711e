// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"

namespace nullcline::comparison {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool compares_operators(Measure measure) {
  return measure == Measure::dsa || measure == Measure::dsa_wasserstein;
}

double distance_of_operators(const Matrix& a, const Matrix& b, const MeasureOptions& options) {
  if (a.size() == 0 || b.size() == 0) return kNaN;
  return options.measure == Measure::dsa ? operator_distance(a, b, options.alignment()).angular
                                         : std::sqrt(eigenvalue_distance_squared(a, b));
}

Matrix operator_of(const Activity& x, const MeasureOptions& options) {
  return delay_operator(x.samples, x.n_trials, options.dsa());
}

void check_graphs(const std::vector<PointGraph>& x, const std::vector<PointGraph>& y,
                  Measure measure) {
  if (compared_by(measure) != Compared::graph)
    throw InvalidInput(
        fmt::format("measure: found {}, which compares no graphs", name_of(measure)));
  if (x.size() != y.size() || x.empty())
    throw InvalidInput(fmt::format("graphs: found those of {} inputs and of {}, expected as many",
                                   x.size(), y.size()));
}

// distance(i, j) of all j < i, in tiles of few networks, which stay in the cache.
Matrix all_pairs(std::size_t n, const std::function<double(std::size_t, std::size_t)>& distance,
                 const Progress& progress) {
  constexpr std::size_t kTile = 4;  // networks
  std::vector<std::pair<std::size_t, std::size_t>> tiles;
  for (std::size_t i = 0; i < n; i += kTile)
    for (std::size_t j = 0; j <= i; j += kTile) tiles.emplace_back(i, j);
  Matrix distances = Matrix::Zero(static_cast<Index>(n), static_cast<Index>(n));
  std::mutex mutex;
  std::atomic<bool> is_stopped = false;
  double n_done = 0;
  parallel_for(tiles.size(), [&](std::size_t k) {
    const std::size_t top = tiles[k].first, left = tiles[k].second;
    for (std::size_t i = top; i < std::min(top + kTile, n) && !is_stopped; ++i)
      for (std::size_t j = left; j < std::min(left + kTile, i) && !is_stopped; ++j) {
        const double value = distance(i, j);
        distances(static_cast<Index>(i), static_cast<Index>(j)) = value;
        distances(static_cast<Index>(j), static_cast<Index>(i)) = value;
      }
    const std::lock_guard lock(mutex);
    const ProgressUpdate update{++n_done, static_cast<double>(tiles.size()),
                                fmt::format("{} networks", n)};
    if (!report_progress(progress, update)) is_stopped = true;
  });
  if (is_stopped) return Matrix(0, 0);
  return distances;
}

}  // namespace

Compared compared_by(Measure measure) {
  switch (measure) {
    case Measure::graph_frobenius:
    case Measure::fused_gromov_wasserstein:
      return Compared::graph;
    case Measure::automaton:
      return Compared::automaton;
    default:
      return Compared::activity;
  }
}

double distance(const Activity& x, const Activity& y, const MeasureOptions& options) {
  switch (options.measure) {
    case Measure::svcca:
      return 1 - svcca(x, y, options.threshold).mean;
    case Measure::cca:
      return 1 - cca(x, y).mean;
    case Measure::pwcca:
      return 1 - (pwcca(x, y) + pwcca(y, x)) / 2;
    case Measure::linear_cka:
      return 1 - linear_cka(x, y);
    case Measure::unbiased_cka:
      return 1 - unbiased_cka(x, y);
    case Measure::rbf_cka:
      return 1 - rbf_cka(x, y, options.bandwidth);
    case Measure::shape:
      return shape_distance(x, y, options.alpha).angular;
    case Measure::rsa:
      return 1 - rsa(x, y);
    case Measure::dsa:
    case Measure::dsa_wasserstein:
      break;
    case Measure::graph_frobenius:
    case Measure::fused_gromov_wasserstein:
    case Measure::automaton:
      throw InvalidInput(
          fmt::format("measure: found {}, which compares no activities", name_of(options.measure)));
  }
  return distance_of_operators(operator_of(x, options), operator_of(y, options), options);
}

std::size_t Prepared::n_bytes() const {
  const Activity& a = activity;
  const Index n = a.samples.size() + a.basis.size() + a.s.size() + a.v.size() + a.energies.size() +
                  delays.size();
  return sizeof(double) * static_cast<std::size_t>(n);
}

Prepared prepare(Activity activity, const MeasureOptions& options) {
  if (compared_by(options.measure) != Compared::activity)
    throw InvalidInput(
        fmt::format("measure: found {}, which compares no activities", name_of(options.measure)));
  if (compares_operators(options.measure)) return {{}, operator_of(activity, options)};
  return {std::move(activity), {}};
}

double distance(const Prepared& x, const Prepared& y, const MeasureOptions& options) {
  return compares_operators(options.measure) ? distance_of_operators(x.delays, y.delays, options)
                                             : distance(x.activity, y.activity, options);
}

double distance(const std::vector<PointGraph>& x, const std::vector<PointGraph>& y,
                const MeasureOptions& options) {
  check_graphs(x, y, options.measure);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += options.measure == Measure::graph_frobenius
               ? frobenius_distance(x[i], y[i])
               : fused_gromov_wasserstein(feature_graph(x[i]), feature_graph(y[i]), options.fused())
                     .cost;
  return sum / static_cast<double>(x.size());
}

double sampling_noise(const std::vector<PointGraph>& x, const std::vector<PointGraph>& y,
                      const MeasureOptions& options) {
  check_graphs(x, y, options.measure);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += options.measure == Measure::graph_frobenius
               ? sampling_noise(x[i], y[i])
               : fused_sampling_noise(x[i], y[i], options.edge_weight);
  return sum / static_cast<double>(x.size());
}

Matrix pairwise_distances(const std::vector<Activity>& activities, const MeasureOptions& options,
                          const Progress& progress) {
  if (!compares_operators(options.measure))
    return all_pairs(
        activities.size(),
        [&](std::size_t i, std::size_t j) {
          return distance(activities[i], activities[j], options);
        },
        progress);
  std::vector<Matrix> operators(activities.size());
  parallel_for(operators.size(),
               [&](std::size_t k) { operators[k] = operator_of(activities[k], options); });
  return all_pairs(
      operators.size(),
      [&](std::size_t i, std::size_t j) {
        return distance_of_operators(operators[i], operators[j], options);
      },
      progress);
}

Matrix pairwise_distances(const std::vector<std::vector<PointGraph>>& graphs,
                          const MeasureOptions& options, const Progress& progress) {
  return all_pairs(
      graphs.size(),
      [&](std::size_t i, std::size_t j) { return distance(graphs[i], graphs[j], options); },
      progress);
}

Matrix pairwise_distances(const std::vector<Automaton>& automata, const Progress& progress) {
  return all_pairs(
      automata.size(),
      [&](std::size_t i, std::size_t j) { return automaton_distance(automata[i], automata[j]); },
      progress);
}

}  // namespace nullcline::comparison
