// SPDX-License-Identifier: BSD-3-Clause
// A program of somebody else's: a system that the library has never heard of, from one formula.
// h' = tanh(2 h + x) in three units has 27 fixed points for x = 0, each of which can be proven.
#include <algorithm>
#include <cstdio>

#include "nullcline/core/provenance.hpp"
#include "nullcline/dynamics/function_system.hpp"
#include "nullcline/fixed_points/search.hpp"

using namespace nullcline;

struct FlipFlop {
  template <class Scalar>
  void operator()(const Scalar* h, const Scalar* x, Scalar* next) const {
    for (int i = 0; i < 3; ++i) next[i] = numerics::tanh(2 * h[i] + x[i]);
  }
};

int main() {
  const dynamics::Box box{Vector::Constant(3, -1), Vector::Constant(3, 1)};
  const dynamics::FunctionSystem system(FlipFlop{}, 3, 3, dynamics::Time::discrete, box);
  const Matrix nothing_visited(0, 3);
  const auto set = fixed_points::find_fixed_points(system, Vector::Zero(3), nothing_visited);
  const auto n_proven = std::count_if(set.points.begin(), set.points.end(), [](const auto& point) {
    return point.verdict == fixed_points::Verdict::proven;
  });
  std::printf("nullcline %s: %d fixed points, %d proven, index sum %d\n", version().c_str(),
              static_cast<int>(set.n_fixed()), static_cast<int>(n_proven), set.audit.index_sum);
  return set.n_fixed() == 27 && n_proven == 27 && set.audit.index_sum == 1 ? 0 : 1;
}
