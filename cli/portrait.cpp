// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/portrait.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "interrupt.hpp"
#include "live_page.hpp"
#include "network_source.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/portrait/results.hpp"
#include "nullcline/report/verdict.hpp"
#include "nullcline/results/portrait_page.hpp"
#include "portrait_output.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using dynamics::Time;
using portrait::PortraitOptions;

struct PortraitInputs {
  std::vector<double> input;
  bool compare_time = false;
  std::string title;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("input", self.input, "held input, such as 0,0,1; default: zeros");
    field("compare_time", self.compare_time, "show the flow and the map of a cell side by side");
    field("title", self.title, "heading of the page");
  }
};

struct LiveOption {
  bool live = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("live", self.live, "write a page that computes itself, with sliders (the explorer)");
  }
};

struct Portrait {
  explicit Portrait(CLI::App& app) : settings(app) {
    app.add_option("model", path, "a model file (.toml), or a network, of one to three states")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("", "Run", option_fields(live_option));
    settings.add_table("portrait", "What to show [portrait]", option_fields(inputs));
    settings.add_table("picture", "How to find it [picture]", option_fields(options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  void check_live_flags();
  int write_live(const NetworkSource& source, const dynamics::System& system) const;
  std::string title() const;

  std::string path;
  RunOptions run_options;
  LiveOption live_option;
  PortraitInputs inputs;
  PortraitOptions options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

// A mistake in an option is one on the command line: its name gets the dashes of a flag.
template <class Make>
auto with_flag_names(const std::string& path, Make&& make) {
  try {
    return make();
  } catch (const InvalidInput& error) {
    const std::string message = error.what();
    std::string name = message.substr(0, message.find(':'));
    const std::string rest = message.substr(name.size());
    if (name == "model") throw InvalidInput(path + rest);
    std::replace(name.begin(), name.end(), '_', '-');
    throw InvalidInput("--" + name + rest);
  }
}

// The flow and the map of the same cell, in this order.
std::pair<std::unique_ptr<dynamics::System>, std::unique_ptr<dynamics::System>> both_times(
    const results::Subject& subject) {
  const models::Network* network = subject.network_or_null();
  if (!network)
    throw InvalidInput(
        "--compare-time: found equations, which are a flow or a map, expected a cell, which is "
        "both");
  return {models::make_system(*network, Time::continuous),
          models::make_system(*network, Time::discrete)};
}

// What a live page has no use for, as it computes for itself.
void Portrait::check_live_flags() {
  check_live(run_options.output);
  std::vector<std::string> names{"compare_time"};
  for (const OptionField& field : option_fields(options))
    if (field.name != "box") names.push_back(field.name);
  for (std::string name : names) {
    if (!settings.is_given(name)) continue;
    std::replace(name.begin(), name.end(), '_', '-');
    throw InvalidInput(
        "--live: found --" + name +
        ", expected --set, --input, --box and --title alone: the page computes the rest");
  }
}

std::string Portrait::title() const {
  return inputs.title.empty() ? "Portrait of " + std::filesystem::path(path).stem().string()
                              : inputs.title;
}

int Portrait::write_live(const NetworkSource& source, const dynamics::System& system) const {
  const Vector input = held_input(inputs.input, system.n_inputs());
  const std::string html = live_page(source.subject, path, title(), input, options.box);
  // What the page computes first: it can be shown.
  PortraitOptions coarse = options;
  coarse.grid = 11;
  with_flag_names(path, [&] { return make_sketch(system, input, coarse); });
  io::write_text(run_options.output, html);
  if (run_options.json) {
    const nlohmann::ordered_json document{{"output", run_options.output},
                                          {"bytes", html.size()},
                                          {"verified", source.subject.is_verified()},
                                          {"nullcline", version()}};
    print(document.dump() + "\n");
    return kDone;
  }
  print(fmt::format(
      "{}{}: {:.2f} MB\n",
      source.subject.is_verified() ? "" : source.subject.description() + kNotVerified + "\n",
      run_options.output, static_cast<double>(html.size()) / 1e6));
  return kDone;
}

int Portrait::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (live_option.live) check_live_flags();
  if (!output.empty()) check_output(output, {path, import_flags.probe, settings.config_path()});
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  if (source.subject.model) source.subject.model->require_box();
  auto system = source.subject.make_system();
  if (live_option.live) return write_live(source, *system);
  std::unique_ptr<dynamics::System> map;
  if (inputs.compare_time) std::tie(system, map) = both_times(source.subject);
  const Vector input = held_input(inputs.input, system->n_inputs());
  const std::vector<std::string> names = results::state_names(source.subject);

  const InterruptGuard interrupt;
  std::optional<portrait::Portrait> shown, discrete;
  {
    ProgressLine line("portrait", run_options.quiet);
    const Progress progress = make_progress(line, interrupt);
    with_flag_names(path, [&] {
      shown = make_portrait(*system, input, options, names, progress);
      if (map) discrete = make_portrait(*map, input, options, names, progress);
    });
  }
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    NamedArrays file = to_arrays(*shown);
    if (discrete) file.set_group("discrete", to_arrays(*discrete));
    results::store_subject(file, source.subject);
    stamp(file, results::kPortrait, title(), settings.to_json(), options.seed);
    file.attributes["source"] = path;
    file.attributes["description"] = source.subject.description();
    if (output.ends_with(".html"))
      io::write_text(output, results::portrait_page(file, title()));
    else
      io::write_hdf5(output, file);
  }
  PortraitContext context{
      output, settings.to_json(), {}, report::verdict(shown->points), options.seed};
  if (!source.subject.is_verified())
    context.not_verified = source.subject.description() + kNotVerified + "\n";
  const portrait::Portrait* other = discrete ? &*discrete : nullptr;
  print(run_options.json ? portrait_json(*shown, other, context)
                         : portrait_text(*shown, other, context));
  return kDone;
}

}  // namespace

void add_portrait(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand("portrait", "draw the phase portrait of one to three states");
  app->footer(
      "Examples: nullcline portrait hopf.toml --set alpha=0.5 -o hopf.html\n"
      "          nullcline portrait hopf.toml --start 0.1,0 --compare-time -o hopf.nc --json\n"
      "          nullcline portrait hopf.toml --live -o hopf.live.html");
  const auto command = std::make_shared<Portrait>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace nullcline::cli
