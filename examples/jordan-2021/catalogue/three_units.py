# SPDX-License-Identifier: BSD-3-Clause
"""Do three GRU units have chaos? Where trajectories of random flows end, by their Lyapunov exponents.

    python three_units.py [NETWORKS]

All of U_h, U_r are uniform in [-8, 8], b_h, b_r in [-3, 3], and 1 - z is 1/2. A trajectory from a random
state is averaged over 400 units of time; what is neither a fixed point nor a cycle then, over 5000.
"""

import collections
import pathlib
import sys
import tempfile

import numpy as np

import nullcline

NAMES = [f"{w}{i}{j}" for w in "ur" for i in range(3) for j in range(3)] + [f"{b}{i}" for b in "bc" for i in range(3)]


def model_text():
    def matrix(w):
        return "[" + ", ".join("[" + ", ".join(f'"{w}{i}{j}"' for j in range(3)) + "]" for i in range(3)) + "]"

    def vector(b):
        return "[" + ", ".join(f'"{b}{i}"' for i in range(3)) + "]"

    parameters = "".join(f"{name} = 0\n" for name in NAMES)
    weights = f"U_h = {matrix('u')}\nU_r = {matrix('r')}\nb_h = {vector('b')}\nb_r = {vector('c')}\n"
    return f'[system]\ncell = "gru"\ntime = "continuous"\nunits = 3\n[parameters]\n{parameters}[weights]\n{weights}'


def main(n_networks):
    path = pathlib.Path(tempfile.mkdtemp()) / "three-units.toml"
    path.write_text(model_text())
    rng = np.random.default_rng(1)
    first, second, open_cases = collections.Counter(), collections.Counter(), []
    for _ in range(n_networks):
        values = dict(zip(NAMES, np.concatenate([rng.uniform(-8, 8, 18), rng.uniform(-3, 3, 6)])))
        start = rng.uniform(-1, 1, 3)
        flow = nullcline.load_model(path, **values)
        end = nullcline.lyapunov(flow, start, duration=400, n_exponents=1, tolerance=1e-8)
        first[end.verdict] += 1
        if end.verdict not in ("fixed_point", "cycle"):
            open_cases.append((values, start))
    largest = -np.inf
    for values, start in open_cases:
        end = nullcline.lyapunov(nullcline.load_model(path, **values), start, duration=5000, n_exponents=1)
        second[end.verdict] += 1
        largest = max(largest, end.exponents[0])
    print(f"{n_networks} networks over 400 units of time: {dict(first)}")
    print(f"the {len(open_cases)} others over 5000: {dict(second)}; largest exponent {largest:.4f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
