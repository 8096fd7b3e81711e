// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "census_output.hpp"
#include "interrupt.hpp"
#include "network_source.hpp"
#include "nullcline/census/results.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/census_page.hpp"
#include "nullcline/results/checkpoint.hpp"
#include "results.hpp"
#include "run_options.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using results::CensusFamily;
using results::CensusResult;
using Clock = std::chrono::steady_clock;

constexpr double kSecondsBetweenSaves = 2;

struct CensusOptions {
  std::string vary;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("vary", self.vary, "a parameter and its range, name=low:high; may be given again");
  }
};

struct GalleryOption {
  std::string gallery;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("gallery", self.gallery, "a page with a portrait of each topology, to write (.html)");
  }
};

struct Census {
  explicit Census(CLI::App& app) : settings(app) {
    app.add_option("what", words,
                   "a cell (gru, lstm, ugrnn, vanilla) or a model file (.toml); or: merge, and "
                   "files of shards (.nc)")
        ->required()
        ->option_text("CELL|FILE|merge FILES");
    settings.add_table("", "Run", option_fields(run_options));
    settings.add_table("", "Run", option_fields(gallery_option));
    app.add_flag("--restart", restart, "discard a checkpoint instead of continuing from it")
        ->group("Run");
    settings.add_table("census", "What differs [census]", option_fields(options));
    settings.add_table("sample", "Which networks [sample]", option_fields(sample));
    settings.add_table("cell", "Weights of a cell [cell]", option_fields(ranges));
    settings.add_table("skeleton", "One network [skeleton]", option_fields(skeleton));
    settings.add_table("model", "Model files [model]", option_fields(model_flags));
  }
  int run();
  int take();
  int merge_shards();
  CensusFamily family() const;
  void check_flags() const;
  int finish(const CensusResult& result, double seconds);
  std::string configuration(const CensusFamily& family) const;

  std::vector<std::string> words;
  RunOptions run_options;
  GalleryOption gallery_option;
  CensusOptions options;
  census::SampleOptions sample;
  results::CellRanges ranges;
  census::SkeletonOptions skeleton;
  ModelFlags model_flags;
  bool restart = false;
  Settings settings;
};

CensusFamily Census::family() const {
  const std::string& what = words.front();
  if (interchange::is_model_path(what)) {
    for (const char* name : {"units", "range", "biases", "time"})
      if (settings.is_given(name))
        throw InvalidInput(fmt::format("--{}: is for cells, found the model file {}", name, what));
    const NetworkSource source = load_network(what, {}, model_flags);
    source.subject.model->require_box();
    return CensusFamily::of_model(*source.subject.model, options.vary);
  }
  if (!model_flags.set.empty())
    throw InvalidInput("--set: is for model files (.toml), found " + what);
  if (what.find('.') != std::string::npos)
    throw InvalidInput(
        fmt::format("found '{}', expected a cell, a model file (.toml) or merge", what));
  return CensusFamily::of_cell(parse_enum<models::CellKind>(what, "cell"), ranges, options.vary);
}

void Census::check_flags() const {
  const bool is_merge = words.front() == "merge";
  if (!is_merge && words.size() > 1)
    throw InvalidInput(fmt::format("unknown argument '{}'", words[1]));
  if (is_merge && words.size() < 2)
    throw InvalidInput("merge: found no file, expected the files of shards");
  if (!gallery_option.gallery.empty() && !gallery_option.gallery.ends_with(".html"))
    throw InvalidInput(fmt::format("--gallery: found {}, expected a name that ends in .html",
                                   gallery_option.gallery));
}

int Census::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  check_flags();
  std::vector<std::string> inputs = words;
  inputs.push_back(settings.config_path());
  for (const std::string& path : {run_options.output, gallery_option.gallery})
    if (!path.empty()) check_output(path, inputs);
  set_n_threads(run_options.threads);
  return words.front() == "merge" ? merge_shards() : take();
}

