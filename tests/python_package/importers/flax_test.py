# SPDX-License-Identifier: BSD-3-Clause
"""Flax cells, linen and nnx, against their own forward pass."""

from __future__ import annotations

import numpy as np
import pytest

import nullcline as nc

from importer_checks import N_INPUTS, N_UNITS, assert_repeats

jax = pytest.importorskip("jax")
pytest.importorskip("flax")
jnp = jax.numpy
from flax import linen, nnx  # noqa: E402

LINEN = [
    (linen.GRUCell, {}),
    (linen.GRUCell, {"activation_fn": linen.relu}),
    (linen.LSTMCell, {}),
    (linen.OptimizedLSTMCell, {}),
    (linen.SimpleCell, {}),
    (linen.SimpleCell, {"residual": True}),
    (linen.SimpleCell, {"activation_fn": linen.relu}),
]
NNX = [
    (nnx.GRUCell, {}),
    (nnx.LSTMCell, {}),
    (nnx.OptimizedLSTMCell, {}),
    (nnx.SimpleCell, {}),
    (nnx.SimpleCell, {"residual": True}),
]


def randomized(tree, seed: int = 3):
    """The same tree with weights and biases all different from zero and from each other."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda a: jnp.asarray(0.5 * rng.standard_normal(a.shape), a.dtype), tree)


def make_linen(kind, **options):
    cell = kind(features=N_UNITS, **options)
    x = jnp.zeros((1, N_INPUTS))
    key = jax.random.key(0)
    return cell, randomized(cell.init(key, cell.initialize_carry(key, x.shape), x))


def make_nnx(kind, **options):
    cell = kind(N_INPUTS, N_UNITS, rngs=nnx.Rngs(0), **options)
    graph, state = nnx.split(cell)
    return nnx.merge(graph, randomized(state))


def is_lstm(kind) -> bool:
    return "LSTM" in kind.__name__


def forward(call, x, h, has_cells: bool, dtype=jnp.float32) -> np.ndarray:
    """One step; `call` takes and gives Flax's carry, (c, h) for an LSTM."""
    x, h = jnp.asarray(x, dtype), jnp.asarray(h, dtype)
    if not has_cells:
        return np.asarray(call(h, x)[0])
    hidden, cell = jnp.split(h, 2, axis=1)
    (new_cell, new_hidden), _ = call((cell, hidden), x)
    return np.concatenate([new_hidden, new_cell], axis=1)


@pytest.mark.parametrize(("kind", "options"), LINEN)
def test_a_linen_cell_takes_the_same_step_in_single_and_double(kind, options, steps):
    cell, variables = make_linen(kind, **options)
    x, h = steps(N_UNITS * (2 if is_lstm(kind) else 1))
    network = nc.from_flax(variables, cell=cell)

    def call(carry, inputs):
        return cell.apply(variables, carry, inputs)

    assert_repeats(network, x, h, forward(call, x, h, is_lstm(kind)), 1e-6)
    with jax.enable_x64(True):
        assert_repeats(network, x, h, forward(call, x, h, is_lstm(kind), jnp.float64), 1e-12)


@pytest.mark.parametrize(("kind", "options"), NNX)
def test_an_nnx_cell_takes_the_same_step(kind, options, steps):
    cell = make_nnx(kind, **options)
    x, h = steps(N_UNITS * (2 if is_lstm(kind) else 1))
    assert_repeats(nc.from_flax(cell), x, h, forward(cell, x, h, is_lstm(kind)), 1e-6)


def test_a_bound_module_and_a_whole_models_parameters_are_the_same_network():
    cell, variables = make_linen(linen.GRUCell)
    model = {"params": {"rnn": {"cell": variables["params"]}, "Dense_0": {"kernel": np.zeros((5, 2))}}}
    networks = [
        nc.from_flax(variables, cell=cell),
        nc.from_flax(variables["params"], cell=cell),
        nc.from_flax(cell.bind(variables)),
        nc.from_flax(model, cell=linen.RNN(cell), readout=model["params"]["Dense_0"]),
    ]
    for network in networks:
        np.testing.assert_array_equal(network.recurrent_weights, networks[0].recurrent_weights)
    assert networks[-1].n_outputs == 2


