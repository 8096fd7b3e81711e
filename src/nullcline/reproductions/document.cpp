// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/reproductions/document.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "nullcline/core/error.hpp"

namespace nullcline::reproductions {

namespace {

using nlohmann::ordered_json;
using Nodes = std::vector<const ordered_json*>;

std::string text_of(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

RecipeValue value_of(const ordered_json& node) {
  if (node.is_number()) return node.get<double>();
  return text_of(node);
}

void flatten(const ordered_json& node, std::vector<RecipeValue>& out) {
  if (node.is_structured())
    for (const ordered_json& part : node) flatten(part, out);
  else
    out.push_back(value_of(node));
}

// The elements of the arrays among the nodes, and the other nodes themselves.
Nodes opened(const Nodes& nodes) {
  Nodes result;
  for (const ordered_json* node : nodes)
    if (node->is_array())
      for (const ordered_json& part : *node) result.push_back(&part);
    else
      result.push_back(node);
  return result;
}

Nodes named(const Nodes& nodes, std::string_view name) {
  Nodes result;
  for (const ordered_json* node : opened(nodes)) {
    if (!node->is_object()) continue;
    const auto place = node->find(std::string(name));
    if (place != node->end()) result.push_back(&*place);
  }
  return result;
}

std::optional<std::size_t> whole_number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

// [3] or [name=value], without the brackets. Empty if it is neither.
std::optional<Nodes> picked(const Nodes& nodes, std::string_view condition) {
  Nodes result;
  if (const auto place = whole_number(condition)) {
    for (const ordered_json* node : nodes)
      if (node->is_array() && *place < node->size()) result.push_back(&(*node)[*place]);
    return result;
  }
  const std::size_t equals = condition.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  for (const ordered_json* node : opened(nodes)) {
    const Nodes found = named({node}, condition.substr(0, equals));
    if (!found.empty() && text_of(*found.front()) == condition.substr(equals + 1))
      result.push_back(node);
  }
  return result;
}

}  // namespace

struct Document::Content {
  ordered_json root;
};

Document::Document(std::string_view text) : content_(std::make_unique<Content>()) {
  content_->root = ordered_json::parse(text, nullptr, false);
  if (content_->root.is_discarded())
    throw InvalidInput("found no JSON document, expected one (--json)");
}

Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

std::vector<RecipeValue> Document::select(std::string_view path) const {
  const auto refuse = [&] {
    throw InvalidInput(
        fmt::format("path: found '{}', expected names, [number] and [name=value], such as "
                    "branches[0].events[type=fold].parameter",
                    path));
  };
  Nodes nodes = {&content_->root};
  std::string_view rest = path;
  while (!rest.empty()) {
    if (rest.front() == '[') {
      const std::size_t end = rest.find(']');
      const auto found =
          end == std::string_view::npos ? std::nullopt : picked(nodes, rest.substr(1, end - 1));
      if (!found) refuse();
      nodes = *found;
      rest.remove_prefix(end + 1);
    } else {
      const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
      if (end == 0) refuse();
      nodes = named(nodes, rest.substr(0, end));
      rest.remove_prefix(end);
    }
    if (rest.empty()) break;
    if (rest.front() == '.') {
      rest.remove_prefix(1);
      if (rest.empty() || rest.front() == '[') refuse();
    } else if (rest.front() != '[') {
      refuse();
    }
  }
  std::vector<RecipeValue> values;
  for (const ordered_json* node : nodes) flatten(*node, values);
  return values;
}

}  // namespace nullcline::reproductions
