// SPDX-License-Identifier: BSD-3-Clause
// One field list per options struct feeds the command line, TOML, JSON and provenance.
//
//     struct SearchOptions {
//       int n_starts = 5000;
//       template <class Self, class Visitor>
//       static void visit_fields(Self& self, Visitor&& field) {
//         field("n_starts", self.n_starts, "starts of the statistical stage");
//       }
//     };
//
// A field's type is bool, int, std::int64_t, std::uint64_t, double, std::string,
// std::vector<double>, or an enum with EnumNames. Names are snake_case; the command line spells
// them with dashes.
#pragma once

#include <concepts>

namespace nullcline {

namespace internal {
struct AnyVisitor {
  template <class Field>
  void operator()(const char*, Field&, const char*) const {}
};
}  // namespace internal

template <class Options>
concept HasFields = requires(Options& options) {
  Options::visit_fields(options, internal::AnyVisitor{});
};

/// Calls `visitor(name, field, help)` for each field of `options`, in order.
template <HasFields Options, class Visitor>
void visit_fields(Options& options, Visitor&& visitor) {
  Options::visit_fields(options, visitor);
}

template <HasFields Options, class Visitor>
void visit_fields(const Options& options, Visitor&& visitor) {
  Options::visit_fields(options, visitor);
}

}  // namespace nullcline
