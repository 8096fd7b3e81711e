# SPDX-License-Identifier: BSD-3-Clause
import inspect
import pickle

import numpy as np
import pytest
from conftest import DATA, farthest, oracle_network, oracle_states, oracle_truth

import nullcline as nc
from nullcline import _core

NETWORKS = sorted(path.name.split(".")[0] for path in (DATA / "flip-flop").glob("*.truth.npz"))


@pytest.mark.parametrize("name", NETWORKS)
def test_all_points_of_a_trained_network_are_found_and_none_besides(name):
    truth = oracle_truth(name)
    points = nc.find_fixed_points(oracle_network(name), oracle_states(name))
    fixed = points.is_fixed
    assert points.n_fixed == len(truth["fixed_points"])
    assert farthest(truth["fixed_points"], points.states[fixed]) < 1e-9
    assert farthest(points.states[fixed], truth["fixed_points"]) < 1e-9
    assert set(points.verdict[fixed]) == {"proven"}
    assert points.radius[fixed].max() < 1e-10
    assert points.audit.index_sum == points.audit.index_expected == 1
    if "eigenvalues_re" not in truth:
        return
    nearest = np.abs(points.states[fixed][:, None] - truth["fixed_points"][None]).max(axis=2).argmin(axis=1)
    expected = truth["eigenvalues_re"][nearest] + 1j * truth["eigenvalues_im"][nearest]
    assert np.abs(np.abs(points.eigenvalues[fixed]) - np.abs(expected)).max() < 1e-6
    assert ((points.n_unstable[fixed] == 0) == truth["stable"][nearest].astype(bool)).all()


def test_hand_worked_points_of_two_memory_units(memory_points):
    root = 0.9575040240772687  # h = tanh(2 h)
    levels = {-1: -root, 0: 0.0, 1: root}
    expected = np.array([[a, b] for a in levels.values() for b in levels.values()])
    assert memory_points.n_fixed == len(memory_points) == 9
    assert farthest(expected, memory_points.states) < 1e-12
    origin = memory_points[int(np.abs(memory_points.states).sum(axis=1).argmin())]
    assert np.allclose(origin.eigenvalues, 2) and origin.stability == "unstable" and origin.index == 1
    assert sorted(memory_points.stability.tolist()).count("stable") == 4
    assert memory_points.audit.completeness == "proven"
    assert (memory_points.index.sum(), memory_points.audit.index_sum) == (1, 1)


def test_modes_are_eigenvectors_of_the_jacobian(gru, gru_points):
    point = gru_points[3]
    jacobian = gru.system().jacobian(point.state[None], np.zeros(3))[0]
    assert np.abs(jacobian @ point.right_eigenvectors - point.right_eigenvectors * point.eigenvalues).max() < 1e-10
    assert np.abs(point.left_eigenvectors @ point.right_eigenvectors - np.eye(16)).max() < 1e-8
    assert np.allclose(point.time_constants, 1 / np.abs(np.log(np.abs(point.eigenvalues))))
    assert np.allclose(point.frequencies, np.abs(np.angle(point.eigenvalues)) / (2 * np.pi))


def test_the_flow_has_the_points_of_the_map_with_shifted_eigenvalues(memory, memory_points):
    flow = nc.find_fixed_points(memory.system(time="continuous"))
    assert flow.n_fixed == 9
    assert farthest(flow.states, memory_points.states) < 1e-12
    row = int(np.abs(flow.states).sum(axis=1).argmin())
    assert np.allclose(flow.eigenvalues[row], 1) and flow.n_unstable[row] == 2


def test_several_inputs_in_one_call(memory):
    inputs = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    points = nc.find_fixed_points(memory, inputs=inputs)
    assert np.array_equal(points.inputs, inputs)
    assert [audit.n_points for audit in points.audits] == [9, 3, 1]  # an input of 1 leaves one level
    last = points.for_input(2)
    assert len(last) == 1 and np.array_equal(last.inputs, inputs[2:])
    assert last == nc.find_fixed_points(memory, inputs=[1.0, 1.0])
    with pytest.raises(ValueError, match="3 held inputs"):
        points.audit  # noqa: B018


def test_the_same_seed_gives_the_same_points_for_any_number_of_threads(memory):
    try:
        nc.set_n_threads(1)
        one = nc.find_fixed_points(memory, seed=4)
    finally:
        nc.set_n_threads(0)
    assert one == nc.find_fixed_points(memory, seed=4)
    assert not (one.hits == nc.find_fixed_points(memory, seed=5).hits).all()


def test_every_option_of_the_search_is_an_argument_with_its_default():
    parameters = inspect.signature(nc.find_fixed_points).parameters
    assert {name: parameters[name].default for name in _core.search_options()} == _core.search_options()


@pytest.mark.parametrize(
    ("option", "value", "check"),
    [
        ("n_starts", 600, lambda points: points.audit.n_starts < 5000),
        ("max_starts", 6000, lambda points: points.audit.n_starts <= 6000 + 512),
        ("min_hits", 4000, lambda points: points.audit.n_starts > 5120),
        ("max_iterations", 1, lambda points: points.audit.n_unconverged > 0),
        ("max_modes", 1, lambda points: points.right_eigenvectors.shape == (len(points), 2, 1)),
        ("seed", 3, lambda points: points.audit.seed == 3),
    ],
)
def test_each_option_reaches_the_search(memory, option, value, check):
    assert check(nc.find_fixed_points(memory, **{"max_boxes": 0, option: value}))


