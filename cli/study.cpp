// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/studies/collect.hpp"
#include "nullcline/studies/report.hpp"
#include "nullcline/studies/run.hpp"
#include "nullcline/studies/slurm.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using studies::Plan;
using studies::UnitState;
using studies::UnitStatus;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostStudyBytes = std::size_t{1} << 20;

struct StudyRunOptions {
  int jobs = 0;
  bool quiet = false;
  bool jsonl = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("jobs", self.jobs, "networks at the same time, a thread each; 0: as many as cores");
    field("quiet", self.quiet, "no progress");
    field("jsonl", self.jsonl, "print an event per line as JSON: each unit's end, and the whole");
  }
};

struct PlanCommand {
  explicit PlanCommand(CLI::App& app) {
    app.add_option("study", path, "the study (.toml)")->required()->option_text("FILE");
    app.add_option("-o,--output", folder, "the folder of the study")
        ->required()
        ->option_text("FOLDER");
    app.add_flag("--json", json, "print the plan's numbers as one JSON document");
  }
  int run() const;

  std::string path, folder;
  bool json = false;
};

int PlanCommand::run() const {
  const Plan plan = studies::make_plan(io::read_text(path, kMostStudyBytes), path);
  write_plan(folder, plan);
  if (json) {
    const Json document = {{"name", plan.name},
                           {"folder", folder},
                           {"n_units", plan.units.size()},
                           {"hash", plan.hash},
                           {"nullcline", version()}};
    print(document.dump(1) + "\n");
  } else {
    print(fmt::format("{}: {} networks planned in {}\nnext: nullcline study run {}\n", plan.name,
                      plan.units.size(), folder, folder));
  }
  return kDone;
}

struct RunCommand {
  explicit RunCommand(CLI::App& app) : settings(app) {
    app.add_option("folder", folder, "the folder of a plan")->required()->option_text("FOLDER");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("units", "Which units [units]", option_fields(options));
  }
  int run();

  std::string folder;
  StudyRunOptions run_options;
  studies::RunOptions options;
  Settings settings;
};

void print_event(const studies::UnitEvent& event) {
  Json line = {{"event", "unit"}, {"key", event.unit->key}, {"state", name_of(event.state)}};
  for (const auto& [name, value] : event.unit->factors) line["factors"][name] = value;
  if (!event.reason.empty()) line["reason"] = event.reason;
  line["seconds"] = event.seconds;
  print(line.dump() + "\n");
  flush_output();
}

Json to_json(const studies::RunSummary& summary) {
  return {{"event", "end"},
          {"n_units", summary.n_units},
          {"n_present", summary.n_present},
          {"n_done", summary.n_done},
          {"n_diverged", summary.n_diverged},
          {"n_failed", summary.n_failed},
          {"interrupted", summary.is_interrupted},
          {"failures", summary.failures}};
}

int RunCommand::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  if (run_options.jobs < 0 || run_options.jobs > 4096)
    throw InvalidInput(
        fmt::format("--jobs: found {}, expected 0 (as many as cores) to 4096", run_options.jobs));
  set_n_threads(run_options.jobs);
  const Plan plan = studies::read_plan(folder);
  const InterruptGuard interrupt;
  studies::RunSummary summary;
  {
    ProgressLine line("networks", run_options.quiet);
    summary = run_study(folder, plan, options, make_progress(line, interrupt),
                        [this](const studies::UnitEvent& event) {
                          if (run_options.jsonl) print_event(event);
                        });
  }
  if (run_options.jsonl)
    print(to_json(summary).dump() + "\n");
  else
    print(fmt::format("{}: {} of {} networks were there, {} trained, {} diverged, {} failed\n",
                      folder, summary.n_present, summary.n_units, summary.n_done,
                      summary.n_diverged, summary.n_failed));
  for (const std::string& failure : summary.failures) print_note("failed: " + failure);
  if (summary.is_interrupted) {
    print_error("stopped; the same command continues");
    return interrupted_exit_code(interrupt.signal(), true);
  }
  return summary.n_failed > 0 ? kFailedUnits : kDone;
}

struct StatusCommand {
  explicit StatusCommand(CLI::App& app) {
    app.add_option("folder", folder, "the folder of a plan")->required()->option_text("FOLDER");
    app.add_flag("--json", json, "print one JSON document");
    app.add_flag("--clean", clean,
                 "remove temporary files that killed runs left; only while no run goes on");
  }
  int run() const;