def test_an_nnx_rnn_is_its_cell_and_a_list_is_a_stack():
    cell = make_nnx(nnx.GRUCell)
    upper = nnx.LSTMCell(N_UNITS, 4, rngs=nnx.Rngs(1))
    rnn = nc.from_flax(nnx.RNN(cell))
    np.testing.assert_array_equal(rnn.input_weights, nc.from_flax(cell).input_weights)
    network = nc.from_flax([cell, upper], readout=nnx.Linear(4, 2, rngs=nnx.Rngs(2)))
    assert (network.n_states, network.n_outputs) == (N_UNITS + 8, 2)


def test_the_candidates_inner_bias_is_zero_in_nnx_until_the_cell_has_one(steps):
    class WithInnerBias(nnx.GRUCell):
        """As nnx.GRUCell is documented: n = tanh(W_in x + b_in + r (W_hn h + b_hn))."""

        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.hn_bias = nnx.Param(jnp.zeros(N_UNITS))

        def __call__(self, carry, inputs):
            a_r, a_z, a_n = jnp.split(self.dense_i(inputs), 3, axis=-1)
            b_r, b_z, b_n = jnp.split(self.dense_h(carry), 3, axis=-1)
            z = jax.nn.sigmoid(a_z + b_z)
            n = jnp.tanh(a_n + jax.nn.sigmoid(a_r + b_r) * (b_n + self.hn_bias))
            new = (1 - z) * n + z * carry
            return new, new

    np.testing.assert_array_equal(nc.from_flax(make_nnx(nnx.GRUCell)).recurrent_bias, np.zeros(N_UNITS))
    cell = make_nnx(WithInnerBias)
    network = nc.from_flax(cell)
    np.testing.assert_array_equal(network.recurrent_bias, np.asarray(cell.hn_bias, np.float64))
    x, h = steps(N_UNITS)
    assert_repeats(network, x, h, forward(cell, x, h, False), 1e-6)


@pytest.mark.parametrize("name", ["dtype", "param_dtype"])
def test_half_precision_keeps_its_exact_weights(name):
    normal = jax.nn.initializers.normal()  # the default, orthogonal, knows no half precision
    options = {name: jnp.bfloat16, "recurrent_kernel_init": normal}
    cell, variables = make_linen(linen.GRUCell, **options)
    network = nc.from_flax(variables, cell=cell)
    kernel = np.asarray(variables["params"]["ir"]["kernel"], np.float64)
    np.testing.assert_array_equal(network.input_weights[:N_UNITS].T, kernel)
    assert nc.from_flax(make_nnx(nnx.GRUCell, **options)).verified


# ----------------------------------------------------------------------------------------- refused


def test_other_functions_are_refused_by_name():
    for activation, name in ((linen.elu, "elu"), (linen.sigmoid, "sigmoid")):
        cell, variables = make_linen(linen.GRUCell, activation_fn=activation)
        with pytest.raises(ValueError, match=f"GRUCell: found activation {name}, expected tanh or relu"):
            nc.from_flax(variables, cell=cell)
    cell = make_nnx(nnx.LSTMCell, gate_fn=linen.hard_sigmoid)
    with pytest.raises(ValueError, match="gate activation hard_sigmoid, expected sigmoid"):
        nc.from_flax(cell)


def test_other_objects_are_named():
    cell, variables = make_linen(linen.GRUCell)
    with pytest.raises(TypeError, match=r"holds no weights; pass the parameters, and cell=GRUCell"):
        nc.from_flax(cell)
    with pytest.raises(TypeError, match="parameters do not tell their activations"):
        nc.from_flax(variables)
    with pytest.raises(TypeError, match="found MGUCell, expected GRUCell"):
        nc.from_flax(variables, cell=linen.MGUCell(features=N_UNITS))
    with pytest.raises(TypeError, match="found Linear, expected GRUCell"):
        nc.from_flax(nnx.Linear(2, 2, rngs=nnx.Rngs(0)))
    with pytest.raises(TypeError, match="found int, expected an nnx cell"):
        nc.from_flax(3)


def test_parameters_of_another_cell_name_what_is_needed():
    _, variables = make_linen(linen.GRUCell)
    with pytest.raises(ValueError, match="LSTMCell needs hf, hg, hi, ho"):
        nc.from_flax(variables, cell=linen.LSTMCell(features=N_UNITS))
    two = {"a": variables["params"], "b": variables["params"]}
    with pytest.raises(ValueError, match="several places fit GRUCell: a, b"):
        nc.from_flax(two, cell=linen.GRUCell(features=N_UNITS))


