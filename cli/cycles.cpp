// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cycles_output.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/continuation/family.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/cycles/branch.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/cycles/results.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/models/network_system.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using cycles::CycleBranch;
using cycles::CycleSet;

struct CyclesOptions {
  std::vector<double> input;
  std::string parameter;
  double from = 0, to = 0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("input", self.input, "held input, such as 0,0,1; default: zeros");
    field("parameter", self.parameter, "follow the cycles as this varies: input[i], gain, a name");
    field("from", self.from, "one end of its interval");
    field("to", self.to, "the other end");
  }
};

struct Cycles {
  explicit Cycles(CLI::App& app) : settings(app) {
    app.add_option("model", path, "a model file (.toml) of a flow, or a network, taken as one")
        ->required()
        ->option_text("FILE");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("cycles", "What to find [cycles]", option_fields(inputs));
    settings.add_table("simulation", "How to find them [simulation]", option_fields(find_options));
    settings.add_table("branches", "How to follow them [branches]", option_fields(branch_options));
    settings.add_table("network", "Imported weights [network]", option_fields(import_flags));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  bool is_followed() const;
  double parameter_value(const dynamics::System& system, const Vector& input) const;

  std::string path;
  RunOptions run_options;
  CyclesOptions inputs;
  cycles::FindOptions find_options;
  cycles::BranchOptions branch_options;
  ImportFlags import_flags;
  ModelFlags model_flags;
  Settings settings;
};

bool Cycles::is_followed() const {
  const bool is_wanted = settings.is_given("parameter");
  for (const char* name : {"from", "to"})
    if (settings.is_given(name) != is_wanted)
      throw InvalidInput("--parameter, --from and --to: found some of them, expected all or none");
  return is_wanted;
}

// Of the parameter, before it varies.
double Cycles::parameter_value(const dynamics::System& system, const Vector& input) const {
  return continuation::Family(system, input, {inputs.parameter}).start();
}

int Cycles::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (!output.empty()) check_output(output, {path, import_flags.probe, settings.config_path()});
  const bool is_branch_wanted = is_followed();
  check_options(branch_options);
  set_n_threads(run_options.threads);
  const NetworkSource source = load_network(path, import_flags, model_flags);
  const auto system = source.subject.model ? source.subject.make_system()
                                           : models::make_system(*source.subject.network,
                                                                 dynamics::Time::continuous);
  if (source.subject.model) source.subject.model->require_box();
  const auto box = system->trapping_box() ? system->trapping_box() : system->search_box();
  if (!box)
    throw InvalidInput(path + ": no box is known in which its cycles are; " +
                       system->no_trapping_box_reason());
  const Vector input = held_input(inputs.input, system->n_inputs());
  const cycles::Interval interval{inputs.parameter, inputs.from, inputs.to};
  if (is_branch_wanted) check_interval(*system, input, interval, branch_options);

  const InterruptGuard interrupt;
  CycleSet set;
  {
    ProgressLine line("searching", run_options.quiet);
    set = find_cycles(*system, input, *box, find_options, make_progress(line, interrupt));
  }
  if (is_branch_wanted && set.cycles.empty() && interrupt.signal() == 0) {
    print_error(fmt::format("no limit cycle was found at {} = {}: nothing to follow",
                            inputs.parameter, parameter_value(*system, input)));
    return kGateFailed;
  }
  std::vector<CycleBranch> branches;
  if (is_branch_wanted)
    branches = continue_cycles(*system, input, set, interval, branch_options,
                               [&] { return interrupt.signal() != 0; });
  if (interrupt.signal() != 0) {
    print_error("interrupted; nothing was written");
    return interrupted_exit_code(interrupt.signal(), false);
  }
  if (!output.empty()) {
    NamedArrays file = to_arrays(set);
    if (is_branch_wanted) file.set_group("branches", to_arrays(branches));
    results::store_subject(file, source.subject);
    stamp(file, results::kCycles, "Cycles of " + path, settings.to_json(), find_options.seed);
    file.attributes["source"] = path;
    io::write_hdf5(output, file);
  }
  CyclesContext context{output, settings.to_json(), inputs.parameter, {}, find_options.seed};
  if (!source.subject.is_verified())
    context.not_verified = source.subject.description() + kNotVerified + "\n";
  print(run_options.json ? cycles_json(set, branches, context)
                         : cycles_text(set, branches, context));
  return kDone;
}

}  // namespace

void add_cycles(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand("cycles", "find the limit cycles of a flow, and follow them");
  app->footer(
      "Examples: nullcline cycles hopf.toml --set alpha=0.5\n"
      "          nullcline cycles hopf.toml --set alpha=0.5 --parameter alpha --from 0.1 --to 1 "
      "--json");
  const auto command = std::make_shared<Cycles>(*app);
  subcommands.push_back({app, [command] { return command->run(); }, true});
}

}  // namespace nullcline::cli