def test_two_units_are_proven_complete_unless_no_boxes_are_allowed(memory):
    assert nc.find_fixed_points(memory).audit.completeness == "proven"
    assert nc.find_fixed_points(memory, max_boxes=0).audit.completeness == "statistical"


def test_a_degenerate_point_comes_with_its_hull(memory):
    points = nc.find_fixed_points(nc.Network("vanilla", input_weights=np.zeros((2, 1)), recurrent_weights=np.eye(2)))
    assert points.audit.completeness == "proven" and points.audit.n_points == 0
    assert points.kind.tolist() == ["undecided"] and points.index.tolist() == [1] and points[0].index == 1
    assert 1e-8 < points.hull_radius[0] < 1e-4


def test_no_index_is_claimed_of_one_of_several_hulls():
    fold = np.arctanh(np.sqrt(0.5)) - np.sqrt(2)  # h' = tanh(2 h + fold): two of three points have met
    points = nc.find_fixed_points(
        nc.Network("vanilla", input_weights=np.zeros((2, 1)), recurrent_weights=2 * np.eye(2), bias=[fold, fold])
    )
    assert points.audit.completeness == "proven" and points.audit.index_sum == 1
    assert points.has_index.tolist() == [True, False, False, False]
    assert [point.index for point in points] == [1, None, None, None]


def test_results_are_immutable_and_survive_pickling(gru_points):
    with pytest.raises(ValueError, match="read-only"):
        gru_points.states[0, 0] = 1
    with pytest.raises(AttributeError, match="immutable"):
        gru_points.states = 1
    copy = pickle.loads(pickle.dumps(gru_points))
    assert copy == gru_points and copy.network.verified == gru_points.network.verified
    assert np.array_equal(copy.eigenvalues, gru_points.eigenvalues) and not copy.states.flags.writeable
    assert copy != gru_points.for_input(0).__class__((dict(gru_points._contents[0], hits=(("fixed_point",), gru_points.hits + 1, {})), {}, {}))


def test_results_outlive_what_they_came_from(memory):
    states = nc.find_fixed_points(memory).states
    assert np.isfinite(states).all() and states.shape == (9, 2)


def test_one_point_has_the_names_in_the_singular(gru_points):
    point = gru_points[0]
    assert np.array_equal(point.state, gru_points.states[0]) and point.readout.shape == (3,)
    assert (point.kind, point.verdict) == ("fixed", "proven")
    assert [p.n_unstable for p in gru_points] == gru_points.n_unstable.tolist()
    with pytest.raises(IndexError):
        gru_points[len(gru_points)]
    with pytest.raises(TypeError, match="expected an integer"):
        gru_points["state"]


def test_linearize_takes_any_state(memory):
    modes = nc.linearize(memory, [0.5, 0.0])
    slope = 2 * (1 - np.tanh(1.0) ** 2)
    assert np.allclose(modes.eigenvalues, [[2, slope]])
    assert np.allclose(modes.residual, [abs(np.tanh(1.0) - 0.5)])
    with pytest.raises(ValueError, match=r"states: found shape \(3,\), expected \(2,\) or \(n, 2\)"):
        nc.linearize(memory, [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"states": np.zeros((4, 3))}, r"states: found shape \(4, 3\), expected \(n, 2\) or \(trials, steps, 2\)"),
        ({"states": np.zeros((0, 2))}, r"states: found shape \(0, 2\), .* at least one state"),
        ({"states": [[np.nan, 0.0]]}, "not finite"),
        ({"states": "wide"}, "states: .* expected an array of numbers"),
        ({"states": np.zeros((4, 2), dtype=complex)}, "states: found an array of complex128"),
        ({"inputs": [0.0, 0.0, 0.0]}, r"inputs: found shape \(3,\), expected \(2,\) or \(k, 2\)"),
        ({"inputs": np.zeros((0, 2))}, "with k at least 1"),
        ({"inputs": [np.inf, 0.0]}, "not finite"),
        ({"n_starts": 0}, "n_starts: found 0"),
        ({"n_starts": 1.5}, "n_starts: found '1.5', expected an integer"),
        ({"max_starts": 10}, "max_starts: found 10, expected 5000"),
        ({"progress": "yes"}, "progress: found 'yes'"),
    ],
)
def test_bad_input_is_one_clear_line(memory, arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        nc.find_fixed_points(memory, **arguments)
    assert "\n" not in str(caught.value)


def test_what_is_no_system_is_named():
    with pytest.raises(ValueError, match="system: found list, expected a Network"):
        nc.find_fixed_points([1, 2])


def test_proofs_are_shown_again_and_what_was_tampered_with_is_not(gru, gru_points):
    assert nc.verify(gru, gru_points) == ()
    states = gru_points.states.copy()
    states[2, 1] += 1e-6
    arrays = dict(gru_points._contents[0])
    arrays["states"] = (arrays["states"][0], states, *arrays["states"][2:])
    moved = nc.FixedPoints((arrays, *gru_points._contents[1:]))
    doubts = nc.verify(gru, moved)
    assert doubts and {doubt.point for doubt in doubts} == {2} and "a fixed point within" in doubts[0].claim
    with pytest.raises(ValueError, match="expected FixedPoints"):
        nc.verify(gru, states)
