// SPDX-License-Identifier: BSD-3-Clause
// What files hold, as Python dictionaries of NumPy arrays, and back.

#include <memory>

#include "arrays.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::python {

namespace {

nb::dict to_dict(const Attributes& attributes) {
  nb::dict result;
  for (const auto& [name, value] : attributes)
    result[name.c_str()] = std::visit([](const auto& v) { return nb::cast(v); }, value);
  return result;
}

Attributes to_attributes(nb::handle dict) {
  Attributes attributes;
  for (const auto& [key, value] : nb::cast<nb::dict>(dict)) {
    Attribute& attribute = attributes[nb::cast<std::string>(key)];
    if (nb::isinstance<nb::str>(value))
      attribute = nb::cast<std::string>(value);
    else if (nb::isinstance<nb::int_>(value))
      attribute = nb::cast<std::int64_t>(value);
    else
      attribute = nb::cast<double>(value);
  }
  return attributes;
}

nb::object array_view(const NamedArray& array, nb::handle owner) {
  return std::visit(
      [&]<class Value>(const std::vector<Value>& values) -> nb::object {
        if constexpr (std::is_same_v<Value, std::string>) {
          const nb::object numpy = nb::module_::import_("numpy");
          nb::object made = numpy.attr("array")(nb::cast(values), nb::arg("dtype") = "str")
                                .attr("reshape")(nb::cast(array.shape));
          made.attr("setflags")(nb::arg("write") = false);
          return made;
        } else {
          // An empty vector has no memory; the view must still point somewhere.
          static const Value kNothing{};
          const Value* data = values.empty() ? &kNothing : values.data();
          return nb::cast(nb::ndarray<nb::numpy, const Value, nb::c_contig>(
              data, array.shape.size(), array.shape.data(), owner));
        }
      },
      array.data);
}

template <class Value>
std::vector<Value> flat(nb::handle array, const char* type) {
  const nb::object typed = nb::module_::import_("numpy").attr("require")(array, type, "CA");
  const auto view = nb::cast<nb::ndarray<const Value, nb::c_contig, nb::device::cpu>>(typed);
  return {view.data(), view.data() + view.size()};
}

NamedArray::Data data_of(nb::handle array) {
  const auto type = nb::cast<std::string>(array.attr("dtype").attr("str"));
  if (type == "<f8") return flat<double>(array, "float64");
  if (type == "<f4") return flat<float>(array, "float32");
  if (type == "<i8") return flat<std::int64_t>(array, "int64");
  if (type == "|u1") return flat<std::uint8_t>(array, "uint8");
  if (type.find('U') != std::string::npos)
    return nb::cast<std::vector<std::string>>(array.attr("ravel")().attr("tolist")());
  throw InvalidInput("arrays: found type " + type +
                     ", expected float64, float32, int64, uint8 or text");
}

}  // namespace

nb::tuple to_python(NamedArrays arrays) {
  auto kept = std::make_unique<NamedArrays>(std::move(arrays));
  const NamedArrays& all = *kept;
  const nb::capsule owner(kept.release(),
                          [](void* p) noexcept { delete static_cast<NamedArrays*>(p); });
  nb::dict result, groups;
  for (const auto& [name, array] : all.all())
    result[name.c_str()] = nb::make_tuple(nb::tuple(nb::cast(array.dimensions)),
                                          array_view(array, owner), to_dict(array.attributes));
  for (const auto& [name, attributes] : all.group_attributes())
    groups[name.c_str()] = to_dict(attributes);
  return nb::make_tuple(result, to_dict(all.attributes), groups);
}

NamedArrays named_arrays(nb::handle contents) {
  const auto parts = nb::cast<nb::tuple>(contents);
  NamedArrays arrays;
  for (const auto& [name, value] : nb::cast<nb::dict>(parts[0])) {
    const auto entry = nb::cast<nb::tuple>(value);
    NamedArray array;
    array.dimensions = nb::cast<std::vector<std::string>>(entry[0]);
    array.shape = nb::cast<std::vector<std::size_t>>(entry[1].attr("shape"));
    array.data = data_of(entry[1]);
    array.attributes = to_attributes(entry[2]);
    arrays.set(nb::cast<std::string>(name), std::move(array));
  }
  arrays.attributes = to_attributes(parts[1]);
  for (const auto& [name, value] : nb::cast<nb::dict>(parts[2]))
    arrays.set_group_attributes(nb::cast<std::string>(name), to_attributes(value));
  return arrays;
}

}  // namespace nullcline::python
