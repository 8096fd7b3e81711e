# SPDX-License-Identifier: BSD-3-Clause
"""The command under test, and small results that several tests read."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

COMMAND = str(Path(os.environ["NULLCLINE_BUILD"]) / "cli" / "nullcline")
DATA = Path(__file__).resolve().parents[1] / "data"
FLIP_FLOP = DATA / "flip-flop"
# A training of about a second: enough to be a network, not enough to solve the task.
SMALL = "train flip-flop --bits 1 --steps 20 --units 6 --iterations 60 --batch 8 --validation-trials 16 --validation-every 20"


def run(*arguments, **options):
    """Runs the command; arguments that are one string are split at blanks."""
    words = arguments[0].split() + list(arguments[1:]) if arguments else []
    options.setdefault("timeout", 300)
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, **options)


def succeed(*arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fail(code, *arguments, **options):
    """Expects this exit code and one line on standard error; returns the line."""
    done = run(*arguments, **options)
    assert done.returncode == code, (done.returncode, done.stderr, done.stdout)
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("nullcline: "), done.stderr
    return lines[0]


def succeed_json(*arguments, **options):
    return json.loads(succeed(*arguments, "--json", **options))


def files_in(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def hold_memory_weights(path, n=3):
    """h' = tanh(2 h + 4 u): each unit keeps the sign of its last input; 3^n fixed points."""
    np.savez(path, weight_ih_l0=4 * np.eye(n), weight_hh_l0=2 * np.eye(n), bias_ih_l0=np.zeros(n), bias_hh_l0=np.zeros(n),
             **{"readout.weight": np.eye(n), "readout.bias": np.zeros(n)})
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("trained") / "small.nc"
    succeed(SMALL, "--seed", 1, "-o", path)
    return path


@pytest.fixture(scope="session")
def memory_points(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memory")
    weights = hold_memory_weights(folder / "weights.npz")
    succeed("fixed-points", weights, "--cell", "vanilla", "-o", folder / "points.nc")
    return folder / "points.nc"
