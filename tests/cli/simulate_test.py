# SPDX-License-Identifier: BSD-3-Clause
"""Running networks on one's own inputs, against the equations in numpy."""

import numpy as np
import pytest
import xarray as xr
from command import FLIP_FLOP, fail, files_in, hold_memory_weights, run, succeed, succeed_json


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step(w, h, x):
    """PyTorch's GRU: rows by gate r, z, n; the reset gate after the product."""
    a = w["weight_ih_l0"] @ x + w["bias_ih_l0"]
    b = w["weight_hh_l0"] @ h + w["bias_hh_l0"]
    n = len(h)
    r, z = sigmoid(a[:n] + b[:n]), sigmoid(a[n : 2 * n] + b[n : 2 * n])
    return (1 - z) * np.tanh(a[2 * n :] + r * b[2 * n :]) + z * h


def test_states_and_outputs_follow_the_equations(tmp_path):
    path = FLIP_FLOP / "gru16_seed0.weights.npz"
    w = dict(np.load(path))
    inputs = np.random.default_rng(0).integers(-1, 2, (4, 12, 3)).astype(float)
    np.save(tmp_path / "u.npy", inputs)
    succeed("simulate", path, "--cell", "gru", "--inputs", tmp_path / "u.npy", "-o", tmp_path / "s.nc")
    with xr.open_dataset(tmp_path / "s.nc") as result:
        assert result["states"].dims == ("trial", "step", "state")
        assert result["outputs"].dims == ("trial", "step", "output")
        for trial in range(4):
            h = np.zeros(16)
            for step in range(12):
                h = gru_step(w, h, inputs[trial, step])
                assert np.allclose(result["states"][trial, step], h, atol=1e-12)
                assert np.allclose(result["outputs"][trial, step], w["readout.weight"] @ h + w["readout.bias"], atol=1e-12)
        assert np.array_equal(result["inputs"], inputs)


def test_shapes_and_files_that_mean_the_same(tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    inputs = np.random.default_rng(1).normal(size=(9, 2))
    np.save(tmp_path / "a.npy", inputs)
    np.savez(tmp_path / "b.npz", inputs=inputs, other=np.zeros(3))
    np.savez_compressed(tmp_path / "c.npz", u=inputs[None].astype(np.float64))
    found = [succeed_json("simulate", weights, "--cell", "vanilla", "--inputs", tmp_path / name, "-o", tmp_path / "s.nc")
             for name in ("a.npy", "b.npz", "c.npz")]  # fmt: skip
    assert found[0] == found[1] == found[2]
    assert found[0]["n_trials"] == 1 and found[0]["n_steps"] == 9 and found[0]["verified"] is False
    h = np.zeros(2)
    for x in inputs:
        h = np.tanh(2 * h + 4 * x)
    assert np.allclose(found[0]["final_states"], [h], atol=1e-13)


def test_a_trained_network_runs_from_its_own_initial_state(trained, tmp_path):
    np.save(tmp_path / "u.npy", np.zeros((3, 5, 1)))
    text = succeed("simulate", trained, "--inputs", tmp_path / "u.npy", "-o", tmp_path / "s.nc")
    assert "3 trials of 5 steps of GRU, 6 units" in text and "not verified" not in text
    with xr.open_dataset(tmp_path / "s.nc") as result:
        assert np.array_equal(result["states"][0], result["states"][2])
        assert result.attrs["nullcline_kind"] == "simulation"


@pytest.mark.parametrize(
    "inputs, expected",
    [
        (np.zeros((5, 3)), "found shape (5, 3), expected (steps, 2) or (trials, steps, 2)"),
        (np.zeros(2), "found shape (2), expected (steps, 2)"),
        (np.zeros((1, 1, 1, 2)), "found shape (1, 1, 1, 2)"),
        (np.zeros((0, 2)), "found shape (0, 2), expected at least one step"),
        (np.array([[0, np.nan]]), "found NaN or infinity"),
        (np.array([["a", "b"]]), "u.npy: "),
    ],
)
def test_inputs_that_do_not_fit_are_refused(inputs, expected, tmp_path):
    weights = hold_memory_weights(tmp_path / "w.npz", 2)
    np.save(tmp_path / "u.npy", inputs)
    line = fail(3, "simulate", weights, "--cell", "vanilla", "--inputs", "u.npy", "-o", "s.nc", cwd=tmp_path)
    assert line.startswith("nullcline: u.npy: ") and expected in line
    assert files_in(tmp_path) == ["u.npy", "w.npz"]


def test_overflow_is_said(tmp_path):
    np.savez(tmp_path / "w.npz", weight_ih_l0=np.eye(1), weight_hh_l0=1e200 * np.eye(1), bias_ih_l0=np.zeros(1), bias_hh_l0=np.zeros(1))
    np.save(tmp_path / "u.npy", np.ones((9, 1)))
    done = run("simulate w.npz --cell vanilla --activation relu --inputs u.npy -o s.nc", cwd=tmp_path)
    assert done.returncode == 4 and "not all of them are finite" in done.stderr
