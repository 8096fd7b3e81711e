# SPDX-License-Identifier: BSD-3-Clause
"""Keras layers against their own forward pass, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

import random

import numpy as np
import pytest

import nullcline as nc

from importer_checks import N_INPUTS, N_UNITS, assert_repeats

keras = pytest.importorskip("keras")
layers = keras.layers
# Keras itself meets this when it turns variables into arrays with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LAYERS = [
    (layers.SimpleRNN, {}),
    (layers.SimpleRNN, {"activation": "relu"}),
    (layers.SimpleRNN, {"use_bias": False}),
    (layers.GRU, {}),
    (layers.GRU, {"reset_after": False}),
    (layers.GRU, {"use_bias": False}),
    (layers.GRU, {"use_bias": False, "reset_after": False}),
    (layers.GRU, {"activation": "relu"}),
    (layers.LSTM, {}),
    (layers.LSTM, {"unit_forget_bias": False}),
    (layers.LSTM, {"use_bias": False}),
    (layers.LSTM, {"activation": "relu"}),
]


def randomize(layer) -> None:
    """Weights and biases all different from zero and from each other."""
    rng = np.random.default_rng(7)
    layer.set_weights([0.5 * rng.standard_normal(values.shape) for values in layer.get_weights()])


def make(kind, **options):
    layer = kind(N_UNITS, **options)
    layer.build((None, None, N_INPUTS))
    randomize(layer)
    return layer


def next_states(layer, x: np.ndarray, h: np.ndarray, is_lstm: bool) -> np.ndarray:
    """One step through the layer's public call, from given states."""
    held = np.split(h, 2, axis=1) if is_lstm else [h]
    call = kind_with_states(layer)
    found = call(x[:, None].astype("float32"), initial_state=[part.astype("float32") for part in held])
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in found[1:]], axis=1)


def kind_with_states(layer):
    copy = type(layer).from_config({**layer.get_config(), "return_state": True})
    copy.build((None, None, N_INPUTS))
    copy.set_weights(layer.get_weights())
    return copy


def test_a_layer_that_runs_backwards_is_refused():
    layer = layers.GRU(3, go_backwards=True)
    layer.build((None, None, 2))
    with pytest.raises(ValueError, match="has go_backwards true, expected false"):
        nc.from_keras(layer)


@pytest.mark.parametrize(("kind", "options"), LAYERS)
def test_a_layer_and_its_cell_take_the_same_step(kind, options, steps):
    layer = make(kind, **options)
    is_lstm = kind is layers.LSTM
    x, h = steps(N_UNITS * (2 if is_lstm else 1))
    expected = next_states(layer, x, h, is_lstm)
    for found in (layer, layer.cell):
        assert_repeats(nc.from_keras(found), x, h, expected, 1e-6)


def test_the_two_biases_of_reset_after_are_kept_apart():
    layer = make(layers.GRU)
    network = nc.from_keras(layer)
    outside, inside = layer.get_weights()[2].astype(np.float64)
    z, r, n = (slice(k * N_UNITS, (k + 1) * N_UNITS) for k in range(3))
    np.testing.assert_array_equal(network.recurrent_bias, inside[n])
    np.testing.assert_array_equal(
        network.bias, np.concatenate([outside[r] + inside[r], outside[z] + inside[z], outside[n]])
    )


def test_reset_is_read_from_the_layer():
    assert nc.from_keras(make(layers.GRU)).reset == "after"
    assert nc.from_keras(make(layers.GRU, reset_after=False)).reset == "before"


def test_mixed_precision_keeps_its_exact_weights():
    layer = make(layers.GRU, dtype="mixed_float16")
    network = nc.from_keras(layer)
    assert network.verified
    np.testing.assert_array_equal(network.input_weights[:N_UNITS].T, layer.get_weights()[0][:, 5:10])


def test_dropout_is_off_during_the_replay():
    assert nc.from_keras(make(layers.GRU, dropout=0.5, recurrent_dropout=0.5)).verified