  std::string folder;
  bool json = false, clean = false;
};

int StatusCommand::run() const {
  const Plan plan = studies::read_plan(folder);
  const std::vector<UnitStatus> status = read_status(folder, plan);
  std::vector<std::string> strays = stray_files(folder, plan);
  if (clean) {
    for (const std::string& path : strays) std::filesystem::remove(path);
    strays.clear();
  }
  std::map<UnitState, std::size_t> counts;
  for (const UnitStatus& one : status) ++counts[one.state];
  Json document = {{"name", plan.name}, {"n_units", plan.units.size()}};
  std::string text = fmt::format("{}: {} networks\n", plan.name, plan.units.size());
  for (const auto& [state, name] : EnumNames<UnitState>::values) {
    document[std::string("n_") + name] = counts[state];
    text += fmt::format("{:<12}{:>8}\n", name, counts[state]);
  }
  document["failures"] = Json::array();
  for (std::size_t i = 0; i < status.size(); ++i) {
    if (status[i].state != UnitState::failed) continue;
    const studies::Failure& failure = status[i].failure;
    document["failures"].push_back({{"key", plan.units[i].key},
                                    {"unit", describe(plan.units[i])},
                                    {"reason", failure.reason},
                                    {"attempts", failure.attempts}});
    text += fmt::format("failed {} times: {} ({}): {}\n", failure.attempts, plan.units[i].key,
                        describe(plan.units[i]), failure.reason);
  }
  const std::string hash = study_hash(status);
  document["stray_files"] = strays;
  document["plan_hash"] = plan.hash;
  document["result_hash"] = hash.empty() ? Json(nullptr) : Json(hash);
  document["nullcline"] = version();
  for (const std::string& path : strays) text += "left by a killed run: " + path + "\n";
  if (!hash.empty()) text += "hash of all results: " + hash + "\n";
  print(json ? document.dump(1) + "\n" : text);
  return counts[UnitState::failed] > 0 ? kFailedUnits : kDone;
}

struct CollectCommand {
  explicit CollectCommand(CLI::App& app) {
    app.add_option("folder", folder, "the folder of a plan")->required()->option_text("FOLDER");
    app.add_option("-o,--output", output, "the file to write (.nc)")
        ->required()
        ->option_text("FILE");
  }
  int run() const;

  std::string folder, output;
};

int CollectCommand::run() const {
  check_output(output, {});
  const Plan plan = studies::read_plan(folder);
  NamedArrays file = collect(folder, plan);
  stamp(file, results::kStudy, "Population: " + plan.name, plan.study, 0);
  io::write_hdf5(output, file);
  const std::vector<std::string> states = file.strings("state");
  const auto n_done = std::count(states.begin(), states.end(), "done");
  print(fmt::format("{}: {} of {} networks\n", output, n_done, states.size()));
  return kDone;
}

struct CompareCommand {
  explicit CompareCommand(CLI::App& app) : is_report(app.get_name() == "report"), settings(app) {
    app.add_option("folder", folder, "the folder of a plan")->required()->option_text("FOLDER");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("compare", "How [compare]", option_fields(options));
  }
  int run();

  bool is_report;
  std::string folder;
  RunOptions run_options;
  studies::CompareOptions options;
  Settings settings;
};

std::string separation_text(const std::vector<studies::TaskComparison>& comparisons) {
  std::string text;
  for (const studies::TaskComparison& comparison : comparisons) {
    text += fmt::format("{}\n  {:<10} {:<12} {:<20} {:>4} {:>7} {:>7}\n", comparison.task, "space",
                        "factor", "among", "n", "R", "p");
    for (const studies::FactorSeparation& row : comparison.separations)
      text += fmt::format("  {:<10} {:<12} {:<20} {:>4} {:>7.3f} {:>7.3f}\n", row.space, row.factor,
                          row.among.empty() ? "all" : row.among, row.n, row.separation.statistic,
                          row.separation.p_value);
    for (const studies::Space& space : comparison.spaces)
      if (!space.warning.empty())
        text += fmt::format("  careful, {}: {}\n", space.name, space.warning);
  }
  return text;
}

