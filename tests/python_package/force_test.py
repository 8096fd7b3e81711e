# SPDX-License-Identifier: BSD-3-Clause
"""FORCE, evolution during training and perturbations from Python."""

import inspect

import numpy as np
import pytest

import nullcline as nc
from nullcline import _core


@pytest.fixture(scope="module")
def trained():
    return nc.train_force(nc.PulseFlipFlop(bits=1, steps=300), units=40, train_steps=1500, snapshot_every=250, seed=2)


def test_the_result_is_a_network_with_its_test(trained):
    assert trained.termination == "max_iterations" and trained.steps == 1500
    assert trained.error.shape == trained.weight_norm.shape == (750,)
    assert trained.test_error == pytest.approx(np.mean((trained.test_outputs - trained.test_targets) ** 2))
    assert trained.readout_snapshots.shape == (7, 1, 40) and not trained.readout_snapshots[0].any()
    assert len(nc.find_fixed_points(trained, n_starts=64, max_starts=64)) >= 1


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu"])
def test_other_rates_train_or_diverge_with_their_step(activation):
    other = nc.train_force(nc.PulseFlipFlop(bits=1, steps=200), units=40, train_steps=400, activation=activation, gain=10.0)
    assert (other.termination == "diverged") == (activation == "relu")
    assert other.steps < 400 if activation == "relu" else other.steps == 400


def test_transfer_keeps_the_old_channels(trained):
    task = nc.PulseFlipFlop(bits=2, steps=300)
    wide = nc.train_force(task, transfer_from=trained, train_steps=20, learn_every=100, snapshot_every=10)
    assert np.array_equal(wide.readout_snapshots[0][:1], trained.readout_snapshots[-1])
    assert not wide.readout_snapshots[0][1:].any()
    with pytest.raises(nc.InvalidInput, match="expected at most 1 and 1"):
        nc.train_force(nc.PulseFlipFlop(bits=1), transfer_from=wide, train_steps=20)


def test_evolution_follows_and_is_what_was_saved(trained, tmp_path):
    followed = nc.evolution(trained, starts=32, visited=8)
    assert followed.steps.tolist() == [0, 250, 500, 750, 1000, 1250, 1500]
    assert followed.counts.sum() == len(followed.track)
    for snapshot in range(len(followed)):
        tracks = followed.track[followed.snapshot_of_point == snapshot]
        assert len(set(tracks)) == len(tracks)
    followed.save(tmp_path / "e.nc")
    assert nc.load(tmp_path / "e.nc") == followed
    followed.to_html(tmp_path / "e.html")
    assert "Play" in (tmp_path / "e.html").read_text()
    assert len(followed.to_pandas()) == len(followed.track)


def test_networks_in_order_are_a_training(trained):
    followed = nc.evolution([trained.network, trained.network], starts=16)
    assert followed.counts[0] == followed.counts[1] and followed.events == []
    other = nc.train_force(nc.PulseFlipFlop(bits=1), units=30, train_steps=20)
    with pytest.raises(nc.InvalidInput, match="a snapshot of another network"):
        nc.evolution([trained.network, other.network])


def test_perturbations_report_error_and_structure(trained):
    study = nc.perturb(trained, noise=[0, 1.0], prune=[1.0], trials=2, starts=32, trajectories=2)
    points = study.reference("points")
    assert points >= 1
    assert study.error[0] == pytest.approx(study.reference("error"))
    assert study.kept("points")[0].tolist() == [points, points]
    assert study.kept("edges")[0].tolist() == [study.reference("edges")] * 2
    assert study.error[1].mean() > study.error[0].mean()
    assert study.kept("points")[2, 0] <= points and study.n_trials.tolist() == [2, 2, 1]
    assert len(study.to_pandas()) == 5


