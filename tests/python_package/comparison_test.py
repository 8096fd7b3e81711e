# SPDX-License-Identifier: BSD-3-Clause
"""Distances between networks, from Python: arrays, networks, graphs and state machines."""

import inspect
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import nullcline as nc
from nullcline import _core

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def samples():
    arrays = np.load(DATA / "similarity/dead_units.npz")
    return arrays["X"], arrays["Y"]


@pytest.fixture(scope="module")
def truth():
    return json.loads((DATA / "similarity/expected.json").read_text())


def test_two_arrays_have_the_oracles_distances(samples, truth):
    expected = truth["dead_units"]
    assert nc.compare(*samples) == pytest.approx(expected["svcca95"]["dist"], abs=1e-9)
    assert nc.compare(*samples, threshold=0.99) == pytest.approx(expected["svcca99"]["dist"], abs=1e-9)
    assert nc.compare(*samples, measure="linear_cka") == pytest.approx(1 - expected["cka_linear"], abs=1e-9)
    assert nc.compare(*samples, measure="shape") == pytest.approx(expected["procrustes"]["angular"], abs=1e-9)
    with pytest.raises(nc.InvalidInput, match="measure"):
        nc.compare(*samples, measure="cosine")


def test_trials_are_the_first_axis(truth):
    arrays, expected = np.load(DATA / "similarity/dsa.npz"), truth["dsa"]["pairs"]["01"]["dmd_pavf"]["angular"]
    pair = arrays["traj1"], arrays["traj2"]
    assert nc.compare(*pair, measure="dsa") == pytest.approx(expected, abs=1e-8)
    flat = [trials.reshape(-1, 4) for trials in pair]
    assert nc.compare(*flat, measure="dsa") != pytest.approx(expected, abs=1e-8)
    assert nc.compare(*flat) == nc.compare(*pair)  # rows are rows


def test_a_list_gives_the_matrix_of_all_pairs(samples):
    third = samples[0] ** 2
    distances = nc.compare([*samples, third], measure="linear_cka")
    assert distances.shape == (3, 3) and (distances == distances.T).all() and (distances.diagonal() == 0).all()
    assert distances[1, 2] == nc.compare(samples[1], third, measure="linear_cka")
    told = []
    nc.compare([*samples, third], progress=lambda *update: told.append(update))
    with pytest.raises(nc.InvalidInput, match="two or more"):
        nc.compare([samples[0]])
    with pytest.raises(nc.InvalidInput, match=r"networks\[1\]"):
        nc.compare(samples[0], np.ones(3))
    with pytest.raises(nc.InvalidInput, match="as many"):
        nc.compare(samples[0], samples[1][:-1])


