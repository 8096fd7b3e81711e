// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/verify.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "console.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/orbits/verify.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/result_file.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using fixed_points::Doubt;
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Verdict;

struct Verify {
  std::string path, network;
  bool json = false, quiet = false;

  std::unique_ptr<dynamics::System> system_of(const results::PointsFile& points) const {
    auto own = points.subject.make_system();
    if (network.empty()) return own;
    auto other = load_network(network, {}).subject.make_system();
    if (other->n_states() != own->n_states() || other->n_inputs() != own->n_inputs())
      throw FormatError(fmt::format(
          "{}: found {} states and {} inputs, expected {} and {} as in {}", network,
          other->n_states(), other->n_inputs(), own->n_states(), own->n_inputs(), path));
    return other;
  }
  int run() const;
};

std::string doubts_text(const std::vector<std::vector<Doubt>>& doubts, Index n_claims) {
  std::string text;
  Index n_doubts = 0;
  for (std::size_t i = 0; i < doubts.size(); ++i)
    for (const Doubt& doubt : doubts[i]) {
      const std::string what = doubt.point < 0 ? "the set" : fmt::format("point {}", doubt.point);
      text += fmt::format("input {}, {}: not shown: {}\n", i, what, doubt.claim);
      ++n_doubts;
    }
  if (n_doubts > 0) return text + fmt::format("{} claims could not be shown again\n", n_doubts);
  return fmt::format("all {} proofs hold\n", n_claims);
}

nlohmann::ordered_json doubts_json(const std::vector<std::vector<Doubt>>& doubts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < doubts.size(); ++i)
    for (const Doubt& doubt : doubts[i])
      list.push_back({{"input_index", i},
                      {"point", doubt.point < 0 ? nlohmann::ordered_json()
                                                : nlohmann::ordered_json(doubt.point)},
                      {"claim", doubt.claim}});
  return list;
}

int Verify::run() const {
  const results::PointsFile points = results::read_points(path);
  const auto system = system_of(points);
  const std::string searched =
      results::text_or_empty(points.file.attributes, "network_fingerprint");
  const bool is_changed = network.empty() && searched != points.subject.fingerprint();
  std::vector<std::vector<Doubt>> doubts;
  Index n_claims = 0, n_doubts = 0;
  const InterruptGuard interrupt;
  for (const FixedPointSet& set : points.sets) {
    ProgressLine line("verifying", quiet);
    doubts.push_back(fixed_points::verify(*system, set, make_progress(line, interrupt)));
    const orbits::OrbitSet& orbits = points.orbits[doubts.size() - 1];
    for (Doubt& doubt : orbits::verify(*system, orbits)) doubts.back().push_back(std::move(doubt));
    if (interrupt.signal() != 0) {
      print_error("interrupted");
      return interrupted_exit_code(interrupt.signal(), false);
    }
    n_claims += std::count_if(set.points.begin(), set.points.end(), [](const FixedPoint& point) {
      return point.verdict == Verdict::proven;
    });
    n_claims +=
        std::count_if(orbits.orbits.begin(), orbits.orbits.end(),
                      [](const orbits::Orbit& orbit) { return orbit.verdict == Verdict::proven; });
    n_doubts += static_cast<Index>(doubts.back().size());
  }
  if (is_changed) {
    doubts.front().push_back({-1, "these weights are the ones that were searched"});
    ++n_doubts;
  }
  const nlohmann::ordered_json document{{"nullcline", version()},
                                        {"file", path},
                                        {"n_proofs", n_claims},
                                        {"doubts", doubts_json(doubts)}};
  print(json ? document.dump(1) + "\n" : doubts_text(doubts, n_claims));
  return n_doubts == 0 ? kDone : kGateFailed;
}

}  // namespace

void add_verify(CLI::App& root, Subcommands& subcommands) {
  const auto command = std::make_shared<Verify>();
  CLI::App* app = root.add_subcommand("verify", "show each proof in a file of fixed points again");
  app->add_option("points", command->path, "fixed points (.nc), made by nullcline fixed-points")
      ->required()
      ->option_text("FILE");
  app->add_option("--network", command->network,
                  "a network to test them with; default: the one in the file")
      ->option_text("FILE");
  app->add_flag("--json", command->json, "print one JSON document");
  app->add_flag("--quiet", command->quiet, "no progress");
  app->footer("Example: nullcline verify ff.points.nc");
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
