// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "continue_output.hpp"
#include "diagram.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/continuation/continue.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/cycles/born.hpp"
#include "nullcline/cycles/results.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/models/network_line.hpp"
#include "nullcline/models/network_system.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using continuation::Continuation;
using continuation::ParameterRange;

struct ContinueOptions {
  std::string parameter, second_parameter, to_network;
  double from = 0, to = 0, second_from = 0, second_to = 0;
  std::vector<double> input;
  dynamics::Time time = dynamics::Time::discrete;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("parameter", self.parameter, "what varies: input[i], gain, line, or a name of the model");
    field("from", self.from, "one end of its interval");
    field("to", self.to, "the other end");
    field("second_parameter", self.second_parameter, "also follow the events as this one varies");
    field("second_from", self.second_from, "one end of its interval");
    field("second_to", self.second_to, "the other end");
    field("input", self.input, "held input, such as 0,0,1; default: zeros");
    field("to_network", self.to_network,
          "a second network of the same shape: the parameter line goes from 0 to 1 between them");
    field("time", self.time, "networks: discrete (the map) | continuous (the flow F - h)");
  }
};

struct Continue {
  explicit Continue(CLI::App& app) : settings(app) {
    app.add_option("network", path,
                   "a model file (.toml), a trained network (.nc) or weights (.pt, .npz, .h5, ...)")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("continue", "What to follow [continue]", option_fields(inputs));
    settings.add_table("continuation", "How to follow it [continuation]", option_fields(options));
    settings.add_table("cycles", "Cycles of flows [cycles]", option_fields(cycle_options));
    settings.add_table("search", "How to search the starts [search]",
                       option_fields(options.search));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  ParameterRange first_range() const;
  std::optional<ParameterRange> second_range() const;
  std::unique_ptr<dynamics::System> make_system(const NetworkSource& source) const;

  std::string path;
  RunOptions run_options;
  ContinueOptions inputs;
  continuation::ContinuationOptions options;
  cycles::BornOptions cycle_options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

ParameterRange Continue::first_range() const {
  for (const char* name : {"parameter", "from", "to"})
    if (!settings.is_given(name))
      throw InvalidInput(
          fmt::format("--{}: is missing, expected --parameter NAME --from A --to B", name));
  return {inputs.parameter, inputs.from, inputs.to};
}

std::optional<ParameterRange> Continue::second_range() const {
  const bool is_wanted = settings.is_given("second_parameter");
  for (const char* name : {"second_from", "second_to"})
    if (settings.is_given(name) != is_wanted)
      throw InvalidInput(
          "--second-parameter, --second-from and --second-to: found some of them, expected all or "
          "none");
  if (!is_wanted) return std::nullopt;
  return ParameterRange{inputs.second_parameter, inputs.second_from, inputs.second_to};
}

std::unique_ptr<dynamics::System> Continue::make_system(const NetworkSource& source) const {
  const bool is_line = !inputs.to_network.empty();
  if (source.subject.model) {
    if (is_line) throw InvalidInput("--to-network: is for two networks, found a model file");
    source.subject.model->require_box();
    return source.subject.make_system();
  }
  if (!is_line) return models::make_system(*source.subject.network, inputs.time);
  const NetworkSource other = load_network(inputs.to_network, import_flags);
  if (!other.subject.network)
    throw InvalidInput("--to-network: found a model file, expected a network");
  return models::make_system(models::network_line(*source.subject.network, *other.subject.network),
                             inputs.time);
}

int Continue::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty())
    check_output(output, {path, inputs.to_network, import_flags.probe, settings.config_path()});
  const ParameterRange range = first_range();
  const std::optional<ParameterRange> second = second_range();
  check_options(options);
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  if (source.subject.model && settings.is_given("time"))
    throw InvalidInput("--time: a model file says itself whether it is a flow or a map");
  const auto system = make_system(source);

  const InterruptGuard interrupt;
  Continuation result;
  cycles::BornBranches born;
  {
    ProgressLine line("continuing", run_options.quiet);
    const Progress progress = make_progress(line, interrupt);
    result = continue_branches(*system, held_input(inputs.input, system->n_inputs()), range, second,
                               options, progress);
    if (interrupt.signal() == 0)
      born = continue_born_cycles(*system, result, cycle_options, progress);
  }
  result.warnings.insert(result.warnings.end(), born.warnings.begin(), born.warnings.end());
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (result.branches.empty()) {
    // Points that were found and could not be followed have a warning of their own.
    print_error(result.warnings.empty()
                    ? fmt::format("no {} was found for {} from {} to {}: nothing to follow",
                                  system->time() == dynamics::Time::continuous ? "equilibrium"
                                  : options.period == 1                        ? "fixed point"
                                                        : "orbit of this period",
                                  range.name, range.from, range.to)
                    : result.warnings.front());
    return kGateFailed;
  }
  if (!output.empty() && !is_page(output)) {
    NamedArrays file = to_arrays(result);
    if (!born.branches.empty()) file.set_group("cycles", to_arrays(born.branches));
    results::store_subject(file, source.subject);
    stamp(file, kContinuation, "Continuation of " + path, settings.to_json(), options.search.seed);
    file.attributes["source"] = path;
    if (!inputs.to_network.empty()) file.attributes["to_network"] = inputs.to_network;
    io::write_hdf5(output, file);
  }
  ContinuationContext context;
  context.output = output;
  context.configuration = settings.to_json();
  context.seed = options.search.seed;
  if (!source.subject.is_verified())
    context.not_verified = source.subject.description() + kNotVerified + "\n";
  const std::string json =
      run_options.json || is_page(output) ? continuation_json(result, born.branches, context) : "";
  if (is_page(output))
    write_diagram(output, report::DiagramPage::Kind::branches, path, source.subject, json);
  print(run_options.json ? json : continuation_text(result, born.branches, context));
  return kDone;
}

}  // namespace

void add_continue(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "continue",
      "follow fixed points, and the cycles of their Hopf points, as a parameter changes");
  app->footer(
      "Examples: nullcline continue hopf.toml --parameter alpha --from 1.2 --to 0.3 -o branch.nc\n"
      "          nullcline continue ff.nc --parameter input[0] --from -1 --to 1\n"
      "          nullcline continue a.nc --to-network b.nc --parameter line --from 0 --to 1\n"
      "          nullcline continue ff.nc --parameter gain --from 0.2 --to 1.5 --json\n"
      "          nullcline continue ff.nc --parameter gain --from 0.2 --to 1.5 \\\n"
      "            --second-parameter input[0] --second-from -1 --second-to 1");
  const auto command = std::make_shared<Continue>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace nullcline::cli
