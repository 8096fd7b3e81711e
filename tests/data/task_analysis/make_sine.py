# SPDX-License-Identifier: BSD-3-Clause
"""Writes sine_vanilla_24.npz from a network of 24 units that `nullcline train sine` made, with NumPy alone.

nullcline train sine --cell vanilla --units 24 --iterations 4000 --seed 1 -o sine24.nc; python make_sine.py sine24.nc
For each of 11 commands: 500 steps from the initial state, the mean of the last whole cycles of the second half,
Newton's method from there and from every state, the fixed point nearest to the mean, and the eigenvalues of its
Jacobian (numpy.linalg).
"""

import sys
from pathlib import Path

import h5py
import numpy as np

NAMES = ["input_weights", "recurrent_weights", "bias", "readout_weights", "readout_bias", "initial_state"]
with h5py.File(sys.argv[1]) as file:
    arrays = {name: np.array(file["network"][name]) for name in NAMES}
A, W, b, C, d, h0 = arrays.values()
commands = np.linspace(0, 1, 11)
truth = {"points": [], "magnitude": [], "linear_frequency": [], "n_unstable": [], "distance": []}
for x in commands:
    states = [h0]
    for _ in range(500):
        states.append(np.tanh(W @ states[-1] + A[:, 0] * x + b))
    omega = 0.01 + 0.04 * x
    cycles = np.array(states[-round(np.floor(250 * omega) / omega) :])
    mean = cycles.mean(axis=0)
    found = []
    for h in [mean, *states]:
        for _ in range(50):
            f = np.tanh(W @ h + A[:, 0] * x + b)
            h = h - np.linalg.solve((1 - f**2)[:, None] * W - np.eye(len(h)), f - h)
        if abs(np.tanh(W @ h + A[:, 0] * x + b) - h).max() < 1e-14:
            found.append(h)
    h = min(found, key=lambda h: np.linalg.norm(h - mean))
    f = np.tanh(W @ h + A[:, 0] * x + b)
    values = np.linalg.eigvals((1 - f**2)[:, None] * W)
    turning = values[values.imag > 0]
    leading = turning[abs(turning).argmax()]
    truth["points"].append(h)
    truth["magnitude"].append(abs(leading))
    truth["linear_frequency"].append(np.angle(leading) / (2 * np.pi))
    truth["n_unstable"].append((abs(values) > 1).sum())
    truth["distance"].append(np.linalg.norm(h - mean) / np.sqrt(((cycles - mean) ** 2).sum(axis=1).mean()))
arrays |= {name: np.array(value, dtype=float) for name, value in truth.items()}
np.savez(Path(__file__).parent / "sine_vanilla_24.npz", commands=commands, **arrays)
