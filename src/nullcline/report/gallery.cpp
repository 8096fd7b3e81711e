// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/gallery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/report/internal/assets.hpp"
#include "nullcline/report/internal/encode.hpp"

namespace nullcline::report {

namespace {

using census::FoundCycle;
using census::NodeKind;
using census::Sketch;
using internal::escape_html;

constexpr double kSize = 240, kMargin = 14;  // of a portrait

// States to places in the picture.
class Frame {
 public:
  explicit Frame(const Sketch& sketch) : sketch_(sketch) {}

  Eigen::Vector2d place(const Vector& state) const {
    Eigen::Vector2d at(kSize / 2, kSize / 2);
    for (Index i = 0; i < std::min<Index>(state.size(), 2); ++i) {
      const double share = (state(i) - sketch_.lower(i)) / (sketch_.upper(i) - sketch_.lower(i));
      at(i) = kMargin + (kSize - 2 * kMargin) * (i == 0 ? share : 1 - share);
    }
    return at;
  }

  // Of points at least `gap` apart; what is beyond the box is clipped by the picture.
  std::string path(const Matrix& states, double gap, bool is_closed = false) const {
    std::string text;
    Eigen::Vector2d last(0, 0);
    for (Index i = 0; i < states.rows(); ++i) {
      const Eigen::Vector2d at = place(states.row(i).transpose());
      if (!at.allFinite()) break;
      if (i > 0 && i + 1 < states.rows() && (at - last).norm() < gap) continue;
      text += fmt::format("{}{:.1f} {:.1f}", text.empty() ? "M" : "L", at(0), at(1));
      last = at;
    }
    return is_closed ? text + "Z" : text;
  }

 private:
  const Sketch& sketch_;
};

std::string lines(const Frame& frame, const std::vector<Matrix>& curves, const char* kind,
                  double gap) {
  std::string text;
  for (const Matrix& curve : curves) {
    const Eigen::Vector2d begin = frame.place(curve.row(0).transpose());
    const Eigen::Vector2d end = frame.place(curve.row(curve.rows() - 1).transpose());
    const bool is_dot = curve.rows() < 2 || (begin - end).norm() < 1;
    if (!is_dot || curve.rows() > 4)
      text += fmt::format("<path class=\"{}\" d=\"{}\"/>", kind, frame.path(curve, gap));
  }
  return text;
}

const char* class_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::sink:
      return "sink";
    case NodeKind::source:
      return "source";
    default:
      return "saddle";
  }
}

std::string mark(NodeKind kind, double x, double y) {
  if (kind == NodeKind::saddle)
    return fmt::format("<path class=\"saddle\" d=\"M{:.1f} {:.1f}l5 5l-5 5l-5 -5Z\"/>", x, y - 5);
  return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"/>", class_of(kind),
                     x, y);
}

std::string cycle_line(const Frame& frame, const FoundCycle& cycle) {
  return fmt::format("<path class=\"cycle {}\" d=\"{}\"/>", cycle.is_stable ? "stable" : "unstable",
                     frame.path(cycle.states, 1, true));
}

// The flow between the points of a line, from unstable to stable ones.
std::string line_flow(const Frame& frame, const Sketch& sketch) {
  const double y = kSize / 2;
  std::string text = fmt::format("<path class=\"axis\" d=\"M0 {0} H{1}\"/>", y, kSize);
  double from = kMargin / 2;
  bool is_source = true;  // from outside inwards
  const auto arrow = [&](double a, double b) {
    text += fmt::format("<path class=\"stream\" d=\"M{:.1f} {}H{:.1f}\"/>", a, y, b);
  };
  for (std::size_t i = 0; i <= sketch.points.size(); ++i) {
    const bool is_end = i == sketch.points.size();
    const double to = is_end ? kSize - kMargin / 2 : frame.place(sketch.points[i])(0);
    const double middle = (from + to) / 2;
    is_source ? arrow(from, middle) : arrow(to, middle);
    if (is_end) break;
    from = to;
    is_source = sketch.nodes[i].kind == NodeKind::source;
  }
  return text;
}

std::string portrait(const Sketch& sketch) {
  if (sketch.lower.size() == 0) return "<div class=\"none\">no portrait in this dimension</div>";
  const Frame frame(sketch);
  std::string text =
      fmt::format("<svg viewBox=\"0 0 {0} {0}\" role=\"img\" aria-label=\"Phase portrait: {1}\">",
                  kSize, escape_html(sketch.title));
  if (sketch.lower.size() == 1) text += line_flow(frame, sketch);
  text += lines(frame, sketch.streams, "stream", 2.5);
  text += lines(frame, sketch.stable, "manifold in", 1);
  text += lines(frame, sketch.unstable, "manifold out", 1);
  for (const FoundCycle& cycle : sketch.cycles) text += cycle_line(frame, cycle);
  for (std::size_t i = 0; i < sketch.nodes.size(); ++i) {
    const Eigen::Vector2d at = frame.place(sketch.points[i]);
    text += mark(sketch.nodes[i].kind, at(0), at(1));
  }
  return text + "</svg>";
}

std::string share_text(double share) {
  if (share >= 0.001) return fmt::format("{:.3g} %", 100 * share);
  return share > 0 ? fmt::format("1 in {:.0f}", 1 / share) : "";
}

std::string card(const Sketch& sketch) {
  const std::string share = share_text(sketch.share);
  return fmt::format(
      "<li class=\"card\" id=\"{0}\">{1}<h2>{2}</h2><p class=\"name\"><a href=\"#{0}\">{0}</a></p>"
      "<p class=\"count\">{3} network{4}{5}</p>{6}<details><summary>Parameters</summary>"
      "<button type=\"button\" class=\"copy\">Copy</button><pre>{7}</pre></details></li>\n",
      escape_html(sketch.name), portrait(sketch), escape_html(sketch.title), sketch.n_networks,
      sketch.n_networks == 1 ? "" : "s", share.empty() ? "" : ", " + share,
      sketch.badge.empty() ? ""
                           : fmt::format("<p class=\"badge\">{}</p>", escape_html(sketch.badge)),
      escape_html(sketch.model_text));
}

void replace(std::string& text, std::string_view name, const std::string& value) {
  const std::string mark = fmt::format("{{{{{}}}}}", name);
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + value.size()))
    text.replace(at, mark.size(), value);
}

}  // namespace

std::string render_gallery(const GalleryContent& content) {
  std::string page(internal::gallery_html());
  std::string facts, cards;
  for (const auto& [term, value] : content.summary)
    facts +=
        fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape_html(term), escape_html(value));
  for (const Sketch& sketch : content.sketches) cards += card(sketch);
  replace(page, "css", std::string(internal::gallery_css()));
  replace(page, "title", escape_html(content.title));
  replace(page, "lead", escape_html(content.lead));
  replace(page, "summary", facts);
  replace(page, "cards", cards);
  return page;
}

}  // namespace nullcline::report
