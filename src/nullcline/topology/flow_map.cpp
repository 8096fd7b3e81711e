// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/flow_map.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/dynamics/flow.hpp"

namespace nullcline::topology {

FlowMap::FlowMap(const dynamics::System& flow, double duration) : flow_(flow), duration_(duration) {
  if (flow.time() != dynamics::Time::continuous)
    throw InvalidInput("flow map: found a map, expected a flow");
}

void FlowMap::evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const {
  const Vector times{{duration_}};
  for (Index i = 0; i < states.rows(); ++i)
    out.row(i) = dynamics::integrate(flow_, inputs.row(inputs.rows() == 1 ? 0 : i).transpose(),
                                     states.row(i).transpose(), times);
}

void FlowMap::jacobian(ConstMatrixRef /*states*/, ConstMatrixRef /*inputs*/,
                       MatrixRef /*out*/) const {
  throw InternalError("flow map: has no Jacobian");
}

void FlowMap::input_jacobian(ConstMatrixRef /*states*/, ConstMatrixRef /*inputs*/,
                             MatrixRef /*out*/) const {
  throw InternalError("flow map: has no Jacobian");
}

}  // namespace nullcline::topology
