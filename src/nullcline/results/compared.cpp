// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/compared.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <variant>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/results/points_file.hpp"
#include "nullcline/results/result_file.hpp"
#include "nullcline/results/subject.hpp"

namespace nullcline::results {

namespace {

std::string trimmed(std::string text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\r'; };
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  std::size_t first = 0;
  while (first < text.size() && is_blank(text[first])) ++first;
  text.erase(0, first);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return text;
}

std::vector<std::string> cells_of(const std::string& line, char separator) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == separator && !is_quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  for (std::string& cell : cells) cell = trimmed(cell);
  return cells;
}

}  // namespace

comparison::PointGraph point_graph(const topology::Graph& graph) {
  const Index n = graph.n_nodes();
  if (graph.n_unstable.size() != static_cast<std::size_t>(n))
    throw FormatError(
        "graph: holds no numbers of unstable directions (n_unstable); make it again with "
        "nullcline topology");
  comparison::PointGraph result{graph.transitions.leftCols(n), graph.readouts, graph.n_unstable,
                                graph.n_rollouts};
  if (graph.probe == topology::Probe::unstable_manifold)
    for (std::size_t i = 0; i < result.n_rollouts.size(); ++i)
      if (graph.n_unstable[i] <= 1) result.n_rollouts[i] = 0;
  return result;
}

std::vector<comparison::PointGraph> point_graphs(const std::string& path, const NamedArrays& file) {
  std::vector<comparison::PointGraph> result;
  for (const topology::Graph& graph : graphs_of(path, file))
    result.push_back(reading(path, [&] { return point_graph(graph); }));
  return result;
}

comparison::Automaton automaton(const std::string& path, const NamedArrays& file) {
  return reading(path, [&] {
    const Subject subject = stored_subject(file);
    if (!subject.network || subject.network->n_outputs() == 0)
      throw FormatError("holds no network with a readout, by which states could be matched");
    const Matrix states = file.matrix("node_states");
    if (states.rows() > 0 && states.cols() != subject.network->n_states())
      throw FormatError(fmt::format("node_states have {} coordinates, expected {}", states.cols(),
                                    subject.network->n_states()));
    return comparison::Automaton{states.rows() > 0 ? models::readout(*subject.network, states)
                                                   : Matrix(0, subject.network->n_outputs()),
                                 file.matrix("pulses"), file.integers("transitions")};
  });
}

Labels Labels::read(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw FormatError(path + ": cannot be read");
  Labels labels;
  labels.path_ = path;
  std::string line;
  std::vector<std::string> heading;
  char separator = ',';
  for (int number = 1; std::getline(file, line); ++number) {
    if (trimmed(line).empty()) continue;
    if (heading.empty() && line.find('\t') != std::string::npos) separator = '\t';
    const std::vector<std::string> cells = cells_of(line, separator);
    if (heading.empty()) {
      heading = cells;
      if (heading.size() < 2)
        throw FormatError(
            fmt::format("{}: found a heading of {} column, expected the network and "
                        "at least one factor",
                        path, heading.size()));
      continue;
    }
    if (cells.size() != heading.size())
      throw FormatError(fmt::format("{}: line {} has {} columns, expected {}", path, number,
                                    cells.size(), heading.size()));
    for (std::size_t k = 1; k < cells.size(); ++k) labels.rows_[cells[0]][heading[k]] = cells[k];
  }
  if (labels.rows_.empty()) throw FormatError(path + ": holds no labels");
  return labels;
}

std::string Labels::of(const std::string& path, const NamedArrays& file,
                       const std::string& factor) const {
  const std::filesystem::path name(path);
  if (!rows_.empty()) {
    for (const std::string& key : {path, name.filename().string(), name.stem().string()})
      if (const auto row = rows_.find(key); row != rows_.end())
        if (const auto label = row->second.find(factor); label != row->second.end())
          return label->second;
    throw InvalidInput(fmt::format("{}: has no '{}' of {}", path_, factor, path));
  }
  if (file.has_group("network")) {
    const models::Network network =
        reading(path, [&] { return models::network_from_arrays(file.group("network")); });
    if (factor == "cell") return std::string(name_of(network.cell));
    if (factor == "activation") return std::string(name_of(network.activation));
    if (factor == "n_units") return std::to_string(network.n_units());
  }
  const std::string label = text_or_empty(file.attributes, factor);
  if (label.empty())
    throw InvalidInput(fmt::format(
        "factor: {} has no '{}', expected one of the network (cell, activation, n_units, task) or "
        "a column of a table of labels",
        path, factor));
  return label;
}

}  // namespace nullcline::results
