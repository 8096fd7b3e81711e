// SPDX-License-Identifier: BSD-3-Clause
// NumPy arrays in and out, without copies where their memory already has the right form.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/core/named_arrays.hpp"

namespace nullcline::python {

namespace nb = nanobind;

/// A row-major float64 array that a caller passed, kept alive; a copy only if it was not one
/// before.
class Floats {
 public:
  /// @throws InvalidInput naming `name` if `value` is no array of real numbers.
  Floats(const char* name, nb::handle value);

  std::size_t n_axes() const { return array_.ndim(); }
  Index extent(std::size_t axis) const { return static_cast<Index>(array_.shape(axis)); }
  const double* data() const { return array_.data(); }
  std::size_t size() const { return array_.size(); }
  std::string shape() const;  ///< "(3, 4)"

  /// All but the last axis as rows. @throws InvalidInput unless it has one of these numbers of axes
  /// and its last axis is `width` long; `expected` says it in words, "(n, 3)".
  Eigen::Map<const Matrix> rows(std::initializer_list<std::size_t> axes, Index width,
                                const std::string& expected) const;
  [[noreturn]] void refuse(const std::string& expected) const;

 private:
  std::string name_;
  nb::ndarray<const double, nb::c_contig, nb::device::cpu> array_;
};

/// None is the empty array.
Matrix matrix_or_empty(const char* name, nb::handle value);
Vector vector_or_empty(const char* name, nb::handle value);

/// One argument of a function, refused by name and in one line where it is something else.
/// @throws InvalidInput
std::string text_argument(const char* name, nb::handle value);
double number_argument(const char* name, nb::handle value);
int int_argument(const char* name, nb::handle value);

/// Arrays that own what they show and cannot be written to.
nb::object to_numpy(Matrix values);
nb::object to_numpy(Vector values);
nb::object to_numpy(Matrix values, std::vector<std::size_t> shape);

/// (arrays, attributes, groups): {name: (dimensions, array, attributes)}, the attributes of the
/// whole, and {group: attributes}. The arrays are views into one block of memory.
nb::tuple to_python(NamedArrays arrays);
NamedArrays named_arrays(nb::handle contents);

}  // namespace nullcline::python
