# SPDX-License-Identifier: BSD-3-Clause
"""Arguments of the wrong type or out of range: one line each, which names the argument."""

import numpy as np
import pytest

import nullcline as nc
from conftest import oracle_network

EYE = np.eye(2)
LEAKY = {"cell": "leaky", "alpha": 0.5, "input_weights": EYE, "recurrent_weights": EYE}
ZEROS = np.zeros((1, 2))


def vanilla(**fields):
    return nc.Network(**{"cell": "vanilla", "input_weights": EYE, "recurrent_weights": EYE, **fields})


def system(function=lambda x, h: np.tanh(h), **arguments):
    return nc.system_from(function, **{"n_states": 2, "n_inputs": 2, **arguments})


def rectified(step):
    return nc.from_arrays(
        cell="vanilla", activation="relu", input_weights=EYE, recurrent_weights=EYE / 2, step=step
    )


def in_place(x, h):
    h += 1
    return h


CASES = [
    (lambda: vanilla(cell=None), "cell: found NoneType, expected a string"),
    (lambda: vanilla(activation=3), "activation: found int, expected a string"),
    (lambda: vanilla(forget_bias="x"), "forget_bias: found str, expected a number"),
    (lambda: vanilla(forget_bias=1.0), "forget_bias: found 1 in a vanilla, which has no gates"),
    (lambda: vanilla(reset="before"), "reset: found before in a vanilla, expected it in a gru alone"),
    (lambda: vanilla(upper=3), "upper: found int, expected a sequence of Network"),
    (lambda: vanilla().system(time=3), "time: found int, expected a string"),
    (lambda: system(time=None), "time: found NoneType, expected a string"),
    (lambda: system(n_states=-1), "n_states: found -1, expected an integer from 1 to 100000"),
    (lambda: system(n_states=10**12), "n_states: found 1000000000000, expected an integer from 1 to 100000"),
    (lambda: system(n_inputs=2.5), "n_inputs: found float, expected an integer"),
    (lambda: system(probe_states=np.zeros((0, 2))), r"probe_states: found shape \(0, 2\), expected \(n, 2\)"),
    (lambda: system(probe_states="x"), "probe_states: found str, expected an array of numbers"),
    (lambda: system(in_place), "function: writes to its arguments"),
    (lambda: nc.set_n_threads(10**30), "n_threads: found 10+, expected an integer from"),
    (lambda: nc.set_n_threads("a"), "n_threads: found 'a', expected an integer from"),
    (lambda: nc.from_arrays(**LEAKY, probe=(1, 2, 3)), r"the probe's x has shape \(\), expected a row per step"),
    (lambda: nc.from_arrays(**LEAKY, probe=(ZEROS, ZEROS, ZEROS)), "the probe proves nothing about input_weights"),
    (lambda: nc.from_arrays(**LEAKY, step=3), "step: found int, expected a function"),
    (lambda: nc.from_arrays(**LEAKY, dale_signs=[1, 1, 1]), r"dale_signs has shape \(3,\), expected \(2,\)"),
    (lambda: nc.from_arrays(**LEAKY, activation=3), "activation: found int, expected a string"),
    (lambda: nc.from_arrays("/nowhere.npz"), "/nowhere.npz: No such file or directory"),
    (lambda: nc.from_arrays(__file__), "refusals_test.py: is no .npz archive"),
    (lambda: rectified(lambda x, h: np.clip(x + h / 2, 0, 6)), "states of size 100: .* does not reproduce the probe"),
    (lambda: nc.from_file(None), "path: found NoneType, expected a path"),
    (lambda: nc.load(3), "path: found int, expected a path"),
    (lambda: nc.train(3), "task: found int, expected a task or the name of one"),
    (lambda: nc.train("flip-flop", checkpoint="/nowhere/a"), "checkpoint: '/nowhere/a' needs the folder '/nowhere'"),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:40] for _, message in CASES])
def test_it_is_refused_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def test_a_function_that_stops_being_finite_is_no_set_without_points():
    calls = []

    def function(x, h):
        calls.append(len(h))
        return np.tanh(2 * h) if len(calls) < 60 else h * np.nan

    with pytest.raises(nc.InvalidInput, match="function: returned NaN or infinity at the state"):
        nc.find_fixed_points(system(function))


def test_wrong_positions_say_how_many_there_are(tmp_path):
    network = oracle_network("gru8_proven27")
    points = nc.find_fixed_points(network, inputs=[0, 0, 0], trajectories=0)
    for call in (lambda: points[27], lambda: points[-28], lambda: points.for_input(1), lambda: points.plot(input=1)):
        with pytest.raises(IndexError, match="but there are"):
            call()
    assert points[-1].index == points[26].index
    with pytest.raises(TypeError, match="ax: found int"):
        points.plot(3)
    with pytest.raises(TypeError, match="path: found NoneType"):
        points.save(None)
    with pytest.raises(ValueError, match="trajectories: found a value that is not finite"):
        nc.report(tmp_path / "page.html", network, points, trajectories=np.full((3, 8), np.nan))
    assert not (tmp_path / "page.html").exists()


def test_a_rectified_step_is_believed_where_it_is_one():
    assert rectified(lambda x, h: np.maximum(x + h / 2, 0)).verified


def test_every_result_of_an_unverified_network_says_so(tmp_path):
    network = vanilla(input_weights=np.eye(2), recurrent_weights=2 * np.eye(2))
    points = nc.find_fixed_points(network, inputs=[0, 0])
    graph = nc.topology(network, points)
    results = [points, graph, nc.simulate(network, np.zeros((3, 2))), nc.linearize(network, points.states)]
    assert all("not verified" in repr(result) and not result.verified for result in results)
    assert "not verified" in str(points.audit) and not points.audit.verified
    assert "not verified" in points._repr_html_() and "not verified" in graph._repr_html_()
    graph.save(tmp_path / "graph.nc")
    assert "not verified" in repr(nc.load(tmp_path / "graph.nc"))
    nc.report(tmp_path / "page.html", network, points)
    assert "not verified" in (tmp_path / "page.html").read_text(encoding="utf-8")
