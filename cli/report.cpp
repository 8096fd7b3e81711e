// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>

#include "console.hpp"
#include "live_page.hpp"
#include "nullcline/io/atomic_file.hpp"
#include "nullcline/results/curves_page.hpp"
#include "nullcline/results/evolution_run.hpp"
#include "nullcline/results/page.hpp"
#include "nullcline/results/perturbation_page.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/portrait_page.hpp"
#include "results.hpp"
#include "settings.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

using results::Axes;
using results::PointsFile;

struct ReportOptions {
  std::string title;
  Axes axes = Axes::pca;
  int mode_point = -1;
  bool live = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("title", self.title, "heading of the page");
    field("axes", self.axes, "axes shown first; the page offers the others");
    field("mode_point", self.mode_point,
          "point whose modes are axes; -1: the one with most unstable directions");
    field("live", self.live,
          "of up to three states: also write the explorer's page (.live.html), and link to it");
  }
};

struct OutputOption {
  std::string output;
  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("output", self.output, "the page to write (.html)");
  }
};

struct Report {
  explicit Report(CLI::App& app) : settings(app) {
    app.add_option("files", paths,
                   "results to show, in any order: fixed points (needed), the "
                   "trained network, the graph; or one portrait or evolution; or perturbations; "
                   "or several trained networks, or one trained online")
        ->required()
        ->option_text("FILES");
    settings.add_table("", "Run", option_fields(output_option));
    settings.add_table("report", "Page [report]", option_fields(options));
  }
  int run();
  bool write_single() const;
  bool write_curves() const;
  bool write_perturbations() const;
  void write(const report::PageContent& page) const;
  std::string write_live(const results::PageSources& parts, const PointsFile& points) const;

  std::vector<std::string> paths;
  OutputOption output_option;
  ReportOptions options;
  Settings settings;
};

/// The files of one page, told apart by what they say they are.
struct Sources {
  std::optional<PointsFile> points;
  std::optional<NamedArrays> trained, graph;
  std::string trained_path, graph_path;
};

Sources read_sources(const std::vector<std::string>& paths) {
  Sources sources;
  for (const std::string& path : paths) {
    NamedArrays file = read_result(path);
    const std::string kind = text_or_empty(file.attributes, kKindAttribute);
    const auto once = [&](bool already) {
      if (already) throw InvalidInput(fmt::format("{}: a second file of kind {}", path, kind));
    };
    if (kind == kFixedPoints) {
      once(sources.points.has_value());
      sources.points = results::points_of(path, std::move(file));
    } else if (kind == kTrainedNetwork) {
      once(sources.trained.has_value());
      sources.trained = std::move(file);
      sources.trained_path = path;
    } else if (kind == kGraph) {
      once(sources.graph.has_value());
      sources.graph = std::move(file);
      sources.graph_path = path;
    } else {
      throw FormatError(
          fmt::format("{}: found {}, expected fixed points, a trained network or a graph", path,
                      kind.empty() ? "a file of another program" : kind));
    }
  }
  if (!sources.points)
    throw InvalidInput("files: no fixed points among them (nullcline fixed-points -o makes some)");
  return sources;
}

std::vector<topology::Graph> graphs(const Sources& sources) {
  if (!sources.graph) return {};
  const PointsFile& points = *sources.points;
  if (text_or_empty(sources.graph->attributes, "points_fingerprint") !=
      results::points_fingerprint(points.sets, points.orbits))
    throw FormatError(fmt::format("{}: a graph of other points than those in {}",
                                  sources.graph_path, points.path));
  return results::graphs_of(sources.graph_path, *sources.graph);
}

void check_network(const Sources& sources) {
  if (!sources.trained) return;
  const models::Network network = reading(sources.trained_path, [&] {
    return models::network_from_arrays(sources.trained->group("network"));
  });
  if (text_or_empty(sources.points->file.attributes, "network_fingerprint") !=
      network_fingerprint(network))
    throw FormatError(fmt::format("{}: another network than the one whose fixed points are in {}",
                                  sources.trained_path, sources.points->path));
}

