// SPDX-License-Identifier: BSD-3-Clause
#include "arrays.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "nullcline/core/error.hpp"

namespace nullcline::python {

namespace {

using FloatArray = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;

FloatArray as_floats(const char* name, nb::handle value) {
  const nb::object numpy = nb::module_::import_("numpy");
  std::string problem;
  try {
    const nb::object array = numpy.attr("asarray")(value);
    const auto kind = nb::cast<std::string>(array.attr("dtype").attr("kind"));
    if (kind.find_first_of("biuf") == std::string::npos)
      problem = "found an array of " + nb::cast<std::string>(array.attr("dtype").attr("name"));
    else
      // require, not ascontiguousarray, which turns a number into an array of one.
      return nb::cast<FloatArray>(numpy.attr("require")(array, "float64", "CA"));
  } catch (nb::python_error& error) {
    problem = "found " + nb::cast<std::string>(value.type().attr("__name__")) + " (" +
              nb::cast<std::string>(nb::str(error.value())) + ")";
  }
  std::replace(problem.begin(), problem.end(), '\n', ' ');
  throw InvalidInput(fmt::format("{}: {}, expected an array of numbers", name, problem));
}

[[noreturn]] void refuse_type(const char* name, nb::handle value, const char* expected) {
  throw InvalidInput(fmt::format("{}: found {}, expected {}", name,
                                 nb::cast<std::string>(value.type().attr("__name__")), expected));
}

template <class Value>
nb::object view(const Value* data, const std::vector<std::size_t>& shape, nb::handle owner) {
  return nb::cast(
      nb::ndarray<nb::numpy, const Value, nb::c_contig>(data, shape.size(), shape.data(), owner));
}

template <class Values>
nb::object owning(Values values, const std::vector<std::size_t>& shape) {
  auto kept = std::make_unique<Values>(std::move(values));
  const double* data = kept->data();
  const nb::capsule owner(kept.release(), [](void* p) noexcept { delete static_cast<Values*>(p); });
  return view(data, shape, owner);
}

}  // namespace

Floats::Floats(const char* name, nb::handle value) : name_(name), array_(as_floats(name, value)) {}

std::string Floats::shape() const {
  std::vector<std::size_t> extents;
  for (std::size_t axis = 0; axis < n_axes(); ++axis) extents.push_back(array_.shape(axis));
  return fmt::format("({}{})", fmt::join(extents, ", "), extents.size() == 1 ? "," : "");
}

void Floats::refuse(const std::string& expected) const {
  throw InvalidInput(fmt::format("{}: found shape {}, expected {}", name_, shape(), expected));
}

Eigen::Map<const Matrix> Floats::rows(std::initializer_list<std::size_t> axes, Index width,
                                      const std::string& expected) const {
  const bool fits = std::find(axes.begin(), axes.end(), n_axes()) != axes.end();
  if (!fits || extent(n_axes() - 1) != width) refuse(expected);
  Index n = 1;
  for (std::size_t axis = 0; axis + 1 < n_axes(); ++axis) n *= extent(axis);
  return {data(), n, width};
}

std::string text_argument(const char* name, nb::handle value) {
  std::string text;
  if (!nb::try_cast(value, text)) refuse_type(name, value, "a string");
  return text;
}

double number_argument(const char* name, nb::handle value) {
  double number = 0;
  if (!nb::try_cast(value, number)) refuse_type(name, value, "a number");
  return number;
}

int int_argument(const char* name, nb::handle value) {
  int number = 0;
  if (!nb::try_cast(value, number))
    throw InvalidInput(fmt::format("{}: found {}, expected an integer from {} to {}", name,
                                   nb::cast<std::string>(nb::repr(value)),
                                   std::numeric_limits<int>::min(),
                                   std::numeric_limits<int>::max()));
  return number;
}

Matrix matrix_or_empty(const char* name, nb::handle value) {
  if (value.is_none()) return {};
  const Floats floats(name, value);
  if (floats.n_axes() != 2) floats.refuse("two axes");
  return Eigen::Map<const Matrix>(floats.data(), floats.extent(0), floats.extent(1));
}

Vector vector_or_empty(const char* name, nb::handle value) {
  if (value.is_none()) return {};
  const Floats floats(name, value);
  if (floats.n_axes() != 1) floats.refuse("one axis");
  return Eigen::Map<const Vector>(floats.data(), floats.extent(0));
}

nb::object to_numpy(Matrix values) {
  const std::vector<std::size_t> shape{static_cast<std::size_t>(values.rows()),
                                       static_cast<std::size_t>(values.cols())};
  return owning(std::move(values), shape);
}

nb::object to_numpy(Vector values) {
  const std::vector<std::size_t> shape{static_cast<std::size_t>(values.size())};
  return owning(std::move(values), shape);
}

nb::object to_numpy(Matrix values, std::vector<std::size_t> shape) {
  return owning(std::move(values), shape);
}

}  // namespace nullcline::python
