# SPDX-License-Identifier: BSD-3-Clause
"""Orbits and slow manifolds from Python, against NumPy's own iteration of the same maps."""

import inspect

import numpy as np
import pytest
from conftest import farthest, oracle_network, oracle_states, oracle_truth

import nullcline as nc
from nullcline import _core


@pytest.fixture(scope="module")
def flip_flop():
    network = oracle_network("vanilla16_seed0")
    return network, nc.find_fixed_points(network, oracle_states("vanilla16_seed0"))


def rotation(gain, turn):
    c, s = gain * np.cos(2 * np.pi * turn), gain * np.sin(2 * np.pi * turn)
    return np.array([[c, -s], [s, c]])


def turning(gain=1.2, turn=0.1234):
    """h' = tanh(R h), with R a rotation by `turn`."""
    return nc.Network("vanilla", recurrent_weights=rotation(gain, turn), input_weights=np.zeros((2, 1)))


def test_the_memories_of_a_network_without_stable_points_are_its_orbits(flip_flop):
    network, points = flip_flop
    truth = oracle_truth("vanilla16_seed0")
    expected = truth["cyc2_x"][truth["cyc2_stable_orbit"].astype(bool)]
    states = np.concatenate([orbit.points for orbit in points.orbits])
    assert len(points.orbits) == 8
    assert farthest(expected, states) < 1e-9 and farthest(states, expected) < 1e-9
    for orbit in points.orbits:
        assert (orbit.kind, orbit.period, orbit.stability, orbit.verdict, orbit.index) == ("periodic", 2, "stable", "proven", 1)
        assert orbit.readouts.shape == (2, 3) and (orbit.input == 0).all()
        system = network.system()
        next_states = system.evaluate(orbit.points, np.zeros((2, 3)))
        assert np.abs(next_states - orbit.points[::-1]).max() < 1e-13
        a, b = system.jacobian(orbit.points, np.zeros((2, 3)))
        expected_multipliers = np.sort(np.abs(np.linalg.eigvals(b @ a)))[::-1]
        assert np.allclose(np.abs(orbit.multipliers), expected_multipliers, atol=1e-10)


def test_the_audit_says_where_trajectories_end(flip_flop):
    audit = flip_flop[1].audit
    assert audit.n_trajectories == audit.ends_at_orbits == 64 and audit.ends_at_points == 0
    assert "64 of 64 trajectories end at no fixed point" in str(audit)
    assert flip_flop[1].n_ends.sum() == 0 and "8 orbits" in repr(flip_flop[1])


def test_orbits_survive_files_and_the_choice_of_an_input(flip_flop, tmp_path):
    network, points = flip_flop
    points.save(tmp_path / "p.nc")
    loaded = nc.load(tmp_path / "p.nc")
    assert loaded == points and len(loaded.orbits) == 8
    assert (loaded.orbits[3].points == points.orbits[3].points).all()
    dataset = points.to_xarray()
    assert dataset["orbit_states"].dims == ("orbit_point", "state")
    two = nc.find_fixed_points(network, oracle_states("vanilla16_seed0"), [[0, 0, 0], [0.5, 0, 0]], n_starts=500)
    first, second = two.for_input(0), two.for_input(1)
    assert len(first.orbits) + len(second.orbits) == len(two.orbits) and len(first.orbits) == 8
    assert farthest(np.concatenate([o.points for o in first.orbits]), np.concatenate([o.points for o in points.orbits])) < 1e-9
    assert all((orbit.input == [0.5, 0, 0]).all() for orbit in second.orbits)


def test_the_graph_leads_to_the_orbits(flip_flop):
    network, points = flip_flop
    graph = nc.topology(network, points)
    assert (graph.n_points, graph.n_orbits, len(graph)) == (15, 8, 23)
    assert graph.transitions.shape == (23, 24) and np.allclose(graph.transitions.sum(axis=1), 1)
    assert (graph.transitions[:, -1] == 0).all() and graph.n_cycle == 0
    assert (graph.orbit_index == np.arange(8)).all() and graph[15] == {15: 1.0}
    assert "8 orbits" in repr(graph) and "orbit 0" in graph._repr_html_()


