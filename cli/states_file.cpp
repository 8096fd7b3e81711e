// SPDX-License-Identifier: BSD-3-Clause
#include "states_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "array_file.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::cli {

using results::Visited;

Visited visited_from_file(const std::string& path, Index n_states) {
  const NamedArray array = read_array(path, "states");
  const std::vector<std::size_t>& shape = array.shape;
  if ((shape.size() != 2 && shape.size() != 3) ||
      shape.back() != static_cast<std::size_t>(n_states))
    throw FormatError(
        fmt::format("{}: states of shape ({}), expected (n, {}) or (trials, steps, {})", path,
                    fmt::join(shape, ", "), n_states, n_states));
  const std::vector<double> values = finite_values(array, path);
  Visited visited;
  visited.states = Eigen::Map<const Matrix>(values.data(),
                                            static_cast<Index>(values.size()) / n_states, n_states);
  if (shape.size() == 3)
    add_trajectories(visited, visited.states, static_cast<Index>(shape[0]),
                     static_cast<Index>(shape[1]));
  visited.origin = path;
  return visited;
}

}  // namespace nullcline::cli