def test_a_sequential_model_is_one_stack_with_its_dense_layer(steps):
    model = keras.Sequential(
        [
            keras.Input((None, N_INPUTS)),
            layers.GRU(4, return_sequences=True),
            layers.Dropout(0.5),
            layers.LSTM(6, return_sequences=True),
            layers.Dense(2),
        ]
    )
    randomize(model)
    network = nc.from_keras(model, readout=model.layers[-1])
    x, h = steps(4 + 12)
    lower, upper = model.layers[0].cell, model.layers[2].cell
    below, _ = lower(x.astype("float32"), [h[:, :4].astype("float32")])
    above, (hidden, cell) = upper(below, [h[:, 4:10].astype("float32"), h[:, 10:].astype("float32")])
    found = [keras.ops.convert_to_numpy(part) for part in (below, hidden, cell)]
    assert_repeats(network, x, h, np.concatenate(found, axis=1), 1e-6)
    np.testing.assert_array_equal(network.readout_weights, model.layers[-1].get_weights()[0].T)


def test_stacked_cells_and_a_list_are_the_same_stack():
    cells = [layers.GRUCell(4), layers.SimpleRNNCell(5)]
    layer = layers.RNN(cells)
    layer.build((None, None, N_INPUTS))
    randomize(layer)
    networks = [nc.from_keras(layer), nc.from_keras(cells)]
    assert [network.n_states for network in networks] == [9, 9]
    np.testing.assert_array_equal(networks[0].input_weights, networks[1].input_weights)


# ----------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.GRU, layers.LSTM])
@pytest.mark.parametrize("name", ["sigmoid", "elu", "linear", "softsign", "relu6"])
def test_other_activations_are_refused_by_name(kind, name):
    with pytest.raises(ValueError, match=f"found activation {name}, expected tanh or relu"):
        nc.from_keras(make(kind, activation=name))


@pytest.mark.parametrize("kind", [layers.GRU, layers.LSTM])
def test_other_gate_activations_are_refused_by_name(kind):
    with pytest.raises(ValueError, match="found gate activation hard_sigmoid, expected sigmoid"):
        nc.from_keras(make(kind, recurrent_activation="hard_sigmoid"))


def test_bidirectional_is_refused_with_the_reason():
    layer = layers.Bidirectional(layers.GRU(N_UNITS))
    layer.build((None, None, N_INPUTS))
    with pytest.raises(ValueError, match="runs from the end of a trial.*forward_layer"):
        nc.from_keras(layer)
    assert nc.from_keras(layer.forward_layer).verified


def test_a_layer_without_weights_is_refused():
    with pytest.raises(ValueError, match="GRUCell is not built and has no weights"):
        nc.from_keras(layers.GRU(N_UNITS))


def test_other_objects_are_named():
    for found in (layers.Dense(2), {"kernel": 1}, 3, None):
        with pytest.raises(TypeError, match=f"found {type(found).__name__}, expected SimpleRNN"):
            nc.from_keras(found)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    with pytest.raises(TypeError, match="found a model of Dense, expected a recurrent layer"):
        nc.from_keras(model)
    with pytest.raises(ValueError, match="empty list"):
        nc.from_keras([])


def test_recurrent_layers_with_others_between_them_are_refused_by_name():
    model = keras.Sequential(
        [
            keras.Input((None, N_INPUTS)),
            layers.GRU(4, return_sequences=True, name="lower"),
            layers.Dense(4),
            layers.LSTM(6, name="upper"),
        ]
    )
    with pytest.raises(ValueError, match=r"lower \(GRU\), upper \(LSTM\); pass one of them"):
        nc.from_keras(model)


def test_weights_that_are_not_finite_are_refused():
    layer = make(layers.GRU)
    weights = layer.get_weights()
    weights[1][0, 0] = np.nan
    layer.set_weights(weights)
    with pytest.raises(ValueError, match="recurrent_weights holds NaN or infinity"):
        nc.from_keras(layer)


