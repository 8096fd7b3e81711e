// SPDX-License-Identifier: BSD-3-Clause
// The networks of a census: a model file whose parameters differ from one to the next.
#pragma once

#include <string>
#include <vector>

#include "nullcline/census/run.hpp"
#include "nullcline/interchange/model_file.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::results {

/// How the weights of a cell are drawn, where nothing else is said.
struct CellRanges {
  int units = 2;
  double range = 10;  ///< of the entries of the recurrent weights: -range to range
  double biases = 5;  ///< of the biases
  dynamics::Time time = dynamics::Time::continuous;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& field) {
    field("units", self.units, "units of a cell");
    field("range", self.range, "recurrent weights of a cell are in -range to range");
    field("biases", self.biases, "biases of a cell are in -biases to biases");
    field("time", self.time, "of a cell: continuous (the flow F - h) | discrete (the map)");
  }
};

class CensusFamily {
 public:
  /// A cell as a flow or a map without input, every weight a parameter: "U_h_1_2" is row 1, column
  /// 2 of U_h. The GRU's U_z and b_z, and all gates of the UGRNN, are zero unless `vary` names
  /// them. `vary`: "name=low:high", separated by ";"; a name is that of a weight, or the beginning
  /// of several
  /// ("U_h", "b"). @throws InvalidInput
  static CensusFamily of_cell(models::CellKind cell, const CellRanges& ranges,
                              const std::string& vary);
  /// A model file; the parameters that `vary` names differ, the others are as given.
  /// @throws InvalidInput, FormatError
  static CensusFamily of_model(const interchange::Model& model, const std::string& vary);
  /// What `to_arrays` gave. @throws FormatError
  static CensusFamily from_arrays(const NamedArrays& arrays, std::vector<census::Range> ranges,
                                  const std::string& name);
  NamedArrays to_arrays() const;

  const std::vector<census::Range>& ranges() const { return ranges_; }
  census::Family family() const;
  const std::string& description() const { return description_; }
  /// A model file of one network.
  std::string model_text(const Vector& values) const;

 private:
  std::string text_, description_;
  std::string name_ = "census";  // what messages begin with
  interchange::ParameterValues parameters_;
  std::vector<census::Range> ranges_;
};

}  // namespace nullcline::results
