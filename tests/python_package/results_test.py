# SPDX-License-Identifier: BSD-3-Clause
"""Graphs, runs, files and pages; and that the command and the package read each other's files."""

import inspect
import pickle

import numpy as np
import pytest
from conftest import DATA, farthest

import nullcline as nc
from nullcline import _core


@pytest.fixture(scope="module")
def trained():
    options = {"units": 6, "iterations": 60, "batch": 8, "validation_trials": 16, "validation_every": 20}
    return nc.train(nc.FlipFlop(bits=1, steps=20), seed=1, **options)


def test_a_linearization_is_a_result_like_the_others(tmp_path):
    network = nc.Network("vanilla", input_weights=np.eye(2), recurrent_weights=2 * np.eye(2))
    found = nc.linearize(network, [[0.0, 0.0], [0.5, 0.1]])
    found.save(tmp_path / "linearization.nc")
    assert nc.load(tmp_path / "linearization.nc") == found
    assert list(found.to_pandas()["max_abs_eigenvalue"])[0] == 2
    assert "Linearization: 2 states" in found._repr_html_()


def test_a_simulation_has_one_row_per_step():
    network = nc.Network("vanilla", input_weights=np.eye(2), recurrent_weights=np.zeros((2, 2)))
    frame = nc.simulate(network, np.ones((3, 4, 2))).to_pandas()
    assert len(frame) == 12 and list(frame["step"])[:5] == [1, 2, 3, 4, 1]
    assert np.allclose(frame["state_1"], np.tanh(1))


def test_a_graph_of_known_transitions(memory, memory_points):
    graph = nc.topology(memory, memory_points)
    assert graph.n_points == 9 and np.allclose(graph.transitions.sum(axis=1), 1)
    stable = memory_points.n_unstable[graph.point_index] == 0
    assert np.array_equal(graph.transitions[stable][:, :-1], np.eye(9)[stable])
    saddles = memory_points.n_unstable[graph.point_index] == 1
    for row in graph.transitions[saddles]:  # an edge of the square leads to its two corners
        assert sorted(row[row > 0]) == [0.5, 0.5]
    label = {str(name): i for i, name in enumerate(graph.labels)}
    assert graph[label["+0"]] == {label["++"]: 0.5, label["+-"]: 0.5}
    assert len(graph) == 9 and graph.probe == "unstable_manifold" and graph.n_cycle == 0
    assert pickle.loads(pickle.dumps(graph)) == graph


def test_every_option_of_the_graph_is_an_argument_with_its_default(memory, memory_points):
    parameters = inspect.signature(nc.topology).parameters
    assert {name: parameters[name].default for name in _core.topology_options()} == _core.topology_options()
    usual = nc.topology(memory, memory_points)
    for option, value in {"probe": "perturbation", "perturbation": 0.02, "capture_radius": 0.2, "seed": 9, "n_rollouts": 10}.items():
        assert nc.topology(memory, memory_points, **{option: value}) != usual, option
    assert nc.topology(memory, memory_points, max_steps=1).n_undecided > 0
    with pytest.raises(ValueError, match=r"probe: found 'magic', expected unstable_manifold \| perturbation"):
        nc.topology(memory, memory_points, probe="magic")


def test_graphs_are_of_one_input(memory):
    points = nc.find_fixed_points(memory, inputs=[[0.0, 0.0], [1.0, 1.0]])
    with pytest.raises(ValueError, match="2 held inputs"):
        nc.topology(memory, points)
    assert nc.topology(memory, points.for_input(1)).n_points == 1
    with pytest.raises(ValueError, match="points: found list"):
        nc.topology(memory, [])


def test_a_simulation_is_the_step_repeated(memory):
    inputs = np.random.default_rng(0).normal(size=(2, 5, 2))
    run = nc.simulate(memory, inputs, initial_states=[0.1, -0.1])
    state = np.tile([0.1, -0.1], (2, 1))
    for step in range(5):
        state = np.tanh(2 * state + 4 * inputs[:, step])
        assert np.allclose(run.states[:, step], state, atol=1e-15)
    assert np.array_equal(run.inputs, inputs) and np.array_equal(run.outputs, run.states)
    assert nc.simulate(memory, inputs[0]).states.shape == (1, 5, 2)
    with pytest.raises(ValueError, match=r"inputs: found shape \(2, 5, 3\), expected \(steps, 2\) or \(trials, steps, 2\)"):
        nc.simulate(memory, np.zeros((2, 5, 3)))
    with pytest.raises(ValueError, match=r"initial_states: found shape \(3, 2\), expected \(2,\) or \(2, 2\)"):
        nc.simulate(memory, inputs, initial_states=np.zeros((3, 2)))