def test_a_readout_with_an_activation_is_refused_by_name():
    dense = layers.Dense(2, activation="softmax")
    dense.build((None, N_UNITS))
    with pytest.raises(ValueError, match="activation softmax, expected a linear one"):
        nc.from_keras(make(layers.GRU), readout=dense)


def test_a_square_readout_is_not_transposed():
    dense = layers.Dense(N_UNITS)
    dense.build((None, N_UNITS))
    network = nc.from_keras(make(layers.GRU), readout=dense)
    np.testing.assert_array_equal(network.readout_weights, dense.get_weights()[0].T)


# -------------------------------------------------------------------------- conventions, broken


class SwappedGruCell(layers.GRUCell):
    """h' = (1-z) h + z n, so that h' + h'_keras = h + n."""

    def call(self, inputs, states, training=False):
        ops, (h,) = keras.ops, states
        a = ops.matmul(inputs, self.kernel) + self.bias[0]
        b = ops.matmul(h, self.recurrent_kernel) + self.bias[1]
        z, r, _ = ops.split(ops.sigmoid(a + b), 3, axis=1)
        n = ops.tanh(a[:, 2 * self.units :] + r * b[:, 2 * self.units :])
        h = z * n + (1 - z) * h
        return h, [h]


class OrderedGruCell(layers.GRUCell):
    """Gates stored r, z, n as PyTorch does."""

    def call(self, inputs, states, training=False):
        ops, (h,) = keras.ops, states
        a = ops.matmul(inputs, self.kernel) + self.bias[0]
        b = ops.matmul(h, self.recurrent_kernel) + self.bias[1]
        r, z, _ = ops.split(ops.sigmoid(a + b), 3, axis=1)
        n = ops.tanh(a[:, 2 * self.units :] + r * b[:, 2 * self.units :])
        h = (1 - z) * n + z * h
        return h, [h]


class ForgetfulLstmCell(layers.LSTMCell):
    """Adds 1 to the forget gate when it runs."""

    def call(self, inputs, states, training=False):
        ops, (h, c) = keras.ops, states
        a = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, g, o = ops.split(a, 4, axis=1)
        c = ops.sigmoid(f + 1) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]


class TransposedCell(layers.SimpleRNNCell):
    def call(self, inputs, states, training=False):
        ops, (h,) = keras.ops, states
        h = ops.tanh(
            ops.matmul(inputs, self.kernel)
            + ops.matmul(h, ops.transpose(self.recurrent_kernel))
            + self.bias
        )
        return h, [h]


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        (SwappedGruCell, "z swapped"),
        (OrderedGruCell, "gates stored in the order z, r, n"),
        (ForgetfulLstmCell, "1 added to the forget gate"),
        (TransposedCell, "recurrent weights transposed"),
    ],
)
def test_a_forward_pass_of_another_convention_is_refused_and_named(kind, fitting):
    cell = kind(N_UNITS)
    cell.build((None, N_INPUTS))
    randomize(cell)
    with pytest.raises(ValueError, match=f"does not reproduce.*; it does with {fitting}"):
        nc.from_keras(cell)


# ------------------------------------------------------------------- the caller's model is only read


def test_the_callers_layer_stays_as_it_was():
    layer = make(layers.GRU, dropout=0.3, dtype="mixed_float16")
    layer.trainable = False
    before = [values.copy() for values in layer.get_weights()]
    seeds = [keras.ops.convert_to_numpy(variable) for variable in layer.non_trainable_variables]
    drawn = random.getstate()
    nc.from_keras(layer)
    assert all(np.array_equal(*pair) for pair in zip(before, layer.get_weights(), strict=True))
    after = [keras.ops.convert_to_numpy(variable) for variable in layer.non_trainable_variables]
    assert all(np.array_equal(*pair) for pair in zip(seeds, after, strict=True))
    assert (layer.dtype_policy.name, layer.trainable) == ("mixed_float16", False)
    assert random.getstate() == drawn
