# SPDX-License-Identifier: BSD-3-Clause
"""Pages of bifurcation diagrams, sweeps, shapes and galleries, made by the command."""

import os
import subprocess
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).parents[2] / "examples" / "jordan-2021"
EQUATION_8 = EXAMPLES / "eq8.toml"
ALPHA = ["--parameter", "alpha", "--from", "0.1", "--to", "1.2"]

ARGUMENTS = {
    "eq9": ["continue", EXAMPLES / "eq9.toml", "--parameter", "gamma", "--from", "0", "--to", "0.5"],
    "curves": ["continue", EQUATION_8, *ALPHA, "--second-parameter", "s", "--second-from", "-1", "--second-to", "2"],
    "shape": ["shape", "bits.nc", "--tolerance", "1e-2,1e-6,1e-24", "--max-states", "30"],
    "line": ["sweep", EQUATION_8, *ALPHA, "--steps", "12"],
    "grid": ["sweep", EQUATION_8, *ALPHA, "--steps", "8", "--second-parameter", "s", "--second-from", "-1", "--second-to", "2", "--second-steps", "6"],
}


def three_bits(command, folder):
    """Fixed points of h' = tanh(2 h + 4 u), with visited states."""
    np.savez(folder / "bits.npz", weight_ih_l0=4 * np.eye(3), weight_hh_l0=2 * np.eye(3), bias_ih_l0=np.zeros(3), bias_hh_l0=np.zeros(3),
             **{"readout.weight": np.eye(3), "readout.bias": np.zeros(3)})  # fmt: skip
    np.save(folder / "states.npy", np.random.default_rng(1).uniform(-1, 1, (60, 3)))
    subprocess.run([command, "fixed-points", "bits.npz", "--states", "states.npy", "--n-starts", "300", "--quiet", "-o", "bits.nc"],
                   check=True, cwd=folder, stdout=subprocess.DEVNULL)  # fmt: skip


def make(kind, path):
    command = Path(os.environ["NULLCLINE_BUILD"]) / "cli" / "nullcline"
    if kind == "shape":
        three_bits(command, path.parent)
    arguments = [*ARGUMENTS[kind], "-o", path] if kind in ARGUMENTS else ["census", "gru", "--units", "2", "--samples", "300", "--seed", "1", "--gallery", path]
    subprocess.run([command, *arguments, "--quiet"], check=True, cwd=path.parent, stdout=subprocess.DEVNULL)