int CompareCommand::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const std::string& output = run_options.output;
  if (is_report != output.ends_with(".html"))
    throw InvalidInput(
        fmt::format("--output: found '{}', expected a name {}", output,
                    is_report ? "that ends in .html" : "of a file of distances (.nc)"));
  if (!output.empty()) check_output(output, {settings.config_path()});
  set_n_threads(run_options.threads);
  const Plan plan = studies::read_plan(folder);
  const NamedArrays population = collect(folder, plan);
  const InterruptGuard interrupt;
  std::vector<studies::TaskComparison> comparisons;
  {
    ProgressLine line("comparing", run_options.quiet);
    comparisons = compare_study(folder, plan, options, make_progress(line, interrupt));
  }
  if (interrupt.signal() != 0) {
    print_error("stopped; the same command continues");
    return interrupted_exit_code(interrupt.signal(), true);
  }
  if (comparisons.empty())
    throw FormatError(
        fmt::format("{}: none of {} networks is done, expected some to compare; "
                    "nullcline study run {}",
                    folder, plan.units.size(), folder));
  const Json document = study_document(folder, plan, population, comparisons);
  if (is_report) {
    io::write_text(output, study_page(plan, document));
  } else if (!output.empty()) {
    NamedArrays file = to_arrays(comparisons, plan);
    stamp(file, results::kComparison, "Comparison of the networks of " + plan.name,
          settings.to_json(), options.seed);
    io::write_hdf5(output, file);
  }
  print(run_options.json ? document.dump(1) + "\n" : separation_text(comparisons));
  return kDone;
}

struct SlurmCommand {
  explicit SlurmCommand(CLI::App& app) : settings(app) {
    app.add_option("folder", folder, "the folder of a plan")->required()->option_text("FOLDER");
    settings.add_table("slurm", "Array [slurm]", option_fields(options));
    settings.add_table("", "Run", option_fields(output));
  }
  int run();

  struct Output {
    std::string output;
    template <class Self, class Visitor>
    static void visit_fields(Self& self, Visitor&& field) {
      field("output", self.output, "the script to write; empty: print it");
    }
  };
  std::string folder;
  studies::SlurmOptions options;
  Output output;
  Settings settings;
};

int SlurmCommand::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  const Plan plan = studies::read_plan(folder);
  require_current(folder, plan);
  namespace fs = std::filesystem;
  const std::string whole = fs::canonical(folder).string();
  const std::string script =
      slurm_script(fs::canonical("/proc/self/exe").string(), whole, plan, options);
  std::error_code error;
  fs::create_directories(whole + "/logs", error);
  if (error) throw FormatError(fmt::format("{}/logs: {}", folder, error.message()));
  if (output.output.empty())
    print(script);
  else
    io::write_text(output.output, script);
  return kDone;
}

template <class Command>
void add(CLI::App& study, Subcommands& subcommands, const char* name, const char* what,
         const char* example) {
  CLI::App* app = study.add_subcommand(name, what);
  app->footer(std::string("Example: ") + example);
  const auto command = std::make_shared<Command>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace

void add_study(CLI::App& root, Subcommands& subcommands) {
  CLI::App* study =
      root.add_subcommand("study", "train, analyze and compare a population of networks");
  study->require_subcommand(1);
  study->footer(
      "Example: nullcline study plan universality.toml -o run && nullcline study run run");
  add<PlanCommand>(*study, subcommands, "plan", "write the plan of a study into its folder",
                   "nullcline study plan universality.toml -o run");
  add<RunCommand>(*study, subcommands, "run",
                  "train and analyze the networks that are missing; safe to repeat",
                  "nullcline study run run --shard 0/8 --jobs 2");
  add<CollectCommand>(*study, subcommands, "collect", "gather all networks' results in one file",
                      "nullcline study collect run -o population.nc");
  add<CompareCommand>(*study, subcommands, "compare",
                      "distances between all networks of a task, and what separates them",
                      "nullcline study compare run -o distances.nc");
  add<CompareCommand>(*study, subcommands, "report",
                      "the same as one offline page (-o page.html), with losses, fixed points and "
                      "eigenvalues",
                      "nullcline study report run -o study.html");
  add<SlurmCommand>(*study, subcommands, "slurm",
                    "write a script for sbatch that runs the study as an array",
                    "nullcline study slurm run --cpus 4 -o run.sbatch && sbatch run.sbatch");
  add<StatusCommand>(*study, subcommands, "status", "what is done, what is missing, what failed",
                     "nullcline study status run");
}

}  // namespace nullcline::cli
