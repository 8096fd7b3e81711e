# SPDX-License-Identifier: BSD-3-Clause
"""What a file says about itself."""

from command import FLIP_FLOP, fail, succeed, succeed_json


def test_a_trained_network(trained):
    document = succeed_json("info", trained)
    assert document["kind"] == "trained_network" and document["format"] == "hdf5"
    assert document["network"] == {"cell": "gru", "n_units": 6, "n_layers": 1, "n_states": 6, "n_inputs": 1, "n_outputs": 1,
                                   "activation": "tanh", "verified": True, "reset": "after"}  # fmt: skip
    assert document["arrays"]["loss"] == {"type": "float64", "shape": [60], "dimensions": ["iteration"]}
    assert document["attributes"]["seed"] == 1
    text = succeed("info", trained)
    for word in ("trained_network", "GRU, 6 units, 1 input, 1 output, tanh, reset after", "loss", "command: nullcline train"):
        assert word in text, word


def test_fixed_points(memory_points):
    document = succeed_json("info", memory_points)
    assert document["kind"] == "fixed_points" and document["network"]["cell"] == "vanilla"
    assert document["network"]["verified"] is False


def test_plain_arrays():
    path = FLIP_FLOP / "gru16_seed0.weights.npz"
    document = succeed_json("info", path)
    assert document["kind"] is None and document["network"] is None
    assert document["arrays"]["weight_hh_l0"]["shape"] == [48, 16]
    assert "weight_hh_l0" in succeed("info", path)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    assert fail(3, "info", tmp_path / "a.txt").startswith(f"nullcline: {tmp_path}/a.txt: ")
    assert "is a folder" in fail(3, "info", tmp_path)
    assert "No such file" in fail(3, "info", tmp_path / "gone.nc")
