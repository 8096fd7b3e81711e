# SPDX-License-Identifier: BSD-3-Clause
"""Analyses of tasks, against NumPy at the states that they return."""

import nullcline as nc
import numpy as np
import pytest


@pytest.fixture(scope="module")
def integrator():
    return nc.train(nc.ContextIntegration(steps=20), cell="vanilla", units=16, iterations=400, clip_norm=10.0, seed=2)


@pytest.fixture(scope="module")
def oscillator():
    task = nc.Sine(steps=60, lowest_frequency=0.05, highest_frequency=0.1)
    return nc.train(task, cell="vanilla", units=12, iterations=300, learning_rate=1e-2, seed=1)


def test_lines_selection_and_responses_are_those_of_numpy(integrator):
    analysis = nc.analyze_context_integration(integrator, points=12)
    assert len(analysis) == 2 and list(analysis.steps) == [1, 5, 20]
    net = integrator.network
    for context, line in enumerate(analysis.contexts):
        assert np.array_equal(line.input, np.eye(4)[2 + context]) and 0 < len(line) <= line.n_starts == 12
        assert np.all(line.speeds < 1e-3) and np.all(np.diff(line.readouts) >= 0) and line.n_defective == 0
        responses, magnitudes = 0, 0
        for i, h in enumerate(line.states):
            f = np.tanh(net.recurrent_weights @ h + net.input_weights @ line.input + net.bias)
            assert line.speeds[i] == pytest.approx(((f - h) ** 2).sum() / 2, abs=1e-12)
            values, right = np.linalg.eig((1 - f**2)[:, None] * net.recurrent_weights)
            order = np.argsort(-abs(values), kind="stable")
            values, right = values[order], right[:, order]
            taken = np.linalg.solve(right, (1 - f**2)[:, None] * net.input_weights)
            assert np.allclose(line.selection[i], abs(taken[0]), atol=1e-9)
            parts = (net.readout_weights[0] @ right) * values ** np.array([[0], [4], [19]]) * taken[:, context]
            responses, magnitudes = responses + parts.sum(1).real / len(line), magnitudes + abs(values) / len(line)
        assert np.allclose(line.responses[:, -1], responses, atol=1e-8) and np.all(line.responses[:, 0] == 0)
        assert np.allclose(line.magnitudes, magnitudes, atol=1e-9)
        assert line.relevant == pytest.approx(line.selection[:, context].mean())
        assert line.irrelevant == pytest.approx(line.selection[:, 1 - context].mean())
        assert np.array_equal(line.graph, line.graph.T) and np.all(line.graph <= line.graph_two)


def test_a_larger_tolerance_stops_earlier(integrator):
    loose, tight = (nc.analyze_context_integration(integrator, points=6, tolerance=t).contexts[0] for t in (1e-1, 1e-4))
    assert loose.speeds.max() > tight.speeds.max(initial=0)


def test_each_command_has_its_point_and_its_linearization(oscillator):
    analysis = nc.analyze_sine(oscillator, commands=3, n_starts=100)
    assert np.array_equal(analysis.commands, [0, 0.5, 1]) and len(analysis) == 3
    assert np.allclose(analysis.frequencies, [0.05, 0.075, 0.1])
    net = oscillator.network
    for i, x in enumerate(analysis.commands):
        h = analysis.states[i]
        f = np.tanh(net.recurrent_weights @ h + net.input_weights[:, 0] * x + net.bias)
        assert np.allclose(f, h, atol=1e-12) and analysis.n_fixed[i] >= 1
        values = np.linalg.eigvals((1 - f**2)[:, None] * net.recurrent_weights)
        leading = max(values[values.imag > 0], key=abs)
        assert analysis.eigenvalues[i] == pytest.approx(leading) and analysis.magnitudes[i] == pytest.approx(abs(leading))
        assert analysis.linear_frequencies[i] == pytest.approx(np.angle(leading) / (2 * np.pi))
        assert analysis.n_unstable[i] == (abs(values) > 1).sum()
    assert np.array_equal(analysis.graph, analysis.graph.T) and analysis.graph.sum() >= 4


def test_results_are_saved_and_loaded(integrator, oscillator, tmp_path):
    for analysis in (nc.analyze_sine(oscillator, commands=2, n_starts=64), nc.analyze_context_integration(integrator, points=4)):
        path = tmp_path / "an analysis.nc"
        analysis.save(path)
        assert nc.load(path) == analysis and analysis.network.n_units in (12, 16)


def test_the_task_can_be_given(integrator):
    assert nc.analyze_context_integration(integrator.network, nc.ContextIntegration(steps=7), points=2).steps[-1] == 7


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda net: nc.analyze_sine(net), ValueError, "found one trained on context-integration, expected sine"),
    (lambda net: nc.analyze_sine(net, nc.Sine()), ValueError, "found 4 inputs"),
    (lambda net: nc.analyze_sine(net, nc.FlipFlop()), TypeError, "task: found FlipFlop, expected Sine"),
    (lambda net: nc.analyze_context_integration(net, nc.ContextIntegration(streams=3)), ValueError, "expected 6 and 1"),
    (lambda net: nc.analyze_context_integration(net, points=0), ValueError, "points: found 0"),
    (lambda net: nc.analyze_context_integration(net, tolerance=-1), ValueError, "tolerance: found -1"),
])  # fmt: skip
def test_mistakes_are_told(integrator, call, error, message):
    with pytest.raises(error, match=message):
        call(integrator)
