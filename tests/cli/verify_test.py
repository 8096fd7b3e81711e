# SPDX-License-Identifier: BSD-3-Clause
"""Proofs of a file shown again by the command, with its own network and with one that was changed."""

import numpy as np
import pytest
from command import FLIP_FLOP, fail, run, succeed, succeed_json


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    file = tmp_path_factory.mktemp("verify") / "gru8.points.nc"
    oracle = FLIP_FLOP / "gru8_proven27"
    succeed("fixed-points", f"{oracle}.weights.npz", "--cell", "gru", "--states", f"{oracle}.states.npz", "-o", file)
    return file


def test_an_honest_file_passes(points):
    assert "all 27 proofs hold" in succeed("verify", points)
    document = succeed_json("verify", points)
    assert document["n_proofs"] == 27 and document["doubts"] == []


def test_a_weight_of_the_other_sign_fails_the_gate(points, tmp_path):
    weights = dict(np.load(FLIP_FLOP / "gru8_proven27.weights.npz"))
    weights["weight_hh_l0"][17, 3] *= -1
    np.savez(tmp_path / "flipped.npz", **weights)
    done = run("verify", points, "--network", tmp_path / "flipped.npz")
    assert done.returncode == 4
    assert "not shown: a fixed point within" in done.stdout and "could not be shown again" in done.stdout


def test_the_same_weights_from_their_own_file_pass(points):
    succeed("verify", points, "--network", FLIP_FLOP / "gru8_proven27.weights.npz")


def test_a_network_of_another_size_is_refused(points):
    error = fail(3, "verify", points, "--network", FLIP_FLOP / "gru16_seed0.weights.npz")
    assert "found 16 states and 3 inputs, expected 8 and 3" in error


def test_a_file_of_another_kind_is_refused():
    assert "not an HDF5 file" in fail(3, "verify", FLIP_FLOP / "gru8_proven27.weights.npz")


def test_a_set_without_points_is_written_and_read(tmp_path):
    """h' = relu(2 h + 1) has none."""
    weights = {"weight_ih_l0": np.zeros((1, 1)), "weight_hh_l0": [[2.0]], "bias_ih_l0": [1.0], "bias_hh_l0": [0.0]}
    np.savez(tmp_path / "w.npz", **{name: np.asarray(value, dtype=float) for name, value in weights.items()})
    flags = ["--cell", "vanilla", "--activation", "relu"]
    assert succeed_json("fixed-points", tmp_path / "w.npz", *flags, "-o", tmp_path / "p.nc")["n_points"] == 0
    assert "all 0 proofs hold" in succeed("verify", tmp_path / "p.nc")
