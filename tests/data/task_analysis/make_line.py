# SPDX-License-Identifier: BSD-3-Clause
"""Writes context_vanilla_64.npz: a vanilla network of 64 units trained with PyTorch on context-dependent integration
(two streams, 30 steps), and what NumPy says of its fixed points in the first context.

python make_line.py cdi_vanilla_64.npz
`points`: found by 5,000 free steps from random trials and Newton's method, all residuals below 1e-13.
"""

import sys
from pathlib import Path

import numpy as np

data = np.load(sys.argv[1])
W, A, b, C, d = (data[name] for name in ["W", "U", "b", "C", "d"])
cue = np.array([0.0, 0.0, 1.0, 0.0])
rng = np.random.default_rng(0)
points: list[np.ndarray] = []
for _ in range(200):
    h = np.zeros(64)
    mean = rng.uniform(-1, 1)
    for _ in range(30):
        h = np.tanh(W @ h + A @ np.array([mean + rng.normal(), rng.normal(), 1, 0]) + b)
    for _ in range(rng.integers(5000)):
        h = np.tanh(W @ h + A @ cue + b)
    for _ in range(50):
        f = np.tanh(W @ h + A @ cue + b)
        h = h - np.linalg.solve((1 - f**2)[:, None] * W - np.eye(64), f - h)
    if abs(np.tanh(W @ h + A @ cue + b) - h).max() < 1e-13 and all(np.linalg.norm(h - p) > 1e-6 for p in points):
        points.append(h)
points.sort(key=lambda h: (C @ h)[0])
selection, magnitudes, responses = [], [], []
for h in points:
    slope = 1 - h**2
    values, right = np.linalg.eig(slope[:, None] * W)
    order = np.argsort(-abs(values))
    values, right = values[order], right[:, order]
    left = np.linalg.inv(right)
    taken = left @ (slope[:, None] * A)
    selection.append(abs(taken[0]))
    magnitudes.append(abs(values))
    parts = (C[0] @ right) * values ** np.array([[0], [4], [29]]) * taken[:, 0]
    responses.append(parts.sum(axis=1).real)
np.savez(
    Path(__file__).parent / "context_vanilla_64.npz",
    recurrent_weights=W, input_weights=A, bias=b, readout_weights=C, readout_bias=d, points=np.array(points),
    readouts=np.array([(C @ h + d)[0] for h in points]), selection=np.array(selection),
    magnitudes=np.array(magnitudes), responses=np.array(responses),
)  # fmt: skip
print(len(points), [float((C @ h + d)[0]) for h in points])
