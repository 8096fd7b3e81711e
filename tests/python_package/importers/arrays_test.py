# SPDX-License-Identifier: BSD-3-Clause
"""Networks from plain arrays, against steps written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import nullcline as nc

from importer_checks import N_INPUTS, N_UNITS, assert_repeats


@pytest.fixture
def weights(rng):
    return {
        "input_weights": rng.standard_normal((N_UNITS, N_INPUTS)),
        "recurrent_weights": 0.6 * rng.standard_normal((N_UNITS, N_UNITS)),
        "bias": rng.standard_normal(N_UNITS),
    }


def leaky(w, alpha, phi=np.tanh):
    def step(x, h):
        a = x @ w["input_weights"].T + h @ w["recurrent_weights"].T + w["bias"]
        return (1 - alpha) * h + alpha * phi(a)

    return step


def leaky_outside(w, alpha, phi=np.tanh):
    def step(x, v):
        a = x @ w["input_weights"].T + phi(v) @ w["recurrent_weights"].T + w["bias"]
        return (1 - alpha) * v + alpha * a

    return step


def relu(a):
    return np.maximum(a, 0)


def test_two_units_worked_out_by_hand():
    """v = (1, -2), x = 3, alpha = 1/4, relu: (1-a) v + a (W relu(v) + A x + b)."""
    network = nc.from_arrays(
        cell="leaky-outside",
        activation="relu",
        alpha=0.25,
        input_weights=[[1.0], [2.0]],
        recurrent_weights=[[0.0, 5.0], [4.0, 0.0]],
        bias=[0.0, -1.0],
        probe={"x": [[3.0]], "h": [[1.0, -2.0]], "h_next": [[1.5, 0.75]]},
    )
    assert network.verified
    np.testing.assert_array_equal(network.alpha, [0.25, 0.25])


@pytest.mark.parametrize(("cell", "live"), [("leaky", leaky), ("leaky-outside", leaky_outside)])
@pytest.mark.parametrize(("activation", "phi"), [("tanh", np.tanh), ("relu", relu)])
@pytest.mark.parametrize("alpha", [0.2, 1.0, np.linspace(0.1, 0.9, N_UNITS)])
def test_a_leaky_network_takes_the_same_step(cell, live, activation, phi, alpha, weights, steps):
    step = live(weights, alpha, phi)
    x, h = steps(N_UNITS)
    network = nc.from_arrays(weights, cell=cell, activation=activation, alpha=alpha, step=step)
    assert_repeats(network, x, h, step(x, h), 1e-12)


@pytest.mark.parametrize(("dale", "size"), [("absolute", np.abs), ("rectified", relu)])
def test_masks_and_signs_make_the_effective_matrix(dale, size, weights, rng):
    mask = (rng.random((N_UNITS, N_UNITS)) < 0.6).astype(float)
    signs = np.array([1.0, 1.0, 1.0, -1.0, -1.0])
    effective = size(weights["recurrent_weights"] * mask) * signs
    step = leaky({**weights, "recurrent_weights": effective}, 0.3)
    network = nc.from_arrays(
        weights, cell="leaky", alpha=0.3, mask=mask, dale_signs=signs, dale=dale, step=step
    )
    assert network.verified
    np.testing.assert_array_equal(network.recurrent_weights, effective)
    np.testing.assert_array_equal(network.mask, mask)
    again = nc.from_arrays(
        {**weights, "recurrent_weights": effective},
        cell="leaky", alpha=0.3, mask=mask, dale_signs=signs, step=step,
    )  # fmt: skip
    np.testing.assert_array_equal(again.recurrent_weights, effective)


def test_effective_weights_against_their_sign_are_refused(weights):
    with pytest.raises(ValueError, match="from_arrays: leaky: .*against its sign"):
        nc.from_arrays(weights, cell="leaky", alpha=0.3, dale_signs=[1, 1, 1, -1, -1])


def test_without_steps_a_network_is_not_verified(weights):
    assert not nc.from_arrays(weights, cell="vanilla").verified


def test_a_probe_may_be_a_triple_or_a_file(weights, steps, tmp_path):
    x, h = steps(N_UNITS)
    h_next = leaky(weights, 0.5)(x, h)
    np.savez(tmp_path / "probe.npz", x=x, h=h, h_next=h_next)
    for probe in ((x, h, h_next), tmp_path / "probe.npz", str(tmp_path / "probe.npz")):
        assert nc.from_arrays(weights, cell="leaky", alpha=0.5, probe=probe).verified
    with pytest.raises(ValueError, match="the probe has no 'h_next'"):
        nc.from_arrays(weights, cell="leaky", alpha=0.5, probe={"x": x, "h": h})


def test_float32_steps_are_compared_as_such(weights, steps):
    x, h = steps(N_UNITS)
    step = leaky(weights, 0.5)
    rounded = {"x": x, "h": h, "h_next": step(x, h).astype(np.float32)}
    assert nc.from_arrays(weights, cell="leaky", alpha=0.5, probe=rounded).verified
    with pytest.raises(ValueError, match="allowed 1e-10"):
        nc.from_arrays(
            weights, cell="leaky", alpha=0.5, probe={**rounded, "h_next": step(x, h) + 1e-8}
        )


def test_a_step_may_be_a_torch_function(weights):
    torch = pytest.importorskip("torch")

    def step(x, h):
        with torch.enable_grad():
            leaf = torch.from_numpy(h).requires_grad_()
            arrays = {name: torch.from_numpy(values) for name, values in weights.items()}
            a = torch.from_numpy(x) @ arrays["input_weights"].T + arrays["bias"]
            return torch.tanh(a + leaf @ arrays["recurrent_weights"].T)

    assert nc.from_arrays(weights, cell="vanilla", step=step).verified


# -------------------------------------------------------------------------------------- PsychRNN


@pytest.fixture
def psychrnn(rng, tmp_path):
    """A file as PsychRNN writes it: effective weights, and a function that is pickled."""
    signs = np.array([1.0, 1.0, 1.0, 1.0, -1.0])
    mask = 1 - np.eye(N_UNITS)
    arrays = {
        "W_in": np.abs(rng.standard_normal((N_UNITS, N_INPUTS))),
        "W_rec": np.abs(rng.standard_normal((N_UNITS, N_UNITS))) * mask * signs,
        "W_out": rng.standard_normal((2, N_UNITS)),
        "b_rec": rng.standard_normal(N_UNITS),
        "b_out": rng.standard_normal(2),
        "init_state": 0.1 + 0.01 * rng.standard_normal((1, N_UNITS)),
        "rec_connectivity": mask,
        "Dale_rec": np.diag(signs),
        "dale_ratio": 0.8,
    }
    arrays = {name: np.asarray(values, np.float32) for name, values in arrays.items()}
    np.savez(tmp_path / "psychrnn.npz", **arrays, transfer_function=np.array(len, dtype=object))
    return tmp_path / "psychrnn.npz", {name: values.astype(np.float64) for name, values in arrays.items()}


def test_a_psychrnn_file_is_its_leaky_network(psychrnn, steps):
    path, w = psychrnn

    def step(x, v):
        return 0.9 * v + 0.1 * (relu(v) @ w["W_rec"].T + x @ w["W_in"].T + w["b_rec"])

    network = nc.from_arrays(path, alpha=0.1, step=step)
    x, v = steps(N_UNITS)
    assert_repeats(network, x, v, step(x, v), 1e-12)
    np.testing.assert_array_equal(network.initial_state, w["init_state"][0])
    np.testing.assert_array_equal(network.readout_weights, w["W_out"])
    np.testing.assert_array_equal(network.readout_bias, w["b_out"])
    np.testing.assert_array_equal(network.dale_signs, [1, 1, 1, 1, -1])
    np.testing.assert_array_equal(network.mask, w["rec_connectivity"])


def test_another_transfer_function_of_psychrnn_is_said_by_the_caller(psychrnn):
    path, w = psychrnn

    def step(x, v):
        return 0.9 * v + 0.1 * (np.tanh(v) @ w["W_rec"].T + x @ w["W_in"].T + w["b_rec"])

    assert nc.from_arrays(path, alpha=0.1, activation="tanh", step=step).verified
    with pytest.raises(ValueError, match="does not reproduce.*; it does with activation tanh"):
        nc.from_arrays(path, alpha=0.1, step=step)


def test_psychrnn_needs_alpha_and_its_arrays(psychrnn):
    path, w = psychrnn
    with pytest.raises(ValueError, match="found no alpha, which a leaky-outside network needs"):
        nc.from_arrays(path)
    with pytest.raises(ValueError, match="PsychRNN's arrays lack W_rec"):
        nc.from_arrays({"W_in": w["W_in"]}, alpha=0.1)
    with pytest.raises(ValueError, match="found cell 'gru', but PsychRNN's arrays are leaky-outside"):
        nc.from_arrays(path, cell="gru", alpha=0.1)


# ------------------------------------------------------------------------------------------ refused


def test_another_kind_of_leak_is_refused_and_named(weights):
    with pytest.raises(ValueError, match="it does with cell leaky-outside"):
        nc.from_arrays(weights, cell="leaky", alpha=0.3, step=leaky_outside(weights, 0.3))


def test_transposed_weights_are_refused_and_named(weights):
    transposed = {**weights, "recurrent_weights": weights["recurrent_weights"].T}
    with pytest.raises(ValueError, match="it does with recurrent weights transposed"):
        nc.from_arrays(transposed, cell="leaky", alpha=0.3, step=leaky(weights, 0.3))


def test_another_alpha_is_refused(weights):
    with pytest.raises(ValueError, match="no other convention"):
        nc.from_arrays(weights, cell="leaky", alpha=0.3, step=leaky(weights, 0.31))


def test_messages_name_what_was_found(weights):
    for arguments, message in (
        ({}, "found cell None, expected one of vanilla"),
        ({"cell": "rnn"}, "found cell 'rnn'"),
        ({"cell": "vanilla", "weights": 1}, "found 'weights', expected one of cell"),
        ({"cell": "vanilla", "bias": "many"}, "bias holds no numbers"),
        ({"cell": "vanilla", "recurrent_weights": [1.0]}, "recurrent_weights: found 1 dimensions"),
        ({"cell": "leaky", "alpha": 0.1, "mask": np.ones((2, 2))}, r"mask has shape \(2, 2\), expected"),
        ({"cell": "leaky", "alpha": 0.1, "dale": "abs"}, "found dale 'abs'"),
        ({"cell": "leaky", "alpha": 0.1, "dale": "absolute"}, "which needs dale_signs"),
        ({"cell": "leaky", "alpha": 0.1, "step": len, "probe": {}}, "both a step and a probe"),
        ({"cell": "vanilla", "step": lambda x, h: h[:, :2]}, r"the step returned shape \(32, 2\)"),
        ({"cell": "vanilla", "readout": (np.ones((2, 9)), None)}, "reads 9 units, but the network has 5"),
    ):
        with pytest.raises(ValueError, match=message):
            nc.from_arrays(weights, **arguments)
    with pytest.raises(ValueError, match="input_weights: found nothing, expected a matrix"):
        nc.from_arrays(cell="vanilla", recurrent_weights=np.eye(2))
    with pytest.raises(ValueError, match="bias holds NaN or infinity"):
        nc.from_arrays({**weights, "bias": [np.nan] * N_UNITS}, cell="vanilla")
    with pytest.raises(TypeError, match="found list, expected a mapping"):
        nc.from_arrays([1, 2])


def test_the_callers_arrays_stay_as_they_were(weights):
    before = {name: values.copy() for name, values in weights.items()}
    mask, signs = np.ones((N_UNITS, N_UNITS)), np.ones(N_UNITS)

    def greedy(x, h):
        found = leaky(weights, 0.3)(x, h)
        x[:] = h[:] = 0  # the step's own copies
        return found

    with pytest.raises(ValueError, match="does not reproduce"):
        nc.from_arrays(
            weights, cell="leaky", alpha=0.3, mask=mask, dale_signs=signs, dale="absolute", step=greedy
        )
    assert nc.from_arrays(weights, cell="leaky", alpha=0.3, step=greedy).verified
    for name, values in before.items():
        np.testing.assert_array_equal(weights[name], values)


def test_complex_weights_are_refused(weights):
    weights["input_weights"] = weights["input_weights"] + 1j
    with pytest.raises(ValueError, match="input_weights.*found complex numbers"):
        nc.from_arrays(cell="leaky", alpha=0.5, **weights)
