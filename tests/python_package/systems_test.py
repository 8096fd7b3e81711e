# SPDX-License-Identifier: BSD-3-Clause
"""Systems of Python functions. Those of frameworks are tested where the frameworks are installed."""

import numpy as np
import pytest
from conftest import farthest, oracle_network, oracle_states, oracle_truth

import nullcline as nc


def memory_step(inputs, states):
    return np.tanh(2 * states + 4 * inputs)


def memory_jacobian(inputs, states):
    return np.einsum("ni,ij->nij", 2 * (1 - memory_step(inputs, states) ** 2), np.eye(2))


@pytest.fixture(scope="module")
def function_system():
    return nc.system_from(memory_step, n_states=2, n_inputs=2)


def test_a_function_has_the_points_of_the_network_it_computes(function_system, memory_points):
    points = nc.find_fixed_points(function_system)
    assert points.n_fixed == 9 and farthest(memory_points.states, points.states) < 1e-9
    assert set(points.verdict) == {"not_proven"}
    assert points.audit.completeness == "not_auditable" and points.network is None
    assert sorted(points.n_unstable) == sorted(memory_points.n_unstable)


def test_graphs_runs_pages_and_files_take_functions_too(function_system, tmp_path, memory):
    points = nc.find_fixed_points(function_system)
    graph = nc.topology(function_system, points)
    assert graph.n_points == 9 and np.allclose(graph.transitions.sum(axis=1), 1) and graph.n_undecided == 0
    saddles = points.n_unstable[graph.point_index] == 1
    assert all(sorted(row[row > 0]) == [0.5, 0.5] for row in graph.transitions[saddles])
    inputs = np.random.default_rng(0).normal(size=(3, 10, 2))
    ours, theirs = (nc.simulate(s, inputs) for s in (function_system, memory))
    assert np.allclose(ours.states, theirs.states, atol=1e-14) and ours.outputs is None
    points.save(tmp_path / "points.nc")
    assert nc.load(tmp_path / "points.nc") == points
    nc.report(tmp_path / "page.html", function_system, points, graph)
    assert "map, 2 states, 2 inputs" in (tmp_path / "page.html").read_text()


def test_a_given_jacobian_is_used(memory_points):
    calls = []

    def counted(inputs, states):
        calls.append(len(states))
        return memory_jacobian(inputs, states)

    system = nc.system_from(memory_step, n_states=2, n_inputs=2, jac=counted)
    before = len(calls)
    points = nc.find_fixed_points(system)
    assert len(calls) > before and max(calls) > 1, "batches, not single states"
    assert farthest(memory_points.states, points.states) < 1e-9


def test_a_flow_of_known_points():
    """dx/dt = x - x^3, dy/dt = -y: a saddle at 0 and sinks at x = +-1."""
    system = nc.system_from(
        lambda x, h: np.stack([h[:, 0] - h[:, 0] ** 3, -h[:, 1]], axis=1), n_states=2, n_inputs=0, time="continuous"
    )
    points = nc.find_fixed_points(system, states=np.random.default_rng(0).uniform(-2, 2, size=(50, 2)))
    assert farthest(np.array([[0, 0], [1, 0], [-1, 0]]), points.states) < 1e-9 and points.n_fixed == 3
    saddle = int(np.abs(points.states[:, 0]).argmin())
    assert points.stability[saddle] == "saddle" and np.allclose(points.eigenvalues[saddle], [1, -1], atol=1e-6)
    with pytest.raises(ValueError, match="found a flow, expected a map"):
        nc.simulate(system, np.zeros((5, 0)))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, h: h[:, :1], r"function: returned shape \(5, 1\) for states of shape \(5, 2\), expected \(5, 2\)"),
        (lambda x, h: np.full_like(h, np.nan), "function: returned NaN or infinity at the state"),
        (lambda x, h: h + np.random.default_rng().normal(size=h.shape), "two calls with the same arguments"),
        (lambda x, h: h - h.mean(axis=0) + (len(h) > 1), "depends on other rows"),
        (lambda x, h: np.round(h * 1e7) / 1e7, "disagree by"),
        (lambda x, h: (np.tanh(h.astype(np.float32)) * 2), "disagree by"),
        (lambda x, h: h.undefined, "neither NumPy, JAX nor torch can call it .*AttributeError"),
        (lambda x, h: {"state": h}, "returned dict"),
        ("step", "function: found str, expected a function"),
    ],
)
def test_a_function_that_misbehaves_is_refused_with_the_reason(function, message):
    with pytest.raises(ValueError, match=message) as caught:
        nc.system_from(function, n_states=2, n_inputs=1)
    assert "\n" not in str(caught.value)


def test_a_wrong_jacobian_is_refused():
    with pytest.raises(ValueError, match="jac and differences disagree by"):
        nc.system_from(memory_step, n_states=2, n_inputs=2, jac=lambda x, h: 1.1 * memory_jacobian(x, h))
    with pytest.raises(ValueError, match=r"jac: returned shape \(5, 2\) for states of shape \(5, 2\), expected \(5, 2, 2\)"):
        nc.system_from(memory_step, n_states=2, n_inputs=2, jac=lambda x, h: h)


def test_a_function_that_is_not_finite_where_the_caller_has_been_is_refused():
    system = nc.system_from(lambda x, h: np.sqrt(1 - np.minimum(h, 2)) * 0.5, n_states=1, n_inputs=1)
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="function: returned NaN"):
        nc.find_fixed_points(system, states=[[0.0], [1.5]])


