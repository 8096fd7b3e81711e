// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/separation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "nullcline/comparison/ranks.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::comparison {

namespace {

void check(ConstMatrixRef distances, const std::vector<std::string>& labels,
           const SeparationOptions& options) {
  const auto n = static_cast<Index>(labels.size());
  if (distances.rows() != n || distances.cols() != n)
    throw InvalidInput(fmt::format("labels: found {} for {} x {} distances, expected one for each",
                                   n, distances.rows(), distances.cols()));
  if (!distances.allFinite())
    throw InvalidInput("distances: found a value that is not finite, expected numbers");
  if (!(distances - distances.transpose()).isZero(1e-9 * distances.cwiseAbs().maxCoeff()))
    throw InvalidInput("distances: the matrix is not symmetric");
  if (options.n_permutations < 1 || options.n_permutations > 10000000)
    throw InvalidInput(
        fmt::format("n_permutations: found {}, expected 1 to 10000000", options.n_permutations));
}

// Sum of the ranks of the pairs within groups.
double sum_within(const Matrix& ranks, const std::vector<std::size_t>& group) {
  double sum = 0;
  for (std::size_t i = 0; i < group.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (group[i] == group[j]) sum += ranks(static_cast<Index>(i), static_cast<Index>(j));
  return sum;
}

}  // namespace

Separation separation(ConstMatrixRef distances, const std::vector<std::string>& labels,
                      const SeparationOptions& options) {
  check(distances, labels, options);
  Separation result;
  result.n_permutations = options.n_permutations;
  result.groups = labels;
  std::sort(result.groups.begin(), result.groups.end());
  result.groups.erase(std::unique(result.groups.begin(), result.groups.end()), result.groups.end());
  result.sizes.assign(result.groups.size(), 0);
  std::vector<std::size_t> group;
  for (const std::string& label : labels) {
    const auto place = std::lower_bound(result.groups.begin(), result.groups.end(), label);
    group.push_back(static_cast<std::size_t>(place - result.groups.begin()));
    ++result.sizes[group.back()];
  }
  double n_within = 0;
  for (const auto size : result.sizes) n_within += 0.5 * static_cast<double>(size * (size - 1));
  if (result.groups.size() < 2 || n_within == 0)
    throw InvalidInput(fmt::format(
        "labels: found {} different labels of {} networks, expected at least two, and two networks "
        "with the same",
        result.groups.size(), labels.size()));

  const auto n = static_cast<Index>(labels.size());
  const Vector order = ranks(upper_triangle((distances + distances.transpose()) / 2));
  Matrix matrix = Matrix::Zero(n, n);
  for (Index i = 0, next = 0; i < n; ++i)
    for (Index j = i + 1; j < n; ++j) matrix(j, i) = order(next++);
  // Sums of ranks, which are multiples of 1/2, are exact: ties are ties.
  const double all = order.sum(), n_pairs = static_cast<double>(order.size());
  const auto statistic = [&](double within) {
    return ((all - within) / (n_pairs - n_within) - within / n_within) / (n_pairs / 2);
  };
  const double observed = sum_within(matrix, group);
  result.statistic = statistic(observed);
  std::vector<char> is_as_large(static_cast<std::size_t>(options.n_permutations));
  parallel_for(is_as_large.size(), [&](std::size_t k) {
    Rng rng(options.seed, Purpose::perturbations, k);
    std::vector<std::size_t> shuffled = group;
    for (std::size_t i = shuffled.size(); i > 1; --i)
      std::swap(shuffled[i - 1], shuffled[rng.below(i)]);
    is_as_large[k] = sum_within(matrix, shuffled) <= observed ? 1 : 0;
  });
  const auto count = std::count(is_as_large.begin(), is_as_large.end(), 1);
  result.p_value = static_cast<double>(1 + count) / (1.0 + options.n_permutations);
  return result;
}

}  // namespace nullcline::comparison
