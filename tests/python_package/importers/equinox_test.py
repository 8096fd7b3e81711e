# SPDX-License-Identifier: BSD-3-Clause
"""Equinox cells against their own forward pass."""

from __future__ import annotations

import numpy as np
import pytest

import nullcline as nc

from importer_checks import N_INPUTS, N_UNITS, assert_repeats

jax = pytest.importorskip("jax")
eqx = pytest.importorskip("equinox")
jnp = jax.numpy


def make(kind, **options):
    return kind(N_INPUTS, N_UNITS, key=jax.random.key(4), **options)


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("is_double", [False, True])
def test_a_gru_takes_the_same_step(use_bias, is_double, steps):
    x, h = steps(N_UNITS)
    with jax.enable_x64(is_double):
        cell = make(eqx.nn.GRUCell, use_bias=use_bias)
        h_next = jax.vmap(cell)(jnp.asarray(x), jnp.asarray(h))
    assert_repeats(nc.from_equinox(cell), x, h, h_next, 1e-12 if is_double else 1e-6)


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("is_double", [False, True])
def test_an_lstm_takes_the_same_step(use_bias, is_double, steps):
    x, h = steps(2 * N_UNITS)
    with jax.enable_x64(is_double):
        cell = make(eqx.nn.LSTMCell, use_bias=use_bias)
        found = jax.vmap(cell)(jnp.asarray(x), tuple(jnp.split(jnp.asarray(h), 2, axis=1)))
    h_next = np.concatenate(found, axis=1)
    assert_repeats(nc.from_equinox(cell), x, h, h_next, 1e-12 if is_double else 1e-6)


def test_a_list_of_cells_is_one_stack_with_its_readout():
    cells = [make(eqx.nn.GRUCell), eqx.nn.LSTMCell(N_UNITS, 4, key=jax.random.key(1))]
    readout = eqx.nn.Linear(4, 2, key=jax.random.key(2))
    network = nc.from_equinox(cells, readout=readout)
    assert (network.n_states, network.n_outputs, network.verified) == (N_UNITS + 8, 2, True)
    np.testing.assert_array_equal(network.readout_weights, np.asarray(readout.weight, np.float64))


def test_other_objects_are_named():
    for found in (eqx.nn.Linear(2, 2, key=jax.random.key(0)), {"weight": 1}, 3):
        with pytest.raises(TypeError, match=f"found {type(found).__name__}, expected equinox.nn.GRU"):
            nc.from_equinox(found)
    with pytest.raises(ValueError, match="empty list"):
        nc.from_equinox([])


def test_weights_that_are_not_finite_are_refused():
    cell = make(eqx.nn.GRUCell)
    cell = eqx.tree_at(lambda c: c.weight_ih, cell, cell.weight_ih.at[0, 0].set(jnp.inf))
    with pytest.raises(ValueError, match="input_weights holds NaN or infinity"):
        nc.from_equinox(cell)


class WithoutInnerBias(eqx.nn.GRUCell):
    def __call__(self, input, hidden, *, key=None):
        dropped = eqx.tree_at(lambda c: c.bias_n, self, jnp.zeros_like(self.bias_n))
        return eqx.nn.GRUCell.__call__(dropped, input, hidden)


class Transposed(eqx.nn.GRUCell):
    def __call__(self, input, hidden, *, key=None):
        blocks = jnp.concatenate([block.T for block in jnp.split(self.weight_hh, 3)])
        turned = eqx.tree_at(lambda c: c.weight_hh, self, blocks)
        return eqx.nn.GRUCell.__call__(turned, input, hidden)


class ForgetBias(eqx.nn.LSTMCell):
    def __call__(self, input, hidden, *, key=None):
        rows = jnp.arange(4 * N_UNITS) // N_UNITS == 1
        raised = eqx.tree_at(lambda c: c.bias, self, self.bias + rows)
        return eqx.nn.LSTMCell.__call__(raised, input, hidden)


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        (WithoutInnerBias, "no bias inside the reset"),
        (Transposed, "recurrent weights transposed"),
        (ForgetBias, "1 added to the forget gate"),
    ],
)
def test_a_forward_pass_of_another_convention_is_refused_and_named(kind, fitting):
    with pytest.raises(ValueError, match=f"does not reproduce.*; it does with {fitting}"):
        nc.from_equinox(make(kind))


def test_settings_stay_as_they_were():
    settings = jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision
    nc.from_equinox(make(eqx.nn.GRUCell))
    assert (jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision) == settings
