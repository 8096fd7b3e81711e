// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::results {

/// The file of an unfinished training.
class Checkpoint {
 public:
  /// `hint` ends messages about a file that does not fit: how to get rid of it.
  Checkpoint(std::string path, std::string configuration, std::string hint);

  const std::string& path() const { return path_; }

  /// What `save` wrote, or nothing if there is no file.
  /// @throws InvalidInput if it belongs to another configuration; FormatError if it is unusable.
  std::optional<NamedArrays> read() const;
  void save(const NamedArrays& state) const;
  void remove() const;  ///< no error if there is none

 private:
  std::string path_, configuration_, hint_;
};

}  // namespace nullcline::results
