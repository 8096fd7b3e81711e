// SPDX-License-Identifier: BSD-3-Clause
// Proofs that no fixed point is missing: the answers are checked, then timed; one thread.
//
//   enumeration_bench [FOLDER]      default: tests/data/flip-flop
//
// Prints one JSON object a line: boxes (patterns, for relu) and milliseconds, the mean and the most
// over the networks of a line.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "measure.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/fixed_points/enumerate.hpp"
#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/fixed_points/relu.hpp"
#include "nullcline/interchange/import.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/testing/zoo.hpp"

namespace {

using namespace nullcline;
using fixed_points::Enumeration;
using models::Activation;
using models::CellKind;
using models::Reset;

int index_sum(const Enumeration& found) {
  int sum = 0;
  for (const fixed_points::EnclosedPoint& point : found.points) sum += point.index;
  return sum;
}

// Runs `enumerate(draw)` for each draw, and prints a line. False if an answer is wrong.
bool run(const std::string& name, int n_draws, bool has_index_sum,
         const std::function<Enumeration(std::uint64_t)>& enumerate) {
  double seconds = 0, longest = 0;
  std::int64_t n_boxes = 0, most_boxes = 0;
  std::size_t most_points = 0;
  bool correct = true;
  for (int draw = 0; draw < n_draws; ++draw) {
    double best = 1e300;
    Enumeration found;
    for (int repeat = 0; repeat < 3; ++repeat) {
      const double start = bench::thread_seconds();
      found = enumerate(static_cast<std::uint64_t>(draw));
      best = std::min(best, bench::thread_seconds() - start);
    }
    correct = correct && found.is_complete && (!has_index_sum || index_sum(found) == 1);
    seconds += best;
    longest = std::max(longest, best);
    n_boxes += found.n_boxes;
    most_boxes = std::max(most_boxes, found.n_boxes);
    most_points = std::max(most_points, found.points.size());
  }
  const nlohmann::ordered_json line = {
      {"networks", name},
      {"n_networks", n_draws},
      {"correct", correct},
      {"most_points", most_points},
      {"boxes", static_cast<double>(n_boxes) / n_draws},
      {"most_boxes", most_boxes},
      {"milliseconds", 1e3 * seconds / n_draws},
      {"most_milliseconds", 1e3 * longest},
      {"microseconds_per_box", 1e6 * seconds / static_cast<double>(n_boxes)},
  };
  std::puts(line.dump().c_str());
  return correct;
}

Enumeration enumerate_network(const models::Network& network) {
  const auto system = models::make_system(network);
  const fixed_points::Equation equation(*system, Vector::Zero(network.n_inputs()));
  fixed_points::EnumerationOptions options;
  options.max_boxes = 1000000;
  return enumerate_fixed_points(equation.solved(), equation.input(), *equation.box(), options);
}

bool run_random(const char* name, CellKind cell, Reset reset, double gain) {
  bool correct = true;
  for (const Index units : {2, 3, 4})
    correct = run(fmt::format("{}, {} units", name, units), units < 4 ? 100 : 10, true,
                  [&](std::uint64_t draw) {
                    Rng rng(draw, Purpose::tests, static_cast<std::uint64_t>(units));
                    return enumerate_network(nullcline::testing::random_network(
                        cell, Activation::tanh, reset, units, 1, gain, rng));
                  }) &&
              correct;
  return correct;
}

bool run_low_rank(Index rank) {
  constexpr Index kUnits = 256;
  return run(fmt::format("256 tanh units, rank {}", rank), 4, true, [&](std::uint64_t draw) {
    Rng rng(draw, Purpose::tests);
    Matrix m(kUnits, rank), p(rank, kUnits);
    for (double& x : m.reshaped()) x = rng.normal();
    for (double& x : p.reshaped()) x = rng.normal() / (4 * static_cast<double>(kUnits));
    p += m.transpose() * (2.5 / static_cast<double>(kUnits));
    const auto system =
        models::make_system(nullcline::testing::tanh_network(m * p, Matrix(kUnits, 0)));
    const dynamics::System& map = system->latent()->map();
    return fixed_points::enumerate_fixed_points(map, Vector(0), *map.trapping_box());
  });
}

bool run_relu(Index units) {
  return run(fmt::format("{} relu units", units), 4, false, [&](std::uint64_t draw) {
    Rng rng(draw, Purpose::tests);
    dynamics::ReluForm form{Matrix(units, units), {}};
    const double scale = 1.5 / std::sqrt(static_cast<double>(units));
    for (double& w : form.weights.reshaped()) w = scale * rng.normal();
    for (Index i = 0; i < units; ++i) form.offset.emplace_back(rng.normal());
    return fixed_points::enumerate_relu(form, 3000000).value_or(Enumeration{});
  });
}

bool run_trained(const std::string& folder) {
  interchange::ImportOptions options;
  options.cell = CellKind::gru;
  const models::Network network = interchange::network_from_pytorch(
      io::read_npz(folder + "/gru8_proven27.weights.npz"), options);
  std::size_t n_points = 0;
  const bool correct = run("trained gru, 8 units", 1, true, [&](std::uint64_t) {
    Enumeration found = enumerate_network(network);
    n_points = found.points.size();
    return found;
  });
  return correct && n_points == 27;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    set_n_threads(1);
    bool correct = run_trained(argc > 1 ? argv[1] : "tests/data/flip-flop");
    correct = run_random("tanh", CellKind::vanilla, Reset::after, 3) && correct;
    correct = run_random("gru", CellKind::gru, Reset::after, 6) && correct;
    correct = run_random("lstm", CellKind::lstm, Reset::after, 5) && correct;
    for (const Index rank : {1, 2, 3}) correct = run_low_rank(rank) && correct;
    for (const Index units : {12, 16, 20}) correct = run_relu(units) && correct;
    return correct ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "enumeration_bench: {}\n", error.what());
    return 1;
  }
}