def test_bidirectional_is_refused_with_the_reason():
    cells = [make_nnx(nnx.GRUCell) for _ in range(2)]
    both = nnx.Bidirectional(*(nnx.RNN(cell) for cell in cells))
    with pytest.raises(ValueError, match="runs from the end of a trial"):
        nc.from_flax(both)


def test_weights_that_are_not_finite_are_refused():
    cell = make_nnx(nnx.GRUCell)
    cell.dense_h.kernel[...] = cell.dense_h.kernel[...].at[0, 0].set(jnp.nan)
    with pytest.raises(ValueError, match="recurrent_weights holds NaN or infinity"):
        nc.from_flax(cell)


# -------------------------------------------------------------------------- conventions, broken


class SwappedGru(nnx.GRUCell):
    def __call__(self, carry, inputs):
        a_r, a_z, a_n = jnp.split(self.dense_i(inputs), 3, axis=-1)
        b_r, b_z, b_n = jnp.split(self.dense_h(carry), 3, axis=-1)
        z = jax.nn.sigmoid(a_z + b_z)
        new = z * jnp.tanh(a_n + jax.nn.sigmoid(a_r + b_r) * b_n) + (1 - z) * carry
        return new, new


class ResetBeforeGru(nnx.GRUCell):
    def __call__(self, carry, inputs):
        a_r, a_z, a_n = jnp.split(self.dense_i(inputs), 3, axis=-1)
        w_r, w_z, w_n = jnp.split(self.dense_h.kernel[...], 3, axis=-1)
        r, z = jax.nn.sigmoid(a_r + carry @ w_r), jax.nn.sigmoid(a_z + carry @ w_z)
        new = (1 - z) * jnp.tanh(a_n + (r * carry) @ w_n) + z * carry
        return new, new


class PermutedLstm(nnx.OptimizedLSTMCell):
    """Gates stored i, f, o, g."""

    def __call__(self, carry, inputs):
        c, h = carry
        i, f, o, g = jnp.split(self.dense_i(inputs) + self.dense_h(h), 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (c, jax.nn.sigmoid(o) * jnp.tanh(c)), None


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        (SwappedGru, "z swapped"),
        (ResetBeforeGru, "reset before"),
        (PermutedLstm, "gates stored in the order i, f, o, g"),
    ],
)
def test_a_forward_pass_of_another_convention_is_refused_and_named(kind, fitting):
    with pytest.raises(ValueError, match=f"does not reproduce.*; it does with {fitting}"):
        nc.from_flax(make_nnx(kind))


def test_a_dropped_inner_bias_is_noticed():
    """The documented formula needs b_hn; a cell that forgets it is another network."""

    class Forgetful(linen.GRUCell):
        @linen.compact
        def __call__(self, carry, inputs):
            found = {}
            for name in ("ir", "iz", "in", "hr", "hz", "hn"):
                bias = name[0] == "i" or name == "hn"
                layer = linen.Dense(N_UNITS, use_bias=bias, name=name)
                found[name] = layer(inputs if name[0] == "i" else carry)
            inner = self.variables["params"]["hn"]["bias"]
            r = jax.nn.sigmoid(found["ir"] + found["hr"])
            z = jax.nn.sigmoid(found["iz"] + found["hz"])
            n = jnp.tanh(found["in"] + r * (found["hn"] - inner))
            new = (1 - z) * n + z * carry
            return new, new

    _, variables = make_linen(linen.GRUCell)
    with pytest.raises(ValueError, match="it does with no bias inside the reset"):
        nc.from_flax(variables, cell=Forgetful(features=N_UNITS))


# ------------------------------------------------------------------- the caller's model is only read


def test_the_callers_cell_and_settings_stay_as_they_were():
    cell = make_nnx(nnx.GRUCell, dtype=jnp.bfloat16)
    before = jax.tree.map(np.array, nnx.state(cell))
    settings = jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision
    nc.from_flax(cell)
    assert jax.tree.all(jax.tree.map(np.array_equal, before, jax.tree.map(np.array, nnx.state(cell))))
    assert cell.dense_i.dtype == cell.dense_h.dtype == jnp.bfloat16
    assert (jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision) == settings
