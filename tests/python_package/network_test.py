# SPDX-License-Identifier: BSD-3-Clause
import pickle

import numpy as np
import pytest
from conftest import DATA, oracle_network

import nullcline as nc


def test_fields_come_back_as_they_went_in_and_cannot_be_written_to():
    rng = np.random.default_rng(1)
    fields = {
        "input_weights": rng.normal(size=(9, 2)),
        "recurrent_weights": rng.normal(size=(9, 3)),
        "bias": rng.normal(size=9),
        "recurrent_bias": rng.normal(size=3),
        "readout_weights": rng.normal(size=(2, 3)),
        "readout_bias": rng.normal(size=2),
        "initial_state": rng.normal(size=3),
    }
    network = nc.Network("gru", **fields)
    for name, value in fields.items():
        assert np.array_equal(getattr(network, name), value), name
        assert not getattr(network, name).flags.writeable
    assert (network.n_units, network.n_inputs, network.n_outputs, network.n_states) == (3, 2, 2, 3)
    assert (network.cell, network.activation, network.reset) == ("gru", "tanh", "after")
    assert network.alpha is None and network.mask is None and network.dale_signs is None and not network.verified
    copy = pickle.loads(pickle.dumps(network))
    assert all(np.array_equal(getattr(copy, name), value) for name, value in fields.items())


def test_a_leaky_network_with_mask_and_signs():
    mask = np.array([[1.0, 0.0], [1.0, 1.0]])
    options = {"input_weights": np.ones((2, 1)), "recurrent_weights": [[0.5, 0.0], [0.25, -1.0]], "activation": "relu"}
    network = nc.Network("leaky", **options, alpha=0.1, mask=mask, dale_signs=[1.0, -1.0])
    assert network.alpha.tolist() == [0.1, 0.1]
    state, x = np.array([[0.2, 0.4]]), np.array([[1.0]])
    expected = 0.9 * state + 0.1 * np.maximum(state @ np.array(options["recurrent_weights"]).T + x, 0)
    assert np.allclose(network.system().evaluate(state, x), expected, atol=1e-15)
    with pytest.raises(ValueError, match="against its sign"):
        nc.Network("leaky", **options, alpha=0.1, dale_signs=[-1.0, -1.0])
    with pytest.raises(ValueError, match="where the mask is 0"):
        nc.Network("leaky", **options, alpha=0.1, mask=np.eye(2))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_weights": np.zeros((5, 2))}, "input_weights is 5 x 2, expected 9 x 2"),
        ({"bias": np.zeros(4)}, "bias is 4 x 1, expected 9 x 1"),
        ({"bias": np.zeros((9, 1))}, r"bias: found shape \(9, 1\), expected one axis"),
        ({"recurrent_weights": np.full((9, 3), np.nan)}, "recurrent_weights holds values that are not finite"),
        ({"readout_weights": np.zeros((2, 4))}, "readout_weights is 2 x 4, expected 2 x 3"),
        ({"activation": "sin"}, r"activation: found 'sin', expected tanh \| relu"),
        ({"reset": "never"}, "reset: found 'never'"),
        ({"bias": ["a"] * 9}, "bias: found an array of str32, expected an array of numbers"),
    ],
)
def test_bad_fields_name_the_array_what_was_found_and_what_was_expected(changes, message):
    fields = {"input_weights": np.zeros((9, 2)), "recurrent_weights": np.zeros((9, 3))} | changes
    with pytest.raises(ValueError, match=message):
        nc.Network("gru", **fields)


def test_the_cell_is_a_known_word():
    with pytest.raises(nc.InvalidInput, match=r"cell: found 'transformer', expected vanilla \| leaky"):
        nc.Network("transformer", input_weights=np.zeros((1, 1)), recurrent_weights=np.zeros((1, 1)))


def test_a_probe_verifies_a_network_and_refuses_another_convention():
    probe = dict(np.load(DATA / "flip-flop" / "gru16_seed0.probe.npz"))
    network = oracle_network("gru16_seed0")
    assert network.verify(probe["x"], probe["h"], probe["h_next"], 1e-10) < 1e-10
    assert network.verified and "not verified" not in repr(network)
    wrong = oracle_network("gru16_seed0")
    fields = {name: getattr(wrong, name) for name in ("input_weights", "recurrent_weights")}
    bias = wrong.bias.copy()
    bias[-16:] += wrong.recurrent_bias
    before = nc.Network("gru", **fields, bias=bias, reset="before")
    with pytest.raises(nc.FormatError):
        before.verify(probe["x"], probe["h"], probe["h_next"], 1e-10)
    assert not before.verified


def test_systems_agree_with_differences(gru):
    rng = np.random.default_rng(0)
    system, states, inputs = gru.system(), 0.3 * rng.normal(size=(4, 16)), rng.normal(size=(4, 3))
    jacobian, step = system.jacobian(states, inputs), 1e-6
    assert jacobian.shape == (4, 16, 16) and system.input_jacobian(states, inputs).shape == (4, 16, 3)
    for j in range(16):
        shift = step * np.eye(16)[j]
        column = (system.evaluate(states + shift, inputs) - system.evaluate(states - shift, inputs)) / (2 * step)
        assert np.abs(jacobian[:, :, j] - column).max() < 1e-8
    flow = gru.system("continuous")
    assert np.allclose(flow.evaluate(states, inputs), system.evaluate(states, inputs) - states, atol=1e-15)
    assert flow.time == "continuous" and system.time == "discrete"
    with pytest.raises(ValueError, match=r"inputs: found shape \(2, 3\), expected \(3,\) or \(4, 3\)"):
        system.evaluate(states, inputs[:2])


def test_gain_is_a_parameter(memory):
    system = memory.system()
    assert system.parameter_names == ["gain"] and system.parameter("gain") == 1
    doubled = system.with_parameter("gain", 2.0)
    assert np.allclose(doubled.evaluate([[0.1, 0.2]]), np.tanh(4 * np.array([[0.1, 0.2]])))
    with pytest.raises(ValueError, match="loudness"):
        system.with_parameter("loudness", 2.0)


def test_readouts_are_affine_in_the_state(gru):
    states = np.random.default_rng(2).normal(size=(5, 16))
    assert np.allclose(gru.readout(states), states @ gru.readout_weights.T + gru.readout_bias)
