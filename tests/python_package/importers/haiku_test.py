# SPDX-License-Identifier: BSD-3-Clause
"""Haiku cores against their own forward pass."""

from __future__ import annotations

import numpy as np
import pytest

import nullcline as nc

from importer_checks import N_INPUTS, N_UNITS, assert_repeats

jax = pytest.importorskip("jax")
hk = pytest.importorskip("haiku")
jnp = jax.numpy

CORES = [
    ("gru", hk.GRU, {}),
    ("lstm", hk.LSTM, {}),
    ("vanilla", hk.VanillaRNN, {}),
    ("vanilla", hk.VanillaRNN, {"double_bias": False}),
]


def randomized(params):
    rng = np.random.default_rng(6)
    return jax.tree.map(lambda a: jnp.asarray(0.5 * rng.standard_normal(a.shape), a.dtype), params)


def make(kind, **options):
    """A transformed step, and parameters of a model that has a readout as well."""

    def model(x, state):
        output, state = kind(N_UNITS, **options)(x, state)
        return hk.Linear(2, name="readout")(output), state

    transformed = hk.without_apply_rng(hk.transform(model))
    blank = jnp.zeros((1, N_UNITS))
    state = hk.LSTMState(blank, blank) if kind is hk.LSTM else blank
    return transformed, randomized(transformed.init(jax.random.key(0), jnp.zeros((1, N_INPUTS)), state))


def forward(transformed, params, x, h, cell: str) -> np.ndarray:
    x, h = jnp.asarray(x), jnp.asarray(h)
    state = hk.LSTMState(*jnp.split(h, 2, axis=1)) if cell == "lstm" else h
    _, found = transformed.apply(params, x, state)
    return np.concatenate([found.hidden, found.cell], axis=1) if cell == "lstm" else np.asarray(found)


@pytest.mark.parametrize(("cell", "kind", "options"), CORES)
@pytest.mark.parametrize("is_double", [False, True])
def test_a_core_takes_the_same_step(cell, kind, options, is_double, steps):
    transformed, params = make(kind, **options)
    x, h = steps(N_UNITS * (2 if cell == "lstm" else 1))
    with jax.enable_x64(is_double):
        h_next = forward(transformed, params, x, h, cell)
    network = nc.from_haiku(params, readout="readout")
    assert (network.cell, network.n_outputs) == (cell, 2)
    assert_repeats(network, x, h, h_next, 1e-12 if is_double else 1e-6)
    np.testing.assert_array_equal(
        network.readout_weights, np.asarray(params["readout"]["w"], np.float64).T
    )
    assert nc.from_haiku(params, transformed).verified


def test_a_step_may_take_a_key_of_random_numbers():
    transformed, params = make(hk.GRU)
    with_key = hk.transform(lambda x, state: hk.GRU(N_UNITS)(x, state))
    assert nc.from_haiku(params, with_key).verified
    assert nc.from_haiku(params, transformed.apply).verified


def test_own_names_need_to_be_said_and_a_list_is_a_stack():
    def model(x):
        lower, upper = hk.GRU(4, name="first"), hk.LSTM(6, name="second")
        x, _ = lower(x, lower.initial_state(1))
        return upper(x, upper.initial_state(1))[0]

    params = randomized(hk.transform(model).init(jax.random.key(0), jnp.zeros((1, N_INPUTS))))
    assert nc.from_haiku(params).n_states == 4  # a GRU is known by its arrays
    assert nc.from_haiku(params, module="second", cell="lstm").n_states == 12
    with pytest.raises(ValueError, match="'second' is not a name of Haiku's own: say cell="):
        nc.from_haiku(params, module="second")
    with pytest.raises(ValueError, match="'third' needs 'third/linear', found first, second/linear"):
        nc.from_haiku(params, module="third", cell="lstm")
    with pytest.raises(ValueError, match="found cell 'rnn', expected vanilla, gru, lstm"):
        nc.from_haiku(params, module="second", cell="rnn")


