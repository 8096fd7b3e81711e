// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nullcline/studies/compare.hpp"

namespace nullcline::studies {

/// What a page of a study is drawn from, and `study compare --json` prints: for each task its
/// networks with loss before and after training, number of fixed points and mean sorted eigenvalue
/// magnitudes, the modal number of points, the spaces with their embeddings, what separates them,
/// graphs of fixed points, and the plots of the task's analyses. `population` is what `collect`
/// gave.
nlohmann::ordered_json study_document(const std::string& folder, const Plan& plan,
                                      const NamedArrays& population,
                                      const std::vector<TaskComparison>& comparisons);

/// One self-contained offline HTML page. Of large populations it has a part of the curves, with
/// five digits. @throws InvalidInput if it would be larger than 8 MB.
std::string study_page(const Plan& plan, const nlohmann::ordered_json& document);

}  // namespace nullcline::studies
