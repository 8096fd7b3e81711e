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
