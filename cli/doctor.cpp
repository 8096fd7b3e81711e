// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "blas.hpp"
#include "console.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/provenance.hpp"
#include "nullcline/numerics/activations.hpp"
#include "subcommands.hpp"

namespace nullcline::cli {

namespace {

nlohmann::ordered_json examination() {
  nlohmann::ordered_json document;
  document["nullcline"] = version();
  document["cpu_features"] = cpu_features();
  document["simd"] = numerics::simd_name(numerics::active_simd());
  document["blas"] = "OpenBLAS";
  document["blas_core"] = blas_core();
  document["blas_configuration"] = blas_configuration();
  document["threads"] = n_threads();
  document["cores"] = std::thread::hardware_concurrency();
  for (const auto& [name, value] : provenance())
    if (const auto* text = std::get_if<std::string>(&value); text && !document.contains(name))
      document[name] = *text;
  return document;
}

}  // namespace

void add_doctor(CLI::App& root, Subcommands& subcommands) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* app = root.add_subcommand("doctor", "say what this machine and this build can do");
  app->add_flag("--json", *json, "print one JSON document");
  app->footer("Example: nullcline doctor");
  subcommands.push_back({app, [json] {
                           const nlohmann::ordered_json document = examination();
                           std::string text;
                           for (const auto& [name, value] : document.items())
                             text += fmt::format(
                                 "{:<20} {}\n", name,
                                 value.is_string() ? value.get<std::string>() : value.dump());
                           print(*json ? document.dump(2) + "\n" : text);
                           return kDone;
                         }});
}

}  // namespace nullcline::cli