def test_a_strong_curvature_is_no_kink():
    system = nc.system_from(lambda x, h: 40 * (h - 0.5) ** 2 + 0.5, n_states=1, n_inputs=1)
    points = nc.find_fixed_points(system, states=[[0.49], [0.6]])
    assert np.allclose(points.states[points.is_fixed].ravel(), [0.5, 0.525])


def test_a_function_that_is_flat_far_out_hides_no_points():
    points = nc.find_fixed_points(nc.system_from(lambda x, h: np.tanh(3 * h), n_states=1, n_inputs=0), n_starts=300)
    assert np.allclose(np.sort(points.states.ravel()), [-0.99490152845262893852, 0, 0.99490152845262893852])


def test_a_point_at_a_kink_is_found_and_has_no_stability():
    system = nc.system_from(lambda x, h: np.maximum(np.tanh(3 * h), 0), n_states=1, n_inputs=0)
    with pytest.warns(RuntimeWarning, match="has no derivative at 1 of the fixed points"):
        points = nc.find_fixed_points(system, n_starts=300)
    (kink,) = np.flatnonzero(points.at_kink)
    assert points.n_fixed == 2 and points.states[kink] == 0 and points.stability[kink] == "degenerate"
    assert points.stability[1 - kink] == "stable"


def test_undecided_points_are_named():
    system = nc.system_from(
        lambda x, h: np.maximum(h / 2, 0), n_states=1, n_inputs=0, jac=lambda x, h: (h > 0)[:, :, None] * 0.5
    )
    assert "1 undecided" in repr(nc.find_fixed_points(system, n_starts=100))


def test_an_exception_of_the_function_arrives_as_it_is():
    class Broken(Exception):
        pass

    def function(x, h):
        if len(h) > 20:
            raise Broken("on purpose")
        return memory_step(x, h)

    system = nc.system_from(function, n_states=2, n_inputs=2)
    with pytest.raises(Broken, match="on purpose"):
        nc.find_fixed_points(system)


def test_torch_functions_and_modules(memory_points):
    torch = pytest.importorskip("torch")
    system = nc.system_from(lambda x, h: torch.tanh(2 * h + 4 * x), n_states=2, n_inputs=2)
    points = nc.find_fixed_points(system)
    assert points.n_fixed == 9 and farthest(memory_points.states, points.states) < 1e-9
    torch.manual_seed(0)
    cell = torch.nn.GRUCell(3, 5)
    system = nc.system_from(cell, n_states=5, n_inputs=3)
    assert cell.weight_hh.dtype == torch.float32 and cell.weight_hh.grad is None and cell.training
    states, inputs = np.random.default_rng(0).normal(size=(2, 4, 5))[0], np.random.default_rng(1).normal(size=(4, 3))
    double = torch.nn.GRUCell(3, 5).double()
    double.load_state_dict(cell.state_dict())
    expected = double(torch.from_numpy(inputs), torch.from_numpy(states)).detach().numpy()
    assert np.allclose(system.evaluate(states, inputs), expected, atol=1e-14)
    reference = torch.autograd.functional.jacobian(lambda h: double(torch.from_numpy(inputs[:1]), h), torch.from_numpy(states[:1]))
    assert np.allclose(system.jacobian(states, inputs)[0], reference[0, :, 0].numpy(), atol=1e-12)


def test_a_torch_network_as_a_function_has_the_oracles_points():
    torch = pytest.importorskip("torch")
    network, n = oracle_network("gru16_seed0"), 16
    cell = torch.nn.GRUCell(3, n).double()
    with torch.no_grad():
        cell.weight_ih.copy_(torch.tensor(network.input_weights))
        cell.weight_hh.copy_(torch.tensor(network.recurrent_weights))
        cell.bias_ih.copy_(torch.tensor(network.bias))
        cell.bias_hh.copy_(torch.cat([torch.zeros(2 * n), torch.tensor(network.recurrent_bias)]))
    points = nc.find_fixed_points(nc.system_from(cell, n_states=n, n_inputs=3), oracle_states("gru16_seed0"), n_starts=512)
    truth = oracle_truth("gru16_seed0")["fixed_points"]
    assert points.n_fixed == len(truth) and farthest(truth, points.states[points.is_fixed]) < 1e-8


def test_torch_modules_in_single_precision_or_with_dropout_are_refused():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match="float64"):
        nc.system_from(lambda x, h: layer(h), n_states=2, n_inputs=1, framework="torch")

    class Cell(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.dropout = torch.nn.Linear(2, 2), torch.nn.Dropout(0.5)

        def forward(self, x, h):
            return self.dropout(torch.tanh(self.layer(h)))

    with pytest.raises(ValueError, match="training mode with dropout"):
        nc.system_from(Cell(), n_states=2, n_inputs=1)
    assert nc.system_from(Cell().eval(), n_states=2, n_inputs=1).n_states == 2


def test_jax_functions(memory_points):
    jax = pytest.importorskip("jax")
    system = nc.system_from(lambda x, h: jax.numpy.tanh(2 * h + 4 * x), n_states=2, n_inputs=2)
    points = nc.find_fixed_points(system)
    assert points.n_fixed == 9 and farthest(memory_points.states, points.states) < 1e-9
    assert jax.numpy.zeros(1).dtype == jax.numpy.float32, "the caller's precision is as it was"