def test_training_solves_a_small_flip_flop():
    task = nc.FlipFlop(bits=1, steps=30)
    result = nc.train(task, cell="gru", units=8, iterations=400, batch=32, learning_rate=1e-2, seed=0)
    assert result.termination == "max_iterations" and len(result.loss) == 400
    assert result.validation_accuracy[-1] > 0.9 and result.loss[-20:].mean() < 0.2 * result.loss[:5].mean()
    assert result.network.verified and result.network.n_units == 8
    inputs, targets, mask = nc.FlipFlop(bits=1, steps=30).trials(64, seed=5)
    outputs = nc.simulate(result, inputs).outputs
    assert (np.sign(outputs) == np.sign(targets))[mask > 0].mean() > 0.9


def test_trials_of_a_flip_flop_hold_the_last_pulse():
    inputs, targets, mask = nc.FlipFlop(bits=2, steps=40, pulse_probability=0.2, start="zero").trials(3, seed=1)
    held = np.zeros((3, 2))
    for step in range(40):
        held = np.where(inputs[:, step] != 0, inputs[:, step], held)
        assert np.array_equal(targets[:, step], held)
    assert mask.shape == targets.shape


def test_options_of_training_are_named(trained):
    assert nc.train_options()["learning_rate"] == 2e-3
    with pytest.raises(ValueError, match="unit: unknown option, did you mean 'units'"):
        nc.train("flip-flop", unit=3)
    with pytest.raises(ValueError, match="flip-flap"):
        nc.train("flip-flap")
    with pytest.raises(ValueError, match="bits: found 0|bits"):
        nc.train(nc.FlipFlop(bits=0))


def test_a_trained_network_visits_the_states_of_its_task(trained):
    points = nc.find_fixed_points(trained)
    assert points.attributes["visited_origin"] == "128 trials of flip-flop"
    assert points.verified and points.readouts.shape == (len(points), 1)


def test_files_come_back_equal(tmp_path, trained, memory, memory_points):
    results = [trained, memory_points, nc.topology(memory, memory_points), nc.simulate(memory, np.zeros((4, 2)))]
    for number, result in enumerate(results):
        path = tmp_path / f"{number}.nc"
        result.save(path)
        again = nc.load(path)
        assert type(again) is type(result) and again == result
        assert again.attributes == result.attributes


@pytest.mark.parametrize("name", ["missing.nc", "text.nc", "weights.npz"])
def test_files_that_are_no_results_are_refused(tmp_path, name):
    (tmp_path / "text.nc").write_text("no result")
    np.savez(tmp_path / "weights.npz", a=np.zeros(3))
    with pytest.raises(nc.FormatError, match=name) as caught:
        nc.load(tmp_path / name)
    assert isinstance(caught.value, ValueError) and str(caught.value).startswith(str(tmp_path))


