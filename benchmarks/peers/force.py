#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""FORCE beside NumPy and SciPy, on one thread, in the order of operations of Jang (2015).

    benchmarks/peers/force.py build/release/cli/nullcline [--units 1000] [--steps 4000]

Three peers on the same work: NumPy as one writes it (P -= c * outer(k, k)), SciPy's BLAS with half of P
(dsymv, dsyr in place), and the time that memory needs: one pass over W_r and, every other step, half of P
read and written. Times are CPU time of the process, the least of some runs. The answer is checked first:
the peers and the command learn the same task to errors of the same size.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.linalg import blas


def pulses(steps, bits, rng):
    """Inputs and targets of the pulse flip-flop."""
    inputs = np.zeros((steps, bits))
    for onset in np.sort(rng.choice(steps, int(0.02 * steps), replace=False)):
        if onset + 11 <= steps:
            inputs[onset : onset + 11, rng.integers(bits)] = rng.choice((-1.0, 1.0))
    targets, held = np.zeros_like(inputs), np.zeros(bits)
    for t, row in enumerate(inputs):
        held = np.where(row != 0, row, held)
        targets[t] = held
    return inputs, targets


def run(units, steps, uses_blas):
    """Seconds of CPU time per step, and the mean error of the last half."""
    rng = np.random.default_rng(0)
    recurrent = 1.5 / np.sqrt(units) * rng.normal(size=(units, units))
    feedback, weights_in = rng.uniform(-1, 1, (units, 3)), rng.uniform(-1, 1, (units, 3))
    inputs, targets = pulses(steps, 3, rng)
    x, readout = 0.5 * rng.normal(size=units), np.zeros((3, units))
    p = np.asfortranarray(np.eye(units))
    errors = []
    start = time.process_time()
    for t in range(1, steps + 1):
        r = np.tanh(x)
        z = readout @ r
        x = x + (-x + recurrent @ r + feedback @ z + weights_in @ inputs[t - 1]) / 10
        if t % 2:
            continue
        if uses_blas:
            k = blas.dsymv(1.0, p, r, lower=1)
            c = 1 / (1 + r @ k)
            blas.dsyr(-c, k, lower=1, a=p, overwrite_a=1)
        else:
            k = p @ r
            c = 1 / (1 + r @ k)
            p -= c * np.outer(k, k)
        error = z - targets[t - 1]
        readout -= c * np.outer(error, k)
        errors.append(np.mean(error**2))
    return (time.process_time() - start) / steps, float(np.mean(errors[len(errors) // 2 :]))


def bandwidth():
    """Bytes per second that one thread reads from an array of 8 MB again and again."""
    values = np.ones((1000, 1000))
    vector = np.ones(1000)
    best = np.inf
    for _ in range(20):
        start = time.process_time()
        for _ in range(20):
            values @ vector
        best = min(best, (time.process_time() - start) / 20)
    return values.nbytes / best


def command(path, units, steps):
    """The same of the command: the time of a long run less that of a short one, which leaves out what
    both do besides."""

    def cpu(train_steps):
        before = os.times()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "esn.nc"
            text = subprocess.run(
                [path, "force", "pulse-flip-flop", "--bits", "3", "--steps", "100", "--units", str(units), "--train-steps",
                 str(train_steps), "--snapshot-every", "0", "--threads", "1", "--json", "--quiet", "-o", file],
                check=True, capture_output=True, text=True).stdout  # fmt: skip
        after = os.times()
        return after.children_user - before.children_user, json.loads(text)["error"]

    long, error = cpu(steps + 200)
    return (long - cpu(200)[0]) / steps, error


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command")
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    n, steps = options.units, options.steps
    ours = min(command(options.command, n, steps) for _ in range(options.runs))
    plain = run(n, min(steps, 500), False)
    best = min(run(n, steps, True) for _ in range(options.runs))
    if best[1] > 0.5:
        raise SystemExit(f"the peer does not learn: error {best[1]:.3g}")
    speed = bandwidth()
    # W_r once a step in single precision; half of P read and written every other step.
    floor = (4 * n * n + 8 * n * (n + 1) / 2) / speed
    for name, seconds in (("nullcline force", ours[0]), ("SciPy, dsymv and dsyr", best[0]), ("NumPy, as written", plain[0])):
        print(f"{name:24} {1e3 * seconds:8.3f} ms/step   {seconds / ours[0]:6.2f}")
    print(f"{'memory alone':24} {1e3 * floor:8.3f} ms/step   {floor / ours[0]:6.2f}   at {speed / 1e9:.1f} GB/s")


if __name__ == "__main__":
    main()
