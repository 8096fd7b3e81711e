// SPDX-License-Identifier: BSD-3-Clause
// When two connection graphs are the same.
#pragma once

#include <string>

#include "nullcline/census/types.hpp"

namespace nullcline::census {

/// A text that two graphs share exactly if one becomes the other by renumbering its nodes: nodes
/// and edges in the numbering that gives the smallest text among those that refinement of colors
/// and individualization reach (McKay 1981). "s s d o / u 2>0 u 2>1 t 3>2 t 3>2": sinks 0 and 1, a
/// saddle 2 whose unstable manifold goes to both, its stable manifold (t) comes from outside.
/// Points with several unstable directions carry their number: "d2"; orbits of a map their period:
/// "S4".
/// @throws InvalidInput for an edge that names no node.
std::string canonical_form(const ConnectionGraph& graph);

Counts count_nodes(const ConnectionGraph& graph, Index n_states);

/// "4-4-1+1s.0123abcd": fixed points with 0, 1, ... unstable directions, stable and unstable
/// cycles, and a hash of the form.
std::string topology_name(const Counts& counts, const std::string& form);

}  // namespace nullcline::census
