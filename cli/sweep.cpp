// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/sweeps/sweep.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "diagram.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/models/network_system.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null
using sweeps::Axis;
using sweeps::Quantity;

struct SweepFlags {
  std::string parameter, second_parameter;
  double from = 0, to = 0, second_from = 0, second_to = 0;
  int steps = 21, second_steps = 21;
  Quantity quantity = Quantity::n_fixed_points;
  std::vector<double> input;
  dynamics::Time time = dynamics::Time::discrete;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("quantity", self.quantity, "what is computed at each place");
    field("parameter", self.parameter, "what varies: input[i], gain, or a name of the model");
    field("from", self.from, "one end of its interval");
    field("to", self.to, "the other end");
    field("steps", self.steps, "values in it, both ends among them");
    field("second_parameter", self.second_parameter, "a second one: a grid of both");
    field("second_from", self.second_from, "one end of its interval");
    field("second_to", self.second_to, "the other end");
    field("second_steps", self.second_steps, "values in it");
    field("input", self.input, "held input, such as 0,0,1; default: zeros");
    field("time", self.time, "networks: discrete (the map) | continuous (the flow F - h)");
  }
};

struct Sweep {
  explicit Sweep(CLI::App& app) : settings(app) {
    app.add_option("model", path, "a model file (.toml), a trained network (.nc) or weights")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("sweep", "The grid [sweep]", option_fields(flags));
    settings.add_table("search", "At each place [search]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  std::vector<Axis> axes() const;
  std::string json(const sweeps::Sweep& result, bool is_verified) const;

  std::string path;
  RunOptions run_options;
  SweepFlags flags;
  sweeps::SweepOptions options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

std::vector<Axis> Sweep::axes() const {
  for (const char* name : {"parameter", "from", "to"})
    if (!settings.is_given(name))
      throw InvalidInput(
          fmt::format("--{}: is missing, expected --parameter NAME --from A --to B", name));
  std::vector<Axis> result{{flags.parameter, flags.from, flags.to, flags.steps}};
  const bool is_wanted = settings.is_given("second_parameter");
  for (const char* name : {"second_from", "second_to"})
    if (settings.is_given(name) != is_wanted)
      throw InvalidInput(
          "--second-parameter, --second-from and --second-to: found some of them, expected all or "
          "none");
  if (is_wanted)
    result.push_back(
        {flags.second_parameter, flags.second_from, flags.second_to, flags.second_steps});
  return result;
}

std::string Sweep::json(const sweeps::Sweep& result, bool is_verified) const {
  const auto numbers = [](ConstVectorRef values) {
    return std::vector<double>(values.data(), values.data() + values.size());
  };
  const bool is_grid = result.parameters.size() > 1;
  const auto rows = [&](const Matrix& values) {
    Json list = Json::array();
    for (Index i = 0; i < values.rows(); ++i)
      list.push_back(is_grid ? Json(numbers(values.row(i).transpose())) : Json(values(i, 0)));
    return list;
  };
  Json document;
  document["quantity"] = name_of(result.quantity);
  document["parameters"] = result.parameters;
  document["values"] = Json::array();
  for (const Vector& values : result.values) document["values"].push_back(numbers(values));
  document["result"] = rows(result.result);
  document["doubt"] = rows(result.doubt);
  document["seconds"] = result.seconds;
  document["verified"] = is_verified;
  document["configuration"] = Json::parse(settings.to_json());
  document["output"] = run_options.output.empty() ? Json(nullptr) : Json(run_options.output);
  document["nullcline"] = version();
  return document.dump(1) + "\n";
}

// The grid itself, where it is narrow enough to be read; else its range.
std::string to_text(const sweeps::Sweep& result) {
  constexpr Index kMostColumns = 12;
  std::string text = fmt::format("{} over {}", name_of(result.quantity), result.parameters[0]);
  const bool is_grid = result.parameters.size() > 1;
  if (is_grid) text += " (down) and " + result.parameters[1] + " (across)";
  text += "\n";
  if (result.result.cols() <= kMostColumns) {
    if (is_grid) {
      text += fmt::format("{:>12}", "");
      for (const double value : result.values[1]) text += fmt::format(" {:>11.5g}", value);
      text += "\n";
    }
    for (Index i = 0; i < result.result.rows(); ++i) {
      text += fmt::format("{:>12.6g}", result.values[0](i));
      for (const double value : result.result.row(i))
        text += std::isnan(value) ? fmt::format(" {:>11}", "-") : fmt::format(" {:>11.6g}", value);
      text += "\n";
    }
  }
  Index n_known = 0;
  double least = 0, most = 0;
  for (const double value : result.result.reshaped()) {
    if (std::isnan(value)) continue;
    least = n_known == 0 ? value : std::min(least, value);
    most = n_known == 0 ? value : std::max(most, value);
    ++n_known;
  }
  return text + (n_known == 0 ? fmt::format("none at any of {} places\n", result.result.size())
                              : fmt::format("{:.6g} to {:.6g} at {} of {} places\n", least, most,
                                            n_known, result.result.size()));
}

int Sweep::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty()) check_output(output, {path, import_flags.probe, settings.config_path()});
  const std::vector<Axis> grid = axes();
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  if (source.subject.model && settings.is_given("time"))
    throw InvalidInput("--time: a model file says itself whether it is a flow or a map");
  if (source.subject.model) source.subject.model->require_box();
  const auto system = source.subject.model
                          ? source.subject.make_system()
                          : models::make_system(*source.subject.network, flags.time);
  const InterruptGuard interrupt;
  sweeps::Sweep result;
  {
    ProgressLine line("sweeping", run_options.quiet);
    result = sweeps::sweep(*system, held_input(flags.input, system->n_inputs()), grid,
                           flags.quantity, options, make_progress(line, interrupt));
  }
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  const bool is_verified = source.subject.is_verified();
  if (is_page(output)) {
    write_diagram(output, report::DiagramPage::Kind::sweep, path, source.subject,
                  json(result, is_verified));
  } else if (!output.empty()) {
    NamedArrays file = to_arrays(result);
    results::store_subject(file, source.subject);
    stamp(file, results::kSweep, "Sweep of " + path, settings.to_json(), options.seed);
    file.attributes["source"] = path;
    io::write_hdf5(output, file);
  }
  if (run_options.json) {
    print(json(result, is_verified));
    return kDone;
  }
  print((is_verified ? "" : source.subject.description() + kNotVerified + "\n") + to_text(result) +
        (output.empty() ? "" : "written to " + output + "\n"));
  return kDone;
}

}  // namespace

void add_sweep(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "sweep", "a quantity, such as the number of fixed points, over one or two parameters");
  app->footer(
      "Examples: nullcline sweep examples/jordan-2021/eq8.toml --quantity cycle_frequency \\\n"
      "            --parameter alpha --from 0.15 --to 0.84 --steps 40 --second-parameter s \\\n"
      "            --second-from 0 --second-to 2 -o frequency.nc\n"
      "          nullcline sweep ff.nc --parameter gain --from 0.2 --to 1.5 --steps 100 --json");
  const auto command = std::make_shared<Sweep>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace nullcline::cli
