# SPDX-License-Identifier: BSD-3-Clause
"""Writes vanilla100_5bit.*.npz from a network that Nullcline trained; states and fixed points by NumPy alone.

nullcline train flip-flop --bits 5 --cell vanilla --units 100 --seed 7 -o ff5.nc
python3 make_five_bits.py ff5.nc
"""

import pathlib
import sys

import h5py
import numpy as np

NAME = "vanilla100_5bit"
FOLDER = pathlib.Path(__file__).parent
N_STARTS = 12000


def visited_states(w, w_in, b, rng):
    """States of 64 trials of random pulses, every fifth step of 80."""
    h = np.zeros((64, len(b)))
    kept = []
    for step in range(80):
        pulses = (rng.random((64, 5)) < 0.05) * rng.choice([-1.0, 1.0], (64, 5))
        h = np.tanh(h @ w.T + pulses @ w_in.T + b)
        if step % 5 == 4:
            kept.append(h)
    return np.concatenate(kept)


def probe(w, w_in, b, rng):
    """One step of the network from 16 random states and inputs, to check an import with."""
    x, h = rng.normal(size=(16, w_in.shape[1])), rng.uniform(-1, 1, (16, len(b)))
    return {"x": x, "h": h, "h_next": np.tanh(h @ w.T + x @ w_in.T + b)}


def newton(w, b, h):
    """A zero of tanh(W h + b) - h, or None."""
    for _ in range(60):
        n = np.tanh(w @ h + b)
        step = np.linalg.solve((1 - n**2)[:, None] * w - np.eye(len(b)), h - n)
        h = np.clip(h + step, -1, 1)
        if np.abs(step).max() < 1e-14:
            return h
    return None


def fixed_points(w, b, states, rng):
    """From convex combinations of two to four visited states: each point once, with its hits."""
    points, hits = [], []
    for _ in range(N_STARTS):
        parts = rng.integers(len(states), size=rng.integers(2, 5))
        h = newton(w, b, rng.dirichlet(np.ones(len(parts))) @ states[parts])
        if h is None:
            continue
        near = [i for i, p in enumerate(points) if np.abs(p - h).max() < 1e-7]
        if near:
            hits[near[0]] += 1
        else:
            points.append(h)
            hits.append(1)
    return np.array(points), np.array(hits)


def main():
    with h5py.File(sys.argv[1]) as file:
        w, w_in, b, r, r_b = (
            np.array(file["network"][k])
            for k in ["recurrent_weights", "input_weights", "bias", "readout_weights", "readout_bias"]
        )
    rng = np.random.default_rng(5)
    states = visited_states(w, w_in, b, rng)
    points, hits = fixed_points(w, b, states, rng)
    jacobians = (1 - points[:, :, None] ** 2) * w
    index = sum(np.sign(np.linalg.det(np.eye(len(b)) - j)) for j in jacobians)
    unstable = [int((np.abs(np.linalg.eigvals(j)) > 1).sum()) for j in jacobians]
    print(len(points), "points, fewest hits", hits.min(), "index sum", index, "unstable", np.bincount(unstable))
    assert len(points) == 3**5 and hits.min() >= 2 and index == 1
    np.savez_compressed(
        FOLDER / f"{NAME}.weights.npz",
        **{
            "weight_ih_l0": w_in.astype(np.float32),
            "weight_hh_l0": w.astype(np.float32),
            "bias_ih_l0": b.astype(np.float32),
            "bias_hh_l0": np.zeros(len(b), np.float32),
            "readout.weight": r.astype(np.float32),
            "readout.bias": r_b.astype(np.float32),
        },
    )
    assert all((a == a.astype(np.float32)).all() for a in (w, w_in, b, r, r_b))
    np.savez_compressed(FOLDER / f"{NAME}.probe.npz", **probe(w, w_in, b, rng))
    np.savez_compressed(FOLDER / f"{NAME}.states.npz", states=states[::4])
    np.savez_compressed(FOLDER / f"{NAME}.truth.npz", fixed_points=points)


if __name__ == "__main__":
    main()
