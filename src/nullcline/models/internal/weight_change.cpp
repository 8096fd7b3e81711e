// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/models/internal/weight_change.hpp"

namespace nullcline::models::internal {

void preactivation_change(const Network& net, const Network& change, const double* state,
                          const double* input, const double* gates, double* out) {
  using ConstVectorMap = Eigen::Map<const Vector>;
  const Index n = net.n_units(), last = n_gates(net.cell) - 1;
  const ConstVectorMap h(state, net.n_hidden()), x(input, net.n_inputs());
  const ConstVectorMap first_slot(gates, n);  // r of a GRU, phi(v) of a leaky-outside cell
  Eigen::Map<Vector> result(out, (last + 1) * n);
  result = change.input_weights * x + change.bias;
  const bool is_gru = net.cell == CellKind::gru;
  if (is_gru && net.reset == Reset::before) {
    result.head(last * n) += change.recurrent_weights.topRows(last * n) * h;
    result.tail(n) += change.recurrent_weights.bottomRows(n) * first_slot.cwiseProduct(h);
  } else if (is_gru) {
    Vector recurrent = change.recurrent_weights * h;
    recurrent.tail(n) = first_slot.cwiseProduct(recurrent.tail(n) + change.recurrent_bias);
    result += recurrent;
  } else if (net.cell == CellKind::leaky_outside) {
    result += change.recurrent_weights * first_slot;
  } else {
    result += change.recurrent_weights * h;
  }
}

}  // namespace nullcline::models::internal