def test_a_report_shows_them(flip_flop, tmp_path):
    network, points = flip_flop
    nc.report(tmp_path / "r.html", network, points, nc.topology(network, points))
    assert "64 on 8 stable orbits of period 2" in (tmp_path / "r.html").read_text()


def test_an_invariant_circle_turns_as_numpy_says():
    network = turning()
    (circle,) = nc.find_fixed_points(network, n_starts=500).orbits
    assert (circle.kind, circle.period, circle.stability) == ("invariant_circle", 1, "stable")
    matrix, h, total, n = rotation(1.2, 0.1234), np.array([0.5, 0.1]), 0.0, 20000
    for i in range(n + 1000):
        following = np.tanh(matrix @ h)
        if i >= 1000:
            total += (np.arctan2(*following[::-1]) - np.arctan2(*h[::-1])) / (2 * np.pi) % 1
        h = following
    assert circle.rotation_number == pytest.approx(total / n, abs=1 / n)
    assert circle.residual < 1e-9 and abs(circle.exponents[0]) < 1e-3 > circle.exponents[1]


def test_chaos_has_the_lyapunov_exponent_of_the_henon_map():
    henon = nc.system_from(
        lambda x, h: np.stack([1 - 1.4 * h[:, 0] ** 2 + h[:, 1], 0.3 * h[:, 0]], axis=1), n_states=2, n_inputs=0
    )
    points = nc.find_fixed_points(henon, 0.1 * np.ones((1, 2)), n_starts=200, max_starts=200)
    (orbit,) = points.orbits
    assert orbit.kind == "chaotic" and orbit.exponents[0] == pytest.approx(0.419, abs=0.03)
    assert orbit.exponents.sum() == pytest.approx(np.log(0.3), abs=1e-5)


def test_each_option_counts(flip_flop):
    network, _ = flip_flop
    states = oracle_states("vanilla16_seed0")
    assert nc.find_fixed_points(network, states, n_starts=300, trajectories=7).audit.n_trajectories == 7
    assert nc.find_fixed_points(network, states, n_starts=300, trajectories=0).orbits == ()
    assert len(nc.find_fixed_points(network, states, max_period=2).orbits) == 27
    for wrong in ({"trajectories": -1}, {"trajectory_steps": 0}, {"max_period": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            nc.find_fixed_points(network, states, **wrong)


def test_a_flow_has_no_orbits():
    points = nc.find_fixed_points(turning().system(time="continuous"), n_starts=300)
    assert points.orbits == () and "flow" in points.audit.ends_note


def test_a_line_of_slow_states_is_traced():
    # h' = tanh(W h): W has the eigenvalue 1.05 along (1, 1): two stable points and a saddle between.
    weights = 0.525 * np.ones((2, 2)) + 0.1 * np.array([[1, -1], [-1, 1]])
    network = nc.Network("vanilla", recurrent_weights=weights, input_weights=np.zeros((2, 1)))
    points = nc.find_fixed_points(network, n_starts=300)
    (line,) = nc.trace_slow_manifold(network, points, max_drift=0.03)
    assert not line.is_ring and len(line.fixed_points) == 3 == points.n_fixed
    drift = np.tanh(line.states @ weights.T) - line.states
    assert np.allclose(np.linalg.norm(drift, axis=1), np.abs(line.drift), atol=1e-9)
    assert line.transverse.max() < 0.5 and line.length > 1
    assert line.forgotten(200) == pytest.approx(2 * line.forgotten(100))
    assert nc.trace_slow_manifold(network, points, slowness=1e-3) == []
    parameters = inspect.signature(nc.trace_slow_manifold).parameters
    assert {name: parameters[name].default for name in _core.slow_manifold_options()} == _core.slow_manifold_options()
    with pytest.raises(ValueError, match="step"):
        nc.trace_slow_manifold(network, points, step=0)
