# SPDX-License-Identifier: BSD-3-Clause
"""Phase portraits in Python."""

import pathlib
import pickle

import numpy as np
import pytest

import nullcline as nc

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "jordan-2021"
QUICK = dict(grid=21, automatic=3)


@pytest.fixture(scope="module")
def equation_9():
    return nc.portrait(nc.load_model(EXAMPLES / "eq9.toml"), start=[-0.3, 0.2], **QUICK)


def test_a_portrait_holds_what_it_shows(equation_9):
    p = equation_9
    assert p.time == "continuous" and p.state_names == ("h1", "h2")
    assert sorted(p.points.stability) == ["saddle", "saddle", "stable", "stable", "unstable"]
    assert p.cycles.period == pytest.approx([99.883580726], rel=1e-8)
    assert p.log_speed.shape == p.basins.shape == (21, 21)
    assert {p.attractors[k][0] for k in np.unique(p.basins) if k >= 0} <= {"point", "cycle"}
    forwards, backwards = p.trajectories[:2]
    assert (forwards.sense, backwards.sense, backwards.end) == (1, -1, "left_box")
    assert forwards.end == "point" and forwards.times[0] == 0 and len(forwards.times) == len(forwards.states)
    assert len(p.manifolds) == 8 and all(m.owner in np.flatnonzero(p.points.stability == "saddle") for m in p.manifolds)
    first = np.vstack([c.states for c in p.nullclines if c.owner == 0])
    system = nc.load_model(EXAMPLES / "eq9.toml")
    assert np.abs(system.evaluate(first, np.zeros((1, 0)))[:, 0]).max() < 1e-14
    assert p.branch_points.shape == (0, 2) and p.discrete is None
    assert "5 fixed points, 1 cycles" in repr(p)


def test_portraits_are_saved_loaded_and_pickled(equation_9, tmp_path):
    path = tmp_path / "portrait.nc"
    equation_9.save(path)
    loaded = nc.load(path)
    assert isinstance(loaded, nc.Portrait) and loaded == equation_9
    assert pickle.loads(pickle.dumps(equation_9)) == equation_9
    assert loaded.html().count("<script") == 3 and "proven complete" in loaded.html("Title of mine")
    assert "Title of mine" in loaded.html("Title of mine")
    xarray = pytest.importorskip("xarray")
    assert isinstance(equation_9.to_xarray(), xarray.Dataset)
    (tmp_path / "bad.nc").write_bytes(path.read_bytes()[:2000])
    with pytest.raises(nc.FormatError):
        nc.load(tmp_path / "bad.nc")


def test_portraits_are_drawn_and_written_as_pdf_and_svg(equation_9, tmp_path):
    plt = pytest.importorskip("matplotlib.pyplot")
    for background in ("speed", "basins", "none"):
        ax = equation_9.plot(background=background)
        assert ax.get_xlabel() == "h1" and len(ax.lines) > 10
        for kind in ("pdf", "svg", "png"):
            ax.figure.savefig(tmp_path / f"{background}.{kind}")
            assert (tmp_path / f"{background}.{kind}").stat().st_size > 5000
        plt.close(ax.figure)
    figure, ax = plt.subplots()
    assert equation_9.plot(ax) is ax
    with pytest.raises(ValueError, match="background: found 'sky'"):
        equation_9.plot(background="sky")
    line = nc.portrait(nc.load_model(EXAMPLES / "one-unit.toml")).plot()
    assert line.get_ylabel() == "dh1/dt"
    plt.close("all")


def test_three_states_make_a_scene():
    plt = pytest.importorskip("matplotlib.pyplot")
    network = nc.Network("gru", input_weights=np.zeros((9, 1)), recurrent_weights=np.vstack([np.zeros((6, 3)), 4 * np.eye(3)]))
    ax = nc.portrait(network.system("continuous"), automatic=3).plot()
    assert ax.name == "3d" and ax.get_zlabel() == "h3"
    with pytest.raises(TypeError, match="3-D axes"):
        nc.portrait(network.system("continuous"), automatic=3).plot(plt.subplots()[1])
    plt.close("all")


def test_both_conventions_of_time():
    system = nc.load_model(EXAMPLES / "eq8.toml", alpha=0.5)
    p = nc.portrait(system, compare_time=True, **QUICK)
    assert p.discrete.time == "discrete" and np.array_equal(p.points.states, p.discrete.points.states)
    with pytest.raises(ValueError, match="compare_time: found equations"):
        nc.portrait(nc.load_model(EXAMPLES / "fitzhugh-nagumo.toml"), compare_time=True)


def test_a_python_function_has_a_portrait_that_is_not_proven():
    def rotate(x, h):
        r2 = (h**2).sum(axis=1, keepdims=True)
        return np.stack([-h[:, 1], h[:, 0]], axis=1) + h * (1 - r2)

    system = nc.system_from(rotate, n_states=2, n_inputs=0, time="continuous")
    p = nc.portrait(system, box=[[-2, -2], [2, 2]], grid=11, automatic=2, basins=False, cycle_starts=4)
    assert p.cycles.period == pytest.approx([2 * np.pi], rel=1e-6)
    assert len(p.nullclines) >= 2
    assert "no intervals" in p.attributes["notes"]
    with pytest.raises(ValueError, match="box: none is known"):
        nc.portrait(system)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(box=[[0, 0]]), "box: found shape"),
        (dict(box=[[1, 1], [0, 0]]), "box: found 1,0"),
        (dict(start=[[5.0, 0.0]]), "start: found 5,0"),
        (dict(grid=1), "grid: found 1"),
        (dict(noise=0.1), "noise: the model has no inputs"),
        (dict(input=[1.0]), "input: found 1"),
    ],
)
def test_mistakes_are_value_errors(arguments, words):
    with pytest.raises(ValueError, match=words):
        nc.portrait(nc.load_model(EXAMPLES / "eq8.toml"), **arguments)
    with pytest.raises(ValueError, match="expected a Network"):
        nc.portrait(3)


def test_a_bistable_pair_is_a_state_machine(tmp_path):
    recurrent, inputs = np.vstack([np.zeros((4, 2)), 6 * np.eye(2)]), np.vstack([np.zeros((4, 2)), np.eye(2)])
    network = nc.Network("gru", input_weights=inputs, recurrent_weights=recurrent, reset="before")
    system = network.system("continuous")
    machine = nc.state_machine(system, pulses=[[5, 0], [-5, 0]], duration=10)
    assert len(machine) == 4 and set(machine.kinds) == {"point"} and len(machine.points) == 9
    signs = np.sign(machine.states)
    for k, sign in enumerate((1, -1)):
        after = signs[machine.transitions[:, k]]
        assert (after[:, 0] == sign).all() and np.array_equal(after[:, 1], signs[:, 1])
    assert np.isfinite(machine.settling).all() and "4 stable states, 2 pulses" in repr(machine)
    machine.save(tmp_path / "machine.nc")
    assert nc.load(tmp_path / "machine.nc") == machine
    plt = pytest.importorskip("matplotlib.pyplot")
    ax = machine.plot()
    assert len(ax.get_legend().get_texts()) == 2
    plt.close("all")
    with pytest.raises(ValueError, match="pulse: found 1 values"):
        nc.state_machine(system, pulses=[1.0])