def test_damaged_results_are_refused(tmp_path, memory_points):
    memory_points.save(tmp_path / "points.nc")
    content = (tmp_path / "points.nc").read_bytes()
    (tmp_path / "points.nc").write_bytes(content[: len(content) // 2])
    with pytest.raises(nc.FormatError, match="points.nc"):
        nc.load(tmp_path / "points.nc")
    with pytest.raises(nc.FormatError, match="nowhere"):
        memory_points.save(tmp_path / "nowhere" / "points.nc")


def test_a_page_shows_what_it_was_given(tmp_path, trained):
    points = nc.find_fixed_points(trained)
    graph = nc.topology(trained, points)
    states = nc.simulate(trained, nc.FlipFlop(bits=1, steps=20).trials(4)[0]).states
    page = tmp_path / "page.html"
    nc.report(page, trained, points, graph, trajectories=states, title="A <page>", axes="modes")
    text = page.read_text()
    assert "A &lt;page&gt;" in text and "GRU, 6 units" in text and "Accuracy" in text and len(text) < 3e6
    for bad, message in [
        ({"axes": "round"}, "axes: found 'round'"),
        ({"trajectories": np.zeros((3, 4))}, r"trajectories: found shape \(3, 4\), expected \(steps, 6\)"),
        ({"graph": [graph, graph]}, "graph: found 2 graphs, expected 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            nc.report(page, trained, points, **bad)
    assert page.read_text() == text, "a failure leaves the old page"


def test_points_of_another_network_are_refused(tmp_path, memory_points, trained):
    other = nc.Network("vanilla", input_weights=4 * np.eye(2), recurrent_weights=3 * np.eye(2))
    with pytest.raises(ValueError, match="another network"):
        nc.report(tmp_path / "page.html", other, memory_points)
    with pytest.raises(ValueError, match=r"expected \(n, 6\)"):
        nc.report(tmp_path / "page.html", trained, memory_points)


def test_the_command_finds_the_same_points(command, tmp_path, gru, gru_points):
    flip_flop = DATA / "flip-flop"
    found = command(
        "fixed-points", flip_flop / "gru16_seed0.weights.npz", "--cell", "gru", "--reset", "after", "--states",
        flip_flop / "gru16_seed0.states.npz", "--json", "-o", tmp_path / "points.nc",
    )  # fmt: skip
    assert np.array_equal([point["state"] for point in found["points"]], gru_points.states)
    assert [point["hits"] for point in found["points"]] == gru_points.hits.tolist()
    loaded = nc.load(tmp_path / "points.nc")
    assert loaded == nc.FixedPoints(gru_points._contents) or farthest(loaded.states, gru_points.states) == 0


def test_the_command_reads_our_files(command, tmp_path, trained):
    points = nc.find_fixed_points(trained)
    graph = nc.topology(trained, points)
    for result, name in ((trained, "ff.nc"), (points, "ff.points.nc"), (graph, "ff.graph.nc")):
        result.save(tmp_path / name)
    assert command("info", tmp_path / "ff.nc", "--json")["network"]["n_units"] == 6
    theirs = command("topology", tmp_path / "ff.points.nc", "--json", "-o", tmp_path / "their.graph.nc")
    assert np.allclose(theirs["graphs"][0]["transitions"], graph.transitions)
    assert nc.load(tmp_path / "their.graph.nc") == graph
    command("report", tmp_path / "ff.nc", tmp_path / "ff.points.nc", tmp_path / "ff.graph.nc", "-o", tmp_path / "ff.html")
    again = command("fixed-points", tmp_path / "ff.nc", "--json")
    assert np.array_equal([point["state"] for point in again["points"]], points.states)


def test_we_train_as_the_command_does(command, tmp_path, trained):
    flags = "--bits 1 --steps 20 --units 6 --iterations 60 --batch 8 --validation-trials 16 --validation-every 20 --seed 1"
    command("train", "flip-flop", *flags.split(), "-o", tmp_path / "small.nc")
    theirs = nc.load(tmp_path / "small.nc")
    assert np.array_equal(theirs.loss, trained.loss)
    assert np.array_equal(theirs.network.recurrent_weights, trained.network.recurrent_weights)


def test_tables_and_data_sets(gru_points, memory, memory_points):
    pandas, xarray = pytest.importorskip("pandas"), pytest.importorskip("xarray")
    table = gru_points.to_pandas()
    assert isinstance(table, pandas.DataFrame) and len(table) == len(gru_points)
    assert np.array_equal(table["state_2"], gru_points.states[:, 2])
    assert (table.query("kind == 'fixed'")["n_unstable"] == gru_points.n_unstable[gru_points.is_fixed]).all()
    data = gru_points.to_xarray()
    assert isinstance(data, xarray.Dataset) and data["states"].dims == ("fixed_point", "state")
    graph = nc.topology(memory, memory_points)
    assert graph.to_pandas()["share"].sum() == pytest.approx(9)
    assert graph.to_xarray()["transitions"].shape == (9, 10)


def test_pictures_are_drawn_on_the_axes_given(gru_points, memory, memory_points, trained):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib.figure import Figure

    for result in (gru_points, memory_points, nc.topology(memory, memory_points), trained):
        ax = Figure().subplots()
        assert result.plot(ax) is ax and (ax.collections or ax.images or ax.lines)
    assert gru_points.plot(Figure().subplots(), alpha=0.5).collections[0].get_alpha() == 0.5


def test_a_notebook_shows_a_small_table(gru_points, memory, memory_points):
    text = gru_points._repr_html_()
    assert "<table>" in text and "<script" not in text and len(text) < 30000 and "stable" in text
    assert "leads to" in nc.topology(memory, memory_points)._repr_html_()
    assert "index sum +1" in str(gru_points.audit) and "proven" not in repr(gru_points).split(";")[0]
    assert "not verified" in repr(gru_points), "no probe was replayed"
