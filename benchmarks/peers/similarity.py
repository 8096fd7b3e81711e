#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Distances of all pairs of networks beside NumPy, on one thread.

    benchmarks/peers/similarity.py build/release/cli/nullcline [--networks 200] [--units 64] [--pairs 40]

The networks are random ones driven by the same trials. The peers are NumPy as one writes the measures and as netrep
does them: each pair is centered and decomposed anew. They do some of the pairs, and the answers on these are compared
first; their time for all pairs is that of one times their number. The command's time is that of the whole run: reading
files, decomposing each network once, all pairs, and the embedding in the plane. Times are CPU time.
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


def activity(inputs, units, rng):
    """States of a random tanh network, (n_trials * n_steps, units)."""
    trials, steps, channels = inputs.shape
    recurrent = rng.uniform(0.5, 1.5) / np.sqrt(units) * rng.normal(size=(units, units))
    weights = rng.normal(size=(channels, units))
    h, states = np.zeros((trials, units)), np.empty((trials, steps, units))
    for t in range(steps):
        h = np.tanh(h @ recurrent + inputs[:, t] @ weights)
        states[:, t] = h
    return states.reshape(-1, units)


def svcca(x, y):
    kept = []
    for samples in (x, y):
        u, s, _ = np.linalg.svd(samples - samples.mean(axis=0), full_matrices=False)
        n = 1 + np.searchsorted(np.cumsum(s**2), 0.95 * np.sum(s**2))
        kept.append(u[:, :n])
    return 1 - np.linalg.svd(kept[0].T @ kept[1], compute_uv=False).mean()


def linear_cka(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return 1 - np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def shape(x, y):
    """As LinearMetric(alpha=1, center_columns=True).fit_score of netrep: align, rotate, then the angle."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    u, _, vt = np.linalg.svd(x.T @ y)
    x, y = x @ u, y @ vt.T
    return np.arccos(np.clip(np.sum(x * y) / (np.linalg.norm(x) * np.linalg.norm(y)), -1, 1))


def cca_angle(x, y):
    """As LinearMetric(alpha=0): both are whitened by their own decompositions first."""
    white = []
    for samples in (x, y):
        centered = samples - samples.mean(axis=0)
        values, vectors = np.linalg.eigh(centered.T @ centered)
        white.append(centered @ (vectors / np.sqrt(np.maximum(values, 1e-10 * values[-1]))) @ vectors.T)
    return shape(*white)


def command(path, folder, arguments):
    before = os.times()
    text = subprocess.run(
        [path, "compare", folder, "--threads", "1", "--quiet", "--json", *arguments], check=True, capture_output=True, text=True
    ).stdout
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, json.loads(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command")
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=40)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    inputs = rng.choice([-1.0, 0.0, 1.0], p=[0.05, 0.9, 0.05], size=(32, 100, 3))
    networks = [activity(inputs, options.units, rng) for _ in range(options.networks)]
    n_pairs = options.networks * (options.networks - 1) // 2
    pairs = [tuple(rng.choice(options.networks, 2, replace=False)) for _ in range(options.pairs)]
    with tempfile.TemporaryDirectory() as folder:
        for i, samples in enumerate(networks):
            np.save(Path(folder) / f"{i:05}.npy", samples)
        print(f"{options.networks} networks of {options.units} units, {len(networks[0])} samples, {n_pairs} pairs")
        print("| measure | Nullcline, s | NumPy, s | ratio |\n|---|---:|---:|---:|")
        for name, peer, arguments in (
            ("svcca", svcca, []),
            ("linear_cka", linear_cka, ["--measure", "linear_cka"]),
            ("shape, alpha = 1", shape, ["--measure", "shape"]),
            ("shape, alpha = 0", cca_angle, ["--measure", "shape", "--alpha", "0"]),
        ):
            ours, document = min((command(options.command, folder, arguments) for _ in range(2)), key=lambda run: run[0])
            times, worst = [], 0.0
            for i, j in pairs:
                start = time.process_time()
                value = peer(networks[i], networks[j])
                times.append(time.process_time() - start)
                worst = max(worst, abs(value - document["distances"][i][j]))
            if worst > 1e-7:
                raise SystemExit(f"{name}: answers differ by {worst:.3g}")
            theirs = float(np.median(times)) * n_pairs
            print(f"| {name} | {ours:.2f} | {theirs:.0f} | {theirs / ours:.0f} |")


if __name__ == "__main__":
    main()
