// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

namespace nullcline {

/// Runs `work` on a thread of its own and calls `look` on this one 20 times a second until it is
/// done. What `work` throws is thrown here. If `look` throws, that is thrown at once and `work` is
/// left behind to finish alone: it must own all that it touches. A process that ends meanwhile
/// skips the destructors of static objects, which the work may still need.
void run_watched(std::function<void()> work, const std::function<void()>& look);

}  // namespace nullcline
