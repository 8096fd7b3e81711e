// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/perturbation_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "nullcline/core/error.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

using report::LinePanel;

struct Kind {
  const char* name;
  const char* label;  // of the axis of its levels
  bool is_logarithmic;
};
constexpr std::array kKinds{
    Kind{"noise", "standard deviation of the noise", true},
    Kind{"prune", "share of the weights pruned, smallest first", false},
    Kind{"prune-random", "share of the weights pruned at random", false},
};

struct Kept {
  const char* array;
  const char* reference;
  const char* label;
};
constexpr std::array kKept{
    Kept{"points_kept", "reference_points", "points"},
    Kept{"edges_kept", "reference_edges", "edges"},
    Kept{"cycles_kept", "reference_cycles", "cycles"},
};

// One study, with what it must have.
class Reader {
 public:
  explicit Reader(const NamedArrays& file)
      : file_(file),
        kinds_(file.strings("kind")),
        levels_(file.vector("size")),
        n_trials_(file.integers("n_trials")) {
    if (levels_.size() != n_levels() || n_trials_.size() != kinds_.size())
      throw FormatError("arrays 'kind', 'size' and 'n_trials' do not fit together");
  }

  // Means of a row of trials, divided by `whole`, for the levels of a kind.
  LinePanel::Line line(const Kind& kind, const char* array, double whole) const {
    const Matrix values = file_.matrix(array);
    if (values.rows() != n_levels())
      throw FormatError(fmt::format("array '{}' has {} rows, expected {} as 'kind'", array,
                                    values.rows(), n_levels()));
    LinePanel::Line line;
    for (Index k = 0; k < n_levels(); ++k) {
      if (kinds_[static_cast<std::size_t>(k)] != kind.name) continue;
      if (kind.is_logarithmic && !(levels_(k) > 0)) continue;
      const auto n = static_cast<Index>(n_trials_[static_cast<std::size_t>(k)]);
      if (n < 1 || n > values.cols())
        throw FormatError(
            fmt::format("array 'n_trials' has {}, expected 1 to {}", n, values.cols()));
      const Eigen::ArrayXd trials = values.row(k).head(n).transpose().array() / whole;
      if (!trials.allFinite()) continue;
      const double mean = trials.mean();
      line.x.push_back(levels_(k));
      line.y.push_back(mean);
      line.spread.push_back(
          n > 1 ? std::sqrt((trials - mean).square().sum() / static_cast<double>(n - 1)) : 0);
    }
    return line;
  }

  bool has(const char* array) const { return file_.has(array); }
  double scalar(const char* array) const { return file_.scalar(array); }

 private:
  Index n_levels() const { return static_cast<Index>(kinds_.size()); }

  const NamedArrays& file_;
  std::vector<std::string> kinds_;
  Vector levels_;
  std::vector<std::int64_t> n_trials_;
};

std::string name_of(const StudyFile& study) {
  return std::filesystem::path(study.path).stem().string();
}

std::string joined(const std::string& name, const std::string& what, bool is_alone) {
  return is_alone ? what : name + ": " + what;
}

void add_error(LinePanel& panel, const Kind& kind, const Reader& study, const std::string& name,
               bool is_alone) {
  if (!study.has("error")) return;
  LinePanel::Line line = study.line(kind, "error", 1);
  line.name = joined(name, "error", is_alone);
  if (line.x.empty()) return;
  if (is_alone)
    panel.lines.push_back({"without perturbation",
                           {line.x.front(), line.x.back()},
                           {study.scalar("reference_error"), study.scalar("reference_error")},
                           true,
                           {}});
  panel.lines.push_back(std::move(line));
}

void add_kept(LinePanel& panel, const Kind& kind, const Reader& study, const std::string& name,
              bool is_alone) {
  for (const Kept& kept : kKept) {
    if (!study.has(kept.array)) return;
    const double whole = study.scalar(kept.reference);
    if (!(whole > 0)) continue;  // there were none
    LinePanel::Line line = study.line(kind, kept.array, whole);
    line.name = joined(name, kept.label, is_alone);
    if (!line.x.empty()) panel.lines.push_back(std::move(line));
  }
}

std::vector<LinePanel> panels_of(const std::vector<StudyFile>& studies) {
  std::vector<LinePanel> panels;
  const bool is_alone = studies.size() == 1;
  for (const Kind& kind : kKinds) {
    LinePanel errors{kind.label, "error", true, kind.is_logarithmic, {}};
    LinePanel kept{kind.label, "share that is left", false, kind.is_logarithmic, {}};
    for (const StudyFile& study : studies)
      reading(study.path, [&] {
        const Reader reader(study.file);
        add_error(errors, kind, reader, name_of(study), is_alone);
        add_kept(kept, kind, reader, name_of(study), is_alone);
      });
    for (LinePanel* panel : {&errors, &kept})
      if (!panel->lines.empty()) panels.push_back(std::move(*panel));
  }
  return panels;
}

void add_summary(report::PageContent& page, const StudyFile& study, bool is_alone) {
  const NamedArrays& file = study.file;
  std::string text;
  if (file.has("reference_error"))
    text = fmt::format("error {:.3g}", file.scalar("reference_error"));
  if (file.has("reference_points"))
    text +=
        fmt::format("{}{} fixed points ({} stable), {} edges, {} cycles", text.empty() ? "" : "; ",
                    file.scalar("reference_points"), file.scalar("reference_stable"),
                    file.scalar("reference_edges"), file.scalar("reference_cycles"));
  page.summary.emplace_back(is_alone ? "Without perturbation" : name_of(study), text);
  page.provenance.emplace_back(joined(name_of(study), "command", is_alone),
                               text_or_empty(file.attributes, "command"));
}

}  // namespace

report::PageContent perturbation_page(const std::vector<StudyFile>& studies,
                                      const std::string& title) {
  report::PageContent page;
  page.title = title;
  page.plots = {
      "Perturbations",
      "Means over the networks of each level; bars are standard deviations. Shares are of "
      "the fixed points, of the edges of the graph and of the cycles of the network "
      "without perturbation. A level at which a network diverged has no error.",
      panels_of(studies),
      "What perturbed recurrent weights do to the error, and to points, graph and cycles."};
  if (page.plots.panels.empty())
    throw FormatError("found no level that can be drawn, expected one above 0");
  for (const StudyFile& study : studies) add_summary(page, study, studies.size() == 1);
  return page;
}

}  // namespace nullcline::results