// What a census depends on: the flags, and the system with the values that do not differ.
std::string Census::configuration(const CensusFamily& family) const {
  auto document = nlohmann::ordered_json::parse(settings.to_json());
  const auto n = static_cast<Index>(family.ranges().size());
  document["census"]["what"] = words.front();
  document["census"]["system"] = family.model_text(Vector::Zero(n));
  return document.dump();
}

int Census::take() {
  CensusResult result{family(), {}, sample.grid == 0 && sample.seek == census::Seek::none};
  const std::string& output = run_options.output;
  const results::Checkpoint checkpoint(output + ".checkpoint", configuration(result.family),
                                       "; --restart discards it");
  std::optional<census::Census> resume;
  if (!output.empty()) {
    if (restart) checkpoint.remove();
    if (const auto state = checkpoint.read())
      resume = reading(checkpoint.path(), [&] { return census::census_from_arrays(*state); });
  }
  const InterruptGuard interrupt;
  const auto begin = Clock::now();
  auto saved = begin;
  const auto save = [&](const census::Census& so_far) {
    const bool is_due =
        std::chrono::duration<double>(Clock::now() - saved).count() >= kSecondsBetweenSaves;
    if (output.empty() || (!is_due && interrupt.signal() == 0)) return;
    checkpoint.save(census::to_arrays(so_far));
    saved = Clock::now();
  };
  {
    ProgressLine line("counting", run_options.quiet);
    result.census = take_census(result.family.family(), result.family.ranges(), sample, skeleton,
                                make_progress(line, interrupt), resume ? &*resume : nullptr, save);
  }
  if (!is_complete(result.census, sample)) {
    print_error(output.empty()
                    ? "interrupted; nothing was written"
                    : fmt::format("stopped after {} networks; the same command continues from {}",
                                  result.census.n_networks, checkpoint.path()));
    return interrupted_exit_code(interrupt.signal(), !output.empty());
  }
  const int code = finish(result, std::chrono::duration<double>(Clock::now() - begin).count());
  if (!output.empty()) checkpoint.remove();
  return code;
}

int Census::merge_shards() {
  std::vector<census::Census> shards;
  std::optional<CensusResult> result;
  std::string text;
  for (std::size_t i = 1; i < words.size(); ++i) {
    CensusResult one = results::census_from_arrays(read_result(words[i]), words[i]);
    const std::string here =
        one.family.model_text(Vector::Zero(static_cast<Index>(one.census.ranges.size())));
    if (!result) {
      text = here;
    } else if (here != text) {
      throw InvalidInput(fmt::format("{}: found other networks than in {}", words[i], words[1]));
    }
    shards.push_back(one.census);
    const bool is_sample = one.is_sample;
    if (!result) result = std::move(one);
    result->is_sample = result->is_sample && is_sample;
  }
  result->census = census::merge(shards);
  return finish(*result, 0);
}

int Census::finish(const CensusResult& result, double seconds) {
  const CensusContext context{run_options.output, gallery_option.gallery,
                              configuration(result.family), seconds, sample.seed};
  const std::string title = "Census of " + result.family.description();
  if (!context.output.empty()) {
    NamedArrays file = census_to_arrays(result);
    stamp(file, results::kCensus, title, context.configuration, sample.seed);
    io::write_hdf5(context.output, file);
  }
  if (!context.gallery.empty()) io::write_text(context.gallery, census_page(result, title));
  print(run_options.json ? census_json(result, context) : census_text(result, context));
  return kDone;
}

}  // namespace

void add_census(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand(
      "census", "sort many flows or maps by their fixed points, cycles and connections");
  app->footer(
      "An interrupted census leaves FILE.checkpoint; the same command continues from it.\n"
      "Examples: nullcline census gru --units 2 --samples 100000 --seed 1 -o gru.nc --gallery "
      "gru.html\n"
      "          nullcline census hopf.toml --vary alpha=0:1.5 --grid 200 -o hopf.nc\n"
      "          nullcline census vanilla --time discrete --n-trajectories 8 --samples 1000");
  const auto command = std::make_shared<Census>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
