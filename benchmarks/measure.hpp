// SPDX-License-Identifier: BSD-3-Clause
// What the scenarios share: time that other processes do not disturb, and the peak of this core.
#pragma once

namespace nullcline::bench {

/// Seconds of processor time of this thread: on a busy machine it stays near what an idle one
/// needs.
double thread_seconds();

/// Floating-point operations per second of this core in float32, by independent fused
/// multiply-adds (multiplies and adds without AVX2) on the widest registers that
/// numerics::active_simd() allows; best of many short runs.
double peak_flops_float32();

}  // namespace nullcline::bench
