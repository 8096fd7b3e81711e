// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nullcline/studies/run.hpp"

namespace nullcline::studies {

/// Plots of what the task's analyses found in each network (Maheswaranathan et al. 2019): of the
/// sine the frequencies and magnitudes of the linearizations against the commands (Fig. 2); of
/// context-integration the sorted eigenvalues (Fig. 3e), the response with the k leading modes
/// after five steps (Fig. 3f) and what the leading mode takes in of the relevant and of the other
/// streams. Each plot has a statistic of each curve, and its medians for each value of each factor.
/// `place`: position in the plan of each network that is done, to its position on the
/// page. @throws FormatError for a unit's file that lacks something.
nlohmann::ordered_json task_panels(const std::string& folder, const Plan& plan,
                                   const std::string& task,
                                   const std::map<std::size_t, std::size_t>& place);

/// The graph of the fixed points (Fig. 1e) of one network of each kind, where the task has such: of
/// the first that has `modal` points, or else of the first. Each has a title, its network, and for
/// each node a place in the plane (a projection of the readout), n_unstable and the readout; edges
/// are [from, to, share of the rollouts]. @throws FormatError
nlohmann::ordered_json graph_panels(const std::string& folder, const Plan& plan,
                                    const std::map<std::size_t, std::size_t>& place,
                                    std::int64_t modal);

}  // namespace nullcline::studies
