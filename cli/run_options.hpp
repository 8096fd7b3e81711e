// SPDX-License-Identifier: BSD-3-Clause
// Options that several subcommands share; keys at the top of the TOML file.
#pragma once

#include <string>

namespace nullcline::cli {

struct RunOptions {
  std::string output;
  int threads = 0;
  bool quiet = false;
  bool json = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("output", self.output, "the file to write; an old one is replaced at the end");
    field("threads", self.threads, "number of threads; 0: all cores");
    field("quiet", self.quiet, "no progress");
    field("json", self.json, "print the result as one JSON document");
  }
};

}  // namespace nullcline::cli
