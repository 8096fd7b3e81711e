# SPDX-License-Identifier: BSD-3-Clause
"""Echo-state networks trained online."""

import numpy as np
import pytest
import xarray as xr
from command import fail, run, succeed, succeed_json

SMALL = "force pulse-flip-flop --bits 1 --steps 500 --units 60 --train-steps 3000"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("force") / "esn.nc"
    return path, succeed_json(SMALL, "--seed", 2, "-o", path)


def test_the_file_holds_network_training_and_test(trained):
    path, told = trained
    assert told["termination"] == "max_iterations" and told["steps"] == 3000
    file = xr.open_dataset(path, engine="h5netcdf")
    assert file["error"].shape == file["weight_norm"].shape == (1500,)
    assert file["readout_snapshots"].dims == ("snapshot", "output", "unit") and len(file["snapshot"]) == 40
    assert np.mean((file["test_outputs"] - file["test_targets"]) ** 2) == pytest.approx(told["test_error"])
    network = xr.open_dataset(path, engine="h5netcdf", group="network")
    echo_state = xr.open_dataset(path, engine="h5netcdf", group="echo_state")
    folded = echo_state["recurrent_weights"].values + echo_state["feedback_weights"].values @ echo_state["readout_weights"].values
    assert np.allclose(network["recurrent_weights"], folded, rtol=0, atol=1e-14)


def test_everything_else_takes_the_network(trained, tmp_path):
    path, _ = trained
    found = succeed_json("fixed-points", path, "-o", tmp_path / "p.nc", "--n-starts", 300, "--trajectories", 8)
    assert found["n_points"] >= 1 and "leaky-outside" in found["system"].values()
    assert found["verified"] is True


def test_the_same_seed_gives_the_same_network(trained, tmp_path):
    path, told = trained
    again = succeed_json(SMALL, "--seed", 2, "--threads", 1, "-o", tmp_path / "a.nc")
    other = succeed_json(SMALL, "--seed", 3, "-o", tmp_path / "b.nc")
    assert again["test_error"] == told["test_error"] != other["test_error"]


def test_divergence_is_an_outcome_with_its_step(tmp_path):
    done = run(SMALL, "--activation", "relu", "--gain", 30, "-o", tmp_path / "x.nc", "--quiet")
    assert done.returncode == 4 and "training diverged at step" in done.stderr
    assert not (tmp_path / "x.nc").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--tau", "-1"), "tau: found -1, expected at least one step"),
        (("--gain", "-1"), "gain: found -1, expected a finite value of at least 0"),
        (("--forgetting", "1.5"), "forgetting: found 1.5, expected a value in (0, 1]"),
        (("--pulse-steps", "501"), "pulse_steps: found 501, expected 1 to the 500 steps"),
        (("--order", "mine"), "expected jang | sussillo-abbott"),
    ],
)
def test_mistakes_are_one_line(tmp_path, flags, message):
    assert message in fail(2, SMALL, *flags, "-o", tmp_path / "x.nc")
