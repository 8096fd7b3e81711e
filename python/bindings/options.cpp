// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

#include <algorithm>

#include "nullcline/core/error.hpp"

namespace nullcline::python {

namespace nb = nanobind;

namespace {

std::string text_of(nb::handle value) {
  if (value.is(nb::handle(Py_True))) return "true";
  if (value.is(nb::handle(Py_False))) return "false";
  return nb::cast<std::string>(nb::str(value));
}

}  // namespace

void set_options(const std::vector<OptionField>& fields, const nb::dict& values) {
  for (const auto& [key, value] : values) {
    const auto name = nb::cast<std::string>(key);
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&name](const OptionField& f) { return f.name == name; });
    std::vector<std::string> names;
    for (const OptionField& known : fields) names.push_back(known.name);
    if (field == fields.end())
      throw InvalidInput(fmt::format("{}: unknown option{}", name, suggestion(name, names)));
    if (!value.is_none()) field->set(text_of(value), name);
  }
}

nb::dict defaults(const std::vector<OptionField>& fields) {
  nb::dict result;
  for (const OptionField& field : fields) {
    const std::string text = field.text();
    nb::object value = nb::cast(text);
    if (field.kind == FieldKind::boolean)
      value = nb::cast(text == "true");
    else if (field.kind == FieldKind::integer)
      value = nb::int_(value);
    else if (field.kind == FieldKind::number)
      value = nb::float_(value);
    result[field.name.c_str()] = value;
  }
  return result;
}

}  // namespace nullcline::python
