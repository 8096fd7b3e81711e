# SPDX-License-Identifier: BSD-3-Clause
"""Echo-state networks trained online."""

import base64
import json
import re

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
    assert file["readout_snapshots"].dims == ("snapshot", "output", "unit") and len(file["snapshot"]) == 41
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


def test_report_shows_the_training(trained, tmp_path):
    path, _ = trained
    succeed("report", path, "-o", tmp_path / "training.html")
    text = (tmp_path / "training.html").read_text()
    panels = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S).group(1))["training"]["panels"]
    assert [panel["y_label"] for panel in panels] == ["outputs", "error", "weight norm", "output 1"]
    norms = np.frombuffer(base64.b64decode(panels[2]["lines"][0]["y"]), "<f4")
    file = xr.open_dataset(path, engine="h5netcdf")
    assert np.allclose(norms, file["weight_norm"], rtol=1e-6)  # 1500 values: few enough to be whole
    assert [line["is_target"] for line in panels[3]["lines"]] == [True, False]


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


def test_transfer_begins_with_the_weights_of_fewer_channels(trained, tmp_path):
    path, _ = trained
    wide = tmp_path / "two bits.nc"
    succeed("force pulse-flip-flop --bits 2 --train-steps 20 --learn-every 100", "--from", path, "-o", wide)
    before, after = (xr.open_dataset(p, engine="h5netcdf", group="echo_state") for p in (path, wide))
    assert np.array_equal(after["recurrent_weights"], before["recurrent_weights"])
    assert np.array_equal(after["feedback_weights"][:, :1], before["feedback_weights"])
    assert np.array_equal(after["readout_weights"][:1], before["readout_weights"]) and not after["readout_weights"][1:].any()
    assert np.abs(after["input_weights"][:, 1:]).max() > 0.5
    out = ("-o", tmp_path / "x.nc")
    assert "expected at most 1 and 1" in fail(2, "force pulse-flip-flop --bits 1", "--from", wide, *out)
    assert "--units" in fail(2, "force pulse-flip-flop --bits 2 --units 5", "--from", path, *out)


def test_evolution_and_perturb_take_the_network(trained, tmp_path):
    path, _ = trained
    page, file = tmp_path / "a page.html", tmp_path / "e.nc"
    told = succeed_json("evolution", path, "--every", 20, "--starts", 32, "--visited", 8, "-o", file)
    assert [snapshot["step"] for snapshot in told["snapshots"]] == [0, 1000, 2000, 3000]
    assert sum(s["n_points"] for s in told["snapshots"]) == xr.open_dataset(file, engine="h5netcdf").sizes["point"]
    succeed("report", file, "-o", page)
    assert "Play" in page.read_text()
    study = succeed_json("perturb", path, "--noise", "0,0.5", "--trials", 2, "--error-only")
    assert study["levels"][0]["mean_error"] == pytest.approx(study["reference"]["error"])
    assert study["levels"][1]["mean_error"] > study["levels"][0]["mean_error"]


def plots(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S).group(1))["training"]


