// SPDX-License-Identifier: BSD-3-Clause
#include "array_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>

#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/npz.hpp"
#include "results.hpp"

namespace nullcline::cli {

namespace {

bool is_npy_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char head[6] = {};
  file.read(head, sizeof head);
  return std::string_view(head, 6) == "\x93NUMPY";
}

}  // namespace

NamedArray read_array(const std::string& path, const std::string& name) {
  const bool is_hdf5 = is_hdf5_file(path);
  if (!is_hdf5 && is_npy_file(path)) return io::read_npy(path).all().begin()->second;
  const NamedArrays arrays = is_hdf5 ? io::read_hdf5(path) : io::read_npz(path);
  if (!arrays.has(name) && arrays.all().size() == 1) return arrays.all().begin()->second;
  return reading(path, [&] { return arrays.at(name); });
}

std::vector<double> finite_values(const NamedArray& array, const std::string& path) {
  NamedArrays holder;
  holder.set("values", array);
  std::vector<double> values = reading(path, [&] { return holder.values("values"); });
  for (double value : values)
    if (!std::isfinite(value))
      throw FormatError(path + ": found NaN or infinity, expected numbers");
  return values;
}

}  // namespace nullcline::cli