def test_files_of_force_and_perturbations_are_loaded_again(trained, tmp_path):
    trained.save(tmp_path / "esn.nc")
    loaded = nc.load(tmp_path / "esn.nc")
    assert isinstance(loaded, nc.ForceTraining) and loaded == trained
    assert loaded.test_error == trained.test_error and loaded.task == trained.task
    study = nc.perturb(loaded, noise=[0.01], trials=2, error_only=True)
    study.save(tmp_path / "noise.nc")
    again = nc.load(tmp_path / "noise.nc")
    assert isinstance(again, nc.Perturbations) and again == study
    assert np.array_equal(again.error, study.error) and again.levels.tolist() == [0.01]
    damaged = (tmp_path / "noise.nc").read_bytes()[:1000]
    (tmp_path / "noise.nc").write_bytes(damaged)
    with pytest.raises(nc.FormatError, match="noise.nc"):
        nc.load(tmp_path / "noise.nc")


@pytest.mark.parametrize("suffix", ["pdf", "svg"])
def test_figures_are_saved_as_vectors(trained, tmp_path, suffix):
    pytest.importorskip("matplotlib").use("Agg")
    study = nc.perturb(trained, noise=[0.01, 0.1], trials=2, error_only=True)
    network = nc.train(nc.FlipFlop(bits=1, steps=10), units=4, iterations=2, batch=4)
    points = nc.find_fixed_points(network, n_starts=32)
    followed = nc.evolution(trained, starts=16, visited=4)
    plots = {"training": trained, "evolution": followed, "noise": study, "loss": network, "points": points}
    for name, result in plots.items():
        path = tmp_path / f"{name}.{suffix}"
        result.plot().figure.savefig(path)
        start = path.read_bytes()[:2000]
        assert start.startswith(b"%PDF") if suffix == "pdf" else b"<svg" in start, name
        assert path.stat().st_size > 3000, name


def test_the_shape_of_a_cube_is_told():
    corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * 3)).reshape(3, -1).T
    cube = nc.shape(2 * corners, corners)
    assert (cube.n_states, cube.n_corners, cube.decided) == (8, 8, [0, 0, 0, 8])
    assert [pair.n_differing for pair in cube.distances] == [1, 2, 3]
    assert [pair.mean for pair in cube.distances] == pytest.approx(4 * np.sqrt([1, 2, 3]))
    assert cube.explained_variance == pytest.approx([1 / 3] * 3) and cube.channel_shares.sum(axis=1) == pytest.approx([1] * 3)
    # Edges of different lengths: each component is one channel.
    cuboid = nc.shape(corners * [3, 2, 1], corners)
    assert cuboid.channel_shares == pytest.approx(np.eye(3), abs=1e-12)
    assert nc.shape(corners, 0.4 * corners, level=[1, 1, 1]).n_corners == 0
    assert nc.shape(corners).n_corners == 0
    for arguments, message in [
        ((corners, corners[:4]), "readouts: found 4 rows, expected 8"),
        ((corners * np.nan, corners), "states: found values that are not finite"),
    ]:
        with pytest.raises(nc.InvalidInput, match=message):
            nc.shape(*arguments)
    with pytest.raises(nc.InvalidInput, match="level: found 2 values, expected 3"):
        nc.shape(corners, corners, level=[1, 1])


def test_fixed_points_have_a_shape(trained):
    points = nc.find_fixed_points(trained, n_starts=64, max_starts=64)
    told = nc.shape(points)
    assert told.n_states == len(points) and sum(told.decided) == len(points)
    assert told.level == pytest.approx(np.abs(points.readouts).max(axis=0))
    with pytest.raises(nc.InvalidInput, match="beside FixedPoints"):
        nc.shape(points, points.readouts)


@pytest.mark.parametrize(
    ("options", "message"),
    [({}, "found no level"), ({"noise": [-1]}, "found -1, expected 0 to 1e6"), ({"prune": [2]}, r"expected a share in \[0, 1\]")],
)
def test_levels_out_of_range_are_refused(trained, options, message):
    with pytest.raises(nc.InvalidInput, match=message):
        nc.perturb(trained, **options)


@pytest.mark.parametrize(("function", "known"), [(nc.evolution, "evolution_options"), (nc.perturb, "perturb_options")])
def test_signatures_are_the_options_of_the_library(function, known):
    defaults = getattr(_core, known)()
    parameters = inspect.signature(function).parameters
    assert set(defaults) <= set(parameters)
    for name, value in defaults.items():
        found = parameters[name].default
        assert found == value or (found == () and value in ("", [])), name