def numbers(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_perturb_makes_a_page_and_report_one_of_several(trained, tmp_path):
    path, _ = trained
    flags = ("--noise", "0,0.01,0.3", "--trials", 3, "--starts", 64, "--trajectories", 4)
    told = succeed_json("perturb", path, *flags, "--prune", "0.5", "-o", tmp_path / "a page.html")
    assert plots(tmp_path / "a page.html")["heading"] == "Perturbations"
    panels = plots(tmp_path / "a page.html")["panels"]
    assert [panel["y_label"] for panel in panels] == ["error", "share that is left"] * 2
    reference, error = panels[0]["lines"]
    assert reference["is_target"] and numbers(reference["y"])[0] == pytest.approx(told["reference"]["error"], rel=1e-6)
    assert numbers(error["x"]) == pytest.approx([0.01, 0.3])  # a logarithmic axis has no 0
    shown = [level for level in told["levels"] if level["kind"] == "noise" and level["level"] > 0]
    assert numbers(error["y"]) == pytest.approx([level["mean_error"] for level in shown], rel=1e-6)
    assert numbers(error["spread"]) == pytest.approx([level["sd_error"] for level in shown], rel=1e-5)
    kept = panels[1]["lines"][0]
    shares = [level["mean_points_kept"] / told["reference"]["n_points"] for level in shown]
    assert kept["name"] == "points" and numbers(kept["y"]) == pytest.approx(shares, rel=1e-6)
    assert numbers(panels[2]["lines"][1]["x"]) == pytest.approx([0.5])
    for name in ("first", "second"):
        succeed("perturb", path, "--noise", "0.01,0.1", "--trials", 2, "--error-only", "-o", tmp_path / f"{name}.nc")
    page = tmp_path / "both.html"
    succeed("report", tmp_path / "first.nc", tmp_path / "second.nc", "-o", page)
    (panel,) = plots(page)["panels"]
    assert [line["name"] for line in panel["lines"]] == ["first: error", "second: error"]
    assert "expected fixed points" in fail(3, "report", tmp_path / "first.nc", path, "-o", page)
    succeed("perturb", path, "--noise", "0", "--error-only", "--trials", 1, "-o", tmp_path / "zero.nc")
    assert "found no level that can be drawn" in fail(3, "report", tmp_path / "zero.nc", "-o", page)


def test_what_does_not_fit_is_one_line(trained, tmp_path):
    path, _ = trained
    other, bare = tmp_path / "other.nc", tmp_path / "bare.nc"
    succeed("force pulse-flip-flop --bits 1 --units 20 --train-steps 50 --snapshot-every 0", "-o", bare)
    assert "found no snapshots" in fail(3, "evolution", bare)
    assert "a snapshot of another network" in fail(2, "evolution", path, bare)
    assert "expected 0 to 1e6" in fail(2, "perturb", path, "--noise", "-1")
    assert "expected a share in [0, 1]" in fail(2, "perturb", path, "--prune", "1.5")
    assert "found no level" in fail(2, "perturb", path)
    assert "found 2 values" in fail(2, "evolution", path, "--input", "0,0")
    other.write_bytes(path.read_bytes())
    import h5py

    with h5py.File(other, "r+") as file:
        readouts = file["readout_snapshots"][:, :, :-1]
        file["echo_state/feedback_weights"][0, 0] += 1
    assert "not of the same network" in fail(3, "evolution", other)
    other.write_bytes(path.read_bytes())
    with h5py.File(other, "r+") as file:
        file.copy("readout_snapshots", "kept")
        del file["readout_snapshots"]
        file["readout_snapshots"] = readouts
    assert "expected (snapshots, 1, 60)" in fail(3, "evolution", other)


def test_back_propagation_keeps_snapshots_too(tmp_path):
    file, again = tmp_path / "ff.nc", tmp_path / "again.nc"
    train = "train flip-flop --bits 1 --cell vanilla --units 8 --iterations 60 --batch 8 --seed 1 --precision float64"
    succeed(train, "--snapshot-every", 20, "-o", file)
    succeed(train, "-o", again)
    told = succeed_json("evolution", file, "--starts", 32)
    assert [snapshot["step"] for snapshot in told["snapshots"]] == [0, 20, 40, 60]
    weights = [
        xr.open_dataset(path, engine="h5netcdf", group=group)["recurrent_weights"]
        for path, group in ((file, "snapshot_3"), (file, "network"), (again, "network"), (file, "snapshot_0"))
    ]
    assert np.array_equal(weights[0], weights[1]) and np.array_equal(weights[1], weights[2])
    assert not np.array_equal(weights[0], weights[3])
    assert "snapshot_every: found -1" in fail(2, train, "--snapshot-every", -1, "-o", tmp_path / "x.nc")
