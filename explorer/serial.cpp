// SPDX-License-Identifier: BSD-3-Clause
// In place of core/parallel.cpp and core/watched.cpp: a page computes on one thread. And of
// models/internal/stack_latent.cpp: its models have one layer.
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/watched.hpp"
#include "nullcline/models/internal/stack_latent.hpp"

namespace nullcline {

void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body) {
  for (std::size_t i = 0; i < n; ++i) body(i);
}

void set_n_threads(int) {}
int n_threads() { return 1; }

void run_watched(std::function<void()> work, const std::function<void()>&) { work(); }

namespace models::internal {
std::unique_ptr<dynamics::Latent> make_stack_latent(const std::vector<const LayerLatent*>&) {
  return nullptr;
}
}  // namespace models::internal

}  // namespace nullcline