// Whether the only file is one of a portrait or an evolution, of which this is then the page.
bool Report::write_single() const {
  if (paths.size() != 1) return false;
  const NamedArrays file = read_result(paths[0]);
  const std::string kind = text_or_empty(file.attributes, kKindAttribute);
  if (kind != results::kPortrait && kind != results::kEvolution) return false;
  const std::string stored = text_or_empty(file.attributes, "title");
  const std::string html = reading(paths[0], [&] {
    const std::string title = options.title.empty() ? stored : options.title;
    return kind == results::kPortrait ? results::portrait_page(file, title)
                                      : results::evolution_page(file, title);
  });
  io::write_text(output_option.output, html);
  print(
      fmt::format("{}: {:.2f} MB\n", output_option.output, static_cast<double>(html.size()) / 1e6));
  return true;
}

// Whether the files are two or more trained networks and nothing else, or one trained online.
bool Report::write_curves() const {
  const std::optional<report::PageContent> page = results::curves_page(paths, options.title);
  if (!page) return false;
  write(*page);
  return true;
}

// Whether all files are perturbation studies.
bool Report::write_perturbations() const {
  std::vector<results::StudyFile> studies;
  for (const std::string& path : paths) {
    NamedArrays file = read_result(path);
    if (text_or_empty(file.attributes, kKindAttribute) != results::kPerturbation) return false;
    studies.push_back({path, std::move(file)});
  }
  std::string title = options.title;
  if (title.empty())
    title = paths.size() == 1 ? text_or_empty(studies[0].file.attributes, "title")
                              : fmt::format("Perturbations of {} networks", paths.size());
  write(results::perturbation_page(studies, title));
  return true;
}

void Report::write(const report::PageContent& page) const {
  const std::string html = report::render_page(page);
  io::write_text(output_option.output, html);
  print(
      fmt::format("{}: {:.2f} MB\n", output_option.output, static_cast<double>(html.size()) / 1e6));
}

// The explorer's page of the same system beside this one; its name.
std::string Report::write_live(const results::PageSources& parts, const PointsFile& points) const {
  const std::filesystem::path path =
      std::filesystem::path(output_option.output).replace_extension(".live.html");
  const std::string html =
      live_page(points.subject, points.path, parts.title, points.sets.front().input, {});
  io::write_text(path.string(), html);
  print(fmt::format("{}: {:.2f} MB\n", path.string(), static_cast<double>(html.size()) / 1e6));
  return path.filename().string();
}

int Report::run() {
  settings.resolve();
  if (settings.print_config()) {
    print(settings.to_toml());
    return kDone;
  }
  std::vector<std::string> inputs = paths;
  inputs.push_back(settings.config_path());
  check_output(output_option.output, inputs);
  if (options.live) check_live(output_option.output);
  if (write_single() || write_perturbations() || write_curves()) return kDone;
  const Sources sources = read_sources(paths);
  check_network(sources);
  const PointsFile& points = *sources.points;
  const auto system = points.subject.make_system();

  results::PageSources parts;
  parts.title = options.title;
  if (parts.title.empty()) {
    const std::filesystem::path name = sources.trained ? sources.trained_path : points.path;
    parts.title = "Fixed points of " + name.stem().string();
  }
  parts.system = system.get();
  parts.network = points.subject.network_or_null();
  parts.sets = points.sets;
  parts.orbits = points.orbits;
  parts.visited = points.visited;
  parts.graphs = graphs(sources);
  if (!options.live) parts.points_path = points.path;  // otherwise the link stands in its place
  parts.points_attributes = points.file.attributes;
  if (sources.graph) parts.graph_attributes = sources.graph->attributes;
  parts.trained = sources.trained;
  parts.trained_path = sources.trained_path;
  report::PageContent page = results::make_page(parts, options.axes, options.mode_point);
  if (options.live) page.live_page = write_live(parts, points);
  write(page);
  return kDone;
}

}  // namespace

void add_report(CLI::App& root, Subcommands& subcommands) {
  CLI::App* app = root.add_subcommand("report", "write one offline page about a network");
  app->footer("Example: nullcline report ff.nc ff.points.nc ff.graph.nc -o ff.html --axes readout");
  const auto command = std::make_shared<Report>(*app);
  subcommands.push_back({app, [command] { return command->run(); }});
}

}  // namespace nullcline::cli
