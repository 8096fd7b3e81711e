# SPDX-License-Identifier: BSD-3-Clause
"""Every task through the command: what it makes, how it continues, what it refuses."""

import json

import numpy as np
import pytest
import xarray as xr
from command import fail, succeed, succeed_json

TINY = ["--units", 2, "--iterations", 40, "--batch", 8, "--validation-trials", 16, "--validation-every", 20, "--seed", 1, "--quiet"]
DECAY = '[system.ode]\nx = "-x"\n[box]\nx = [-1, 1]\n'


@pytest.mark.parametrize("task", ["sine", "context-integration", "integration", "fitzhugh-nagumo", "line-attractor", "ring-attractor"])
def test_a_task_is_trained_and_analysed(task, tmp_path):
    out = tmp_path / "a net.nc"
    document = succeed_json("train", task, *TINY, "-o", out)
    assert document["configuration"]["task"]["name"] == task and 0 <= document["accuracy"] <= 1
    with xr.open_dataset(out) as result:
        loss = result["loss"].values
        assert np.all(np.isfinite(loss)) and json.loads(result.attrs["configuration"])["task"]["steps"] in (29, 30, 50, 500)
    n = {"sine": 1, "context-integration": 4, "integration": 1}.get(task, 2)
    points = succeed_json("fixed-points", out, "--input", ",".join("0" * n), "--input", ",".join("1" * n), "--n-starts", 200, "--quiet")
    assert points["visited"].startswith("states of trials of the task") or task in points["visited"]
    assert points["inputs"] == [[0] * n, [1] * n]


def test_a_model_file_is_a_task(tmp_path):
    model = tmp_path / "a decay.toml"
    model.write_text(DECAY)
    document = succeed_json("train", "trajectories", "--model", model, *TINY, "--interval", 0.2, "-o", tmp_path / "d.nc")
    assert document["configuration"]["task"]["interval"] == 0.2
    again = succeed_json("train", "trajectories", "--model", model, *TINY, "--interval", 0.2, "-o", tmp_path / "e.nc")
    other = succeed_json("train", "trajectories", "--model", model, *TINY, "--interval", 0.3, "-o", tmp_path / "f.nc")
    assert again["loss"] == document["loss"] != other["loss"]


def test_mistakes_are_one_line(tmp_path):
    def refused(code, *arguments):
        return fail(code, "train", *arguments, "--quiet", "-o", tmp_path / "x.nc")

    assert "channels: found 0, expected 1 to 16" in refused(2, "integration", "--channels", 0)
    assert "streams: found 17, expected 1 to 16" in refused(2, "context-integration", "--streams", 17)
    assert "highest_frequency: found 0.001" in refused(2, "sine", "--highest-frequency", 0.001)
    assert "discount: found 2" in refused(2, "integration", "--discount", 2)
    assert "batch: found 668, expected at most 667" in refused(2, "ring-attractor", "--batch", 668)
    assert "start_box: found 1" in refused(2, "ring-attractor", "--start-box", "0,1")
    assert "bce takes targets in [-1, 1]" in refused(2, "fitzhugh-nagumo", "--loss", "bce", *TINY[:-1])
    assert "model: found none" in refused(2, "trajectories")
    assert "none.toml" in refused(3, "trajectories", "--model", tmp_path / "none.toml")
    blows_up = tmp_path / "blows up.toml"
    blows_up.write_text(DECAY.replace('"-x"', '"x^3"').replace("[-1, 1]", "[1, 2]"))
    assert "leaves 1e+06 by observation" in refused(2, "trajectories", "--model", blows_up, *TINY[:-1])
    with_inputs = tmp_path / "inputs.toml"
    with_inputs.write_text('[system]\ninputs = ["u", "v"]\n' + DECAY.replace('"-x"', '"u + v - x"'))
    assert "input_mean: found 1, expected 2 values" in refused(2, "trajectories", "--model", with_inputs, "--input-mean", "1")
    succeed("train", "trajectories", "--model", with_inputs, "--input-mean", "1,2", *TINY, "-o", tmp_path / "y.nc")
    net = tmp_path / "y.nc"
    assert "found 2 values" in fail(2, "fixed-points", net, "--input", "0,0")