def test_two_layers_of_haikus_own_names_are_a_stack():
    def model(x):
        lower, upper = hk.LSTM(4), hk.LSTM(6)
        x, _ = lower(x, lower.initial_state(1))
        return upper(x, upper.initial_state(1))[0]

    params = randomized(hk.transform(model).init(jax.random.key(0), jnp.zeros((1, N_INPUTS))))
    assert nc.from_haiku(params, module=["lstm", "lstm_1"]).n_states == 20
    with pytest.raises(ValueError, match=r"'lstm' \(lstm\), 'lstm_1' \(lstm\); name one with module="):
        nc.from_haiku(params)


def test_other_objects_are_named():
    transformed, params = make(hk.GRU)
    for found in (transformed, 3, None):
        with pytest.raises(TypeError, match=f"found {type(found).__name__}, expected the parameters"):
            nc.from_haiku(found)
    with pytest.raises(TypeError, match="found str, expected a transformed step"):
        nc.from_haiku(params, "step")
    with pytest.raises(ValueError, match="found recurrent modules: none in mlp"):
        nc.from_haiku({"mlp": {"w": np.zeros((2, 2))}})
    with pytest.raises(ValueError, match="found no 'output' for the readout in gru, readout"):
        nc.from_haiku(params, readout="output")


def test_arrays_that_are_no_such_core_show_their_shapes():
    with pytest.raises(ValueError, match=r"'lstm' is no lstm: found \{'w': \(8, 15\)"):
        nc.from_haiku({"lstm/linear": {"w": np.zeros((8, 15)), "b": np.zeros(15)}})


def test_weights_that_are_not_finite_are_refused():
    _, params = make(hk.GRU)
    params["gru"]["w_h"] = params["gru"]["w_h"].at[0, 0].set(jnp.nan)
    with pytest.raises(ValueError, match="recurrent_weights holds NaN or infinity"):
        nc.from_haiku(params)


# -------------------------------------------------------------------------- conventions, broken


def sigmoid_gates(params, x, h):
    w = params["gru"]
    a = x @ w["w_i"] + w["b"]
    b = h @ w["w_h"][:, : 2 * N_UNITS]
    z, r = jnp.split(jax.nn.sigmoid(a[:, : 2 * N_UNITS] + b), 2, axis=1)
    return z, r, a[:, 2 * N_UNITS :], w["w_h"][:, 2 * N_UNITS :]


def swapped_gru(params, x, h):
    z, r, a, w = sigmoid_gates(params, x, h)
    h = z * h + (1 - z) * jnp.tanh(a + (r * h) @ w)
    return h, h


def reset_after_gru(params, x, h):
    z, r, a, w = sigmoid_gates(params, x, h)
    h = (1 - z) * h + z * jnp.tanh(a + r * (h @ w))
    return h, h


def plain_lstm(params, x, state):
    """Without the 1 that Haiku adds to the forget gate."""
    w = params["lstm/linear"]
    i, g, f, o = jnp.split(jnp.concatenate([x, state.hidden], axis=1) @ w["w"] + w["b"], 4, axis=1)
    c = jax.nn.sigmoid(f) * state.cell + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return h, hk.LSTMState(h, c)


def tanh_rnn(params, x, h):
    first, second = params["vanilla_rnn/linear"], params["vanilla_rnn/linear_1"]
    h = jnp.tanh(x @ first["w"] + first["b"] + h @ second["w"] + second["b"])
    return h, h


@pytest.mark.parametrize(
    ("kind", "step", "fitting"),
    [
        (hk.GRU, swapped_gru, "z swapped"),
        (hk.GRU, reset_after_gru, "reset after"),
        (hk.LSTM, plain_lstm, "1 taken from the forget gate"),
        (hk.VanillaRNN, tanh_rnn, "activation tanh"),
    ],
)
def test_a_step_of_another_convention_is_refused_and_named(kind, step, fitting):
    _, params = make(kind)
    with pytest.raises(ValueError, match=f"does not reproduce.*; it does with {fitting}"):
        nc.from_haiku(params, step)
