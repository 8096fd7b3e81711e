# SPDX-License-Identifier: BSD-3-Clause
"""The installed package under test, and networks whose fixed points are known."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import nullcline as nc

DATA = Path(__file__).resolve().parents[1] / "data"


def oracle_network(name: str) -> nc.Network:
    """A trained flip-flop network from its weights under PyTorch's names."""
    cell = next(kind for kind in ("vanilla", "gru", "lstm") if name.startswith(kind))
    weights = np.load(DATA / "flip-flop" / f"{name}.weights.npz")
    input_bias, recurrent_bias = weights["bias_ih_l0"], weights["bias_hh_l0"]
    n = weights["weight_hh_l0"].shape[1]
    bias, options = input_bias + recurrent_bias, {}
    if cell == "gru":
        bias = np.concatenate([bias[: 2 * n], input_bias[2 * n :]])
        options["recurrent_bias"] = recurrent_bias[2 * n :]
    return nc.Network(
        cell,
        input_weights=weights["weight_ih_l0"],
        recurrent_weights=weights["weight_hh_l0"],
        bias=bias,
        readout_weights=weights["readout.weight"],
        readout_bias=weights["readout.bias"],
        **options,
    )


def oracle_states(name: str) -> np.ndarray:
    return np.load(DATA / "flip-flop" / f"{name}.states.npz")["states"]


def oracle_truth(name: str) -> np.lib.npyio.NpzFile:
    return np.load(DATA / "flip-flop" / f"{name}.truth.npz")


def farthest(a: np.ndarray, b: np.ndarray) -> float:
    """The largest distance of a row of a from the nearest row of b."""
    return float(np.abs(a[:, None] - b[None]).max(axis=2).min(axis=1).max())


@pytest.fixture(scope="session")
def gru() -> nc.Network:
    return oracle_network("gru16_seed0")


@pytest.fixture(scope="session")
def gru_points(gru) -> nc.FixedPoints:
    return nc.find_fixed_points(gru, oracle_states("gru16_seed0"))


@pytest.fixture(scope="session")
def memory() -> nc.Network:
    """h' = tanh(2 h + 4 x): two units keep the signs of their last inputs; 3^2 fixed points at zero input."""
    return nc.Network(
        "vanilla", input_weights=4 * np.eye(2), recurrent_weights=2 * np.eye(2), readout_weights=np.eye(2)
    )


@pytest.fixture(scope="session")
def memory_points(memory) -> nc.FixedPoints:
    return nc.find_fixed_points(memory)


@pytest.fixture(scope="session")
def command():
    """Runs the command; returns the JSON document it prints."""
    program = os.environ.get("NULLCLINE_COMMAND")
    if not program:
        pytest.skip("NULLCLINE_COMMAND is not set: the command is not there to compare with")

    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    return run