def test_too_few_samples_are_a_warning_with_the_numbers(truth):
    arrays = np.load(DATA / "similarity/m_smaller_than_n.npz")
    with pytest.warns(UserWarning, match="15 samples are few for 30 units"):
        nc.compare(arrays["X"], arrays["Y"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nc.compare(np.random.default_rng(0).normal(size=(90, 8)), np.random.default_rng(1).normal(size=(90, 9)))


def flip_flop(bits, gain=2.0):
    return nc.Network(
        "vanilla", input_weights=4 * np.eye(bits), recurrent_weights=gain * np.eye(bits), readout_weights=np.eye(bits) / np.tanh(1.9)
    )


def test_networks_are_given_the_same_trials():
    inputs = np.random.default_rng(2).normal(size=(10, 20, 2))
    two, other = flip_flop(2), flip_flop(2, 0.5)
    by_states = nc.compare(nc.simulate(two, inputs), nc.simulate(other, inputs), measure="shape")
    assert nc.compare(two, other, inputs=inputs, measure="shape") == by_states > 0
    lstm = nc.train(nc.FlipFlop(bits=2), cell="lstm", units=4, iterations=1)
    states = nc.simulate(lstm, inputs).states
    assert nc.compare(two, lstm, inputs=inputs) == nc.compare(nc.simulate(two, inputs), states[:, :, :4])
    with pytest.raises(nc.InvalidInput, match="inputs: found None"):
        nc.compare(two, other)


def test_graphs_and_machines_are_compared_by_what_they_compute():
    graphs, machines = [], []
    for bits, seed in ((1, 0), (2, 0), (2, 1)):
        network = flip_flop(bits)
        points = nc.find_fixed_points(network)
        graphs.append(nc.topology(network, points, probe="perturbation", seed=seed))
        machines.append(nc.state_machine(network))
    distances = nc.compare(graphs)
    assert distances[0, 1] > 0.1 > 0.001 > distances[1, 2] > 0
    frobenius = nc.compare(graphs[1], graphs[2], measure="graph_frobenius")
    noise = nc.sampling_noise(graphs[1], graphs[2])
    assert noise == pytest.approx(np.sqrt(2 * 2.75 / 100), abs=0.02) and 0 < frobenius < 3 * noise
    bound = nc.sampling_noise(graphs[1], graphs[2], measure="fused_gromov_wasserstein")
    assert bound == pytest.approx(0.5 * noise**2 / 81)
    assert nc.compare(machines[1], machines[2]) == 0
    with pytest.raises(nc.InvalidInput, match="3 and 9 points"):
        nc.compare(graphs[1], graphs[0], measure="graph_frobenius")
    with pytest.raises(nc.InvalidInput, match="one kind"):
        nc.compare(graphs[1], machines[1])
    with pytest.raises(nc.InvalidInput, match="one kind"):
        nc.compare(graphs[1], np.ones((5, 2)))
    with pytest.raises(nc.InvalidInput, match="pulses"):
        nc.compare(machines[0], machines[1])
    with pytest.raises(nc.InvalidInput, match="svcca"):
        nc.compare(machines[1], machines[2], measure="svcca")
    with pytest.raises(nc.InvalidInput, match="svcca"):
        nc.compare(graphs[1], graphs[2], measure="svcca")


def test_points_in_the_plane_keep_their_distances():
    points = np.random.default_rng(3).normal(size=(7, 2))
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    for method in ("smacof", "classical"):
        found = nc.embed(distances, method=method)
        assert np.linalg.norm(found[:, None] - found[None], axis=2) == pytest.approx(distances, abs=1e-6)
        assert nc.embed(distances, method=method, reference=points) == pytest.approx(points, abs=1e-6)
    line = nc.embed(distances, n_dimensions=1)
    assert line.shape == (7, 1)
    with pytest.raises(nc.InvalidInput, match="symmetry"):
        nc.embed(np.triu(distances))
    with pytest.raises(nc.InvalidInput, match="method"):
        nc.embed(distances, method="umap")


def test_separation_is_a_number_with_a_permutation_test():
    distances = np.array([[0, 1, 5, 4], [1, 0, 3, 2], [5, 3, 0, 3], [4, 2, 3, 0]], dtype=float)
    found = nc.separation(distances, ["a", "a", "b", "b"])
    assert found.statistic == pytest.approx(0.625) and found.p_value == pytest.approx(1 / 3, abs=0.05)
    assert found.groups == ["a", "b"] and found.sizes == [2, 2]
    assert nc.separation(distances, [1, 1, 2, 2]).statistic == found.statistic
    assert nc.separation(distances, "aabb", n_permutations=9).p_value * 10 % 1 == pytest.approx(0)
    with pytest.raises(nc.InvalidInput, match="at least two"):
        nc.separation(distances, "aaaa")


def test_the_signature_has_the_defaults_of_the_library():
    parameters = inspect.signature(nc.compare).parameters
    defaults = _core.measure_options()
    assert defaults.pop("measure") == "svcca" and parameters["measure"].default is None
    assert {name: parameters[name].default for name in defaults} == defaults
