#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fixed points of a trained echo-state network: SciPy's minimizers of q and Nullcline on the same starts.

    benchmarks/peers/echo_state_points.py build/release/cli/nullcline [--units 1000] [--starts 20]

Trains the three-bit flip-flop, takes states of its test as starts, minimizes q = |F|^2 / 2 from each with
SciPy (trust region with the Gauss-Newton Hessian, as Jang 2015 did with fminunc; L-BFGS), and runs the
command on the same states. An end state counts as a point if q < 1e-20; ours are proven, classified, and
audited, from starts of its own besides. Times are CPU time, one thread each.
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

import h5py
import numpy as np
from scipy.optimize import minimize


def peer(method, weights, starts):
    """Seconds and the distinct points that were found."""

    def jacobian(x):
        return weights * (1 - np.tanh(x) ** 2) - np.eye(len(x))

    def q(x):  # with its gradient, of two products with the weights and none of matrices
        rates = np.tanh(x)
        f = weights @ rates - x
        return f @ f / 2, (1 - rates**2) * (f @ weights) - f

    extra = {"hess": lambda x: (lambda j: j.T @ j)(jacobian(x))} if method.startswith("trust") else {}
    options = {"maxiter": 400, "gtol": 1e-13} if extra else {"maxiter": 20000, "maxfun": 40000, "ftol": 0, "gtol": 1e-13}
    start, points = time.process_time(), []
    for x in starts:
        end = minimize(q, x, jac=True, method=method, options=options, **extra).x
        if q(end)[0] < 1e-20 and all(np.abs(end - other).max() > 1e-4 for other in points):
            points.append(end)
    return time.process_time() - start, len(points)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command")
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        esn, states = Path(folder) / "esn.nc", Path(folder) / "states.npy"
        subprocess.run([options.command, "force", "pulse-flip-flop", "--bits", "3", "--units", str(options.units), "--seed", "1",
                        "--gain", "0.8", "--input-gain", "4", "--quiet", "-o", esn], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        with h5py.File(esn) as file:
            weights, inputs = file["network/recurrent_weights"][:], file["test_inputs"][:]
            b, x, visited = file["network/input_weights"][:], file["network/initial_state"][:], []
        for u in inputs[:2000]:
            x = x + (-x + weights @ np.tanh(x) + b @ u) / 10
            visited.append(x)
        starts = np.array(visited)[np.linspace(100, 1999, options.starts).astype(int)]
        np.save(states, starts)
        before = os.times()
        text = subprocess.run([options.command, "fixed-points", esn, "--states", states, "--n-starts", "1", "--max-starts", "1",
                               "--trajectories", "0", "--threads", "1", "--json", "--quiet"],
                              check=True, capture_output=True, text=True).stdout  # fmt: skip
        after = os.times()
    seconds = after.children_user - before.children_user
    found = json.loads(text)["n_points"]
    print(f"{'nullcline':16} {seconds:8.1f} s  {found:3} points  {seconds / found:8.2f} s per point   1")
    for method in ("L-BFGS-B", "trust-exact"):
        peer_seconds, n = peer(method, weights, starts)
        each = peer_seconds / n if n else np.inf
        print(f"{method:16} {peer_seconds:8.1f} s  {n:3} points  {each:8.2f} s per point   {each / (seconds / found):.1f}")


if __name__ == "__main__":
    main()
