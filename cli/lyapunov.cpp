// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/trajectories/verdict.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using trajectories::Trajectory;
using trajectories::Verdict;

struct LyapunovOptions {
  std::vector<double> start, input;
  dynamics::Time time = dynamics::Time::discrete;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("start", self.start, "the state to start from, such as 1,0,0");
    field("input", self.input, "held input, such as 0,0,1; default: zeros");
    field("time", self.time, "networks: discrete (the map) | continuous (the flow F - h)");
  }
};

struct Lyapunov {
  explicit Lyapunov(CLI::App& app) : settings(app) {
    app.add_option("model", path, "a model file (.toml), a trained network (.nc) or weights")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("lyapunov", "The trajectory [lyapunov]", option_fields(inputs));
    settings.add_table("average", "How long it is followed [average]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  Vector start_of(const results::Subject& subject, Index n_states) const;

  std::string path;
  RunOptions run_options;
  LyapunovOptions inputs;
  trajectories::TrajectoryOptions options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

Vector Lyapunov::start_of(const results::Subject& subject, Index n_states) const {
  if (inputs.start.empty()) {
    if (const models::Network* network = subject.network_or_null(); network && !subject.model)
      return network->initial_state;
    throw InvalidInput(
        fmt::format("--start: is missing, expected {} numbers, such as {}", n_states,
                    fmt::join(std::vector<double>(static_cast<std::size_t>(n_states), 0.1), ",")));
  }
  if (static_cast<Index>(inputs.start.size()) != n_states)
    throw InvalidInput(
        fmt::format("--start: found {} values, expected {}", inputs.start.size(), n_states));
  return Eigen::Map<const Vector>(inputs.start.data(), n_states);
}

Json numbers(ConstVectorRef values) {
  return std::vector<double>(values.data(), values.data() + values.size());
}

std::string to_json(const Trajectory& result, const Lyapunov& command, bool is_verified) {
  const trajectories::Spectrum& s = result.spectrum;
  Json document;
  document["verdict"] = name_of(result.verdict);
  document["evidence"] = result.evidence;
  document["time"] = result.is_flow ? "continuous" : "discrete";
  document["exponents"] = s.is_finite ? numbers(s.exponents) : Json::array();
  document["errors"] = s.is_finite ? numbers(s.errors) : Json::array();
  document["sum"] = s.is_finite ? Json(s.exponents.sum()) : Json(nullptr);
  document["mean_divergence"] = s.mean_divergence;
  document["kaplan_yorke"] = result.kaplan_yorke;
  document["period"] = result.period;
  document["exact_exponents"] = numbers(result.exact_exponents);
  document["point"] = numbers(result.point);
  document["end"] = numbers(s.end);
  document["min"] = numbers(s.minimum);
  document["max"] = numbers(s.maximum);
  document["running"] = Json::array();
  if (s.is_finite)
    for (Index b = 0; b < s.running.rows(); ++b)
      document["running"].push_back(
          {{"time", s.running_times(b)}, {"exponents", numbers(s.running.row(b).transpose())}});
  document["elapsed"] = s.elapsed;
  document["verified"] = is_verified;
  document["configuration"] = Json::parse(command.settings.to_json());
  document["output"] =
      command.run_options.output.empty() ? Json(nullptr) : Json(command.run_options.output);
  document["nullcline"] = version();
  return document.dump(1) + "\n";
}

std::string to_text(const Trajectory& result, const std::string& output) {
  const trajectories::Spectrum& s = result.spectrum;
  std::string text = fmt::format("{}: {}\n", name_of(result.verdict), result.evidence);
  if (s.is_finite) {
    text += result.is_flow ? "exponents per time, with standard errors\n"
                           : "exponents per step, with standard errors\n";
    for (Index i = 0; i < s.exponents.size(); ++i)
      text += fmt::format("{:>3}  {:>14.8g}  {:.2g}\n", i, s.exponents(i), s.errors(i));
    if (std::isfinite(s.mean_divergence) && s.exponents.size() == s.end.size())
      text += fmt::format("their sum {:.10g}; mean {} {:.10g}\n", s.exponents.sum(),
                          result.is_flow ? "divergence" : "of ln |det|", s.mean_divergence);
    if (result.verdict == Verdict::chaos && std::isfinite(result.kaplan_yorke))
      text += fmt::format("Kaplan-Yorke dimension {:.6g}\n", result.kaplan_yorke);
  }
  if (!output.empty()) text += "written to " + output + "\n";
  return text;
}

int Lyapunov::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty()) check_output(output, {path, import_flags.probe, settings.config_path()});
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  if (source.subject.model && settings.is_given("time"))
    throw InvalidInput("--time: a model file says itself whether it is a flow or a map");
  const auto system = source.subject.model
                          ? source.subject.make_system()
                          : models::make_system(*source.subject.network, inputs.time);
  const Vector start = start_of(source.subject, system->n_states());

  const InterruptGuard interrupt;
  Trajectory result;
  {
    ProgressLine line("following", run_options.quiet);
    result = classify_trajectory(*system, held_input(inputs.input, system->n_inputs()), start,
                                 options, make_progress(line, interrupt));
  }
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    NamedArrays file = to_arrays(result);
    results::store_subject(file, source.subject);
    stamp(file, results::kTrajectory, "Trajectory of " + path, settings.to_json(), 0);
    file.attributes["source"] = path;
    io::write_hdf5(output, file);
  }
  const bool is_verified = source.subject.is_verified();
  if (run_options.json) {
    print(to_json(result, *this, is_verified));
  } else {
    print((is_verified ? "" : source.subject.description() + kNotVerified + "\n") +
          to_text(result, output));
  }
  return kDone;
}

}  // namespace

void add_lyapunov(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app =
      root.add_subcommand("lyapunov", "Lyapunov exponents of a trajectory, and what it comes to");
  app->footer(
      "Examples: nullcline lyapunov lorenz.toml --start 1,1,1 --duration 10000\n"
      "          nullcline lyapunov ff.nc --input 0,0,0 --json");
  const auto command = std::make_shared<Lyapunov>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace nullcline::cli
