// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/interchange/recipe.hpp"

namespace nullcline::reproductions {

using interchange::RecipeValue;

/// A JSON document, of which paths select values:
///
///     branches[kind=cycle].events[type=fold].parameter
///
/// Names lead into objects, and into each object of an array; `[3]` takes one element of an array,
/// `[name=value]` the objects of an array in which the name has the value. What remains is
/// flattened, in the order of the document. A name that is missing selects nothing.
class Document {
 public:
  /// @throws InvalidInput if it is not JSON.
  explicit Document(std::string_view text);
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  /// @throws InvalidInput if the path cannot be read.
  std::vector<RecipeValue> select(std::string_view path) const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace nullcline::reproductions
