# SPDX-License-Identifier: BSD-3-Clause
"""PyTorch modules against their own forward pass."""

from __future__ import annotations

import random

import numpy as np
import pytest

import nullcline as nc

from importer_checks import N_INPUTS, N_UNITS, assert_repeats

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")

LAYERS = [
    (nn.RNN, {}),
    (nn.RNN, {"nonlinearity": "relu"}),
    (nn.RNN, {"bias": False}),
    (nn.GRU, {}),
    (nn.GRU, {"batch_first": True}),
    (nn.GRU, {"bias": False}),
    (nn.LSTM, {}),
    (nn.LSTM, {"bias": False}),
    (nn.RNN, {"num_layers": 2, "nonlinearity": "relu"}),
    (nn.GRU, {"num_layers": 3, "batch_first": True}),
    (nn.LSTM, {"num_layers": 2}),
    (nn.LSTM, {"proj_size": 2}),
    (nn.LSTM, {"proj_size": 2, "num_layers": 2}),
]
CELLS = [
    (nn.RNNCell, {}),
    (nn.RNNCell, {"nonlinearity": "relu"}),
    (nn.RNNCell, {"bias": False}),
    (nn.GRUCell, {}),
    (nn.GRUCell, {"bias": False}),
    (nn.LSTMCell, {}),
    (nn.LSTMCell, {"bias": False}),
]


def make(kind, seed: int = 3, **options):
    torch.manual_seed(seed)
    return kind(N_INPUTS, N_UNITS, **options)


def sequence_states(module, x: np.ndarray) -> np.ndarray:
    """States (step, trial, state) of a run from zero, [h; c] per layer, bottom first; x likewise."""
    dtype = next(module.parameters()).dtype
    states, carried = [], None
    with torch.no_grad():
        for t in range(len(x)):
            inputs = torch.from_numpy(x[t : t + 1]).to(dtype)
            _, carried = module(inputs.transpose(0, 1) if module.batch_first else inputs, carried)
            parts = zip(*carried, strict=True) if isinstance(carried, tuple) else ((h,) for h in carried)
            states.append(torch.cat([part for pair in parts for part in pair], dim=1).double().numpy())
    return np.stack(states)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("kind", "options"), LAYERS)
def test_a_layer_takes_the_same_steps_along_a_trial(kind, options, dtype, rng):
    module = make(kind, **options).to(dtype)
    network = nc.from_torch(module)
    x = rng.standard_normal((12, 4, N_INPUTS)).astype(str(dtype).removeprefix("torch."))
    states = sequence_states(module, x)
    before, after = states[:-1].reshape(-1, states.shape[2]), states[1:].reshape(-1, states.shape[2])
    tolerance = 1e-6 if dtype == torch.float32 else 1e-12
    assert_repeats(network, x[1:].reshape(-1, N_INPUTS).astype(np.float64), before, after, tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("kind", "options"), CELLS)
def test_a_cell_takes_the_same_step(kind, options, dtype, steps):
    module = make(kind, **options).to(dtype)
    is_lstm = kind is nn.LSTMCell
    x, h = steps(2 * N_UNITS if is_lstm else N_UNITS)
    tensors = torch.from_numpy(x).to(dtype), torch.from_numpy(h).to(dtype)
    with torch.no_grad():
        state = tensors[1].chunk(2, dim=1) if is_lstm else tensors[1]
        found = module(tensors[0], tuple(state) if is_lstm else state)
    h_next = torch.cat(found, dim=1) if is_lstm else found
    tolerance = 1e-6 if dtype == torch.float32 else 1e-12
    assert_repeats(nc.from_torch(module), x, h, h_next.double().numpy(), tolerance)


def test_the_state_of_an_lstm_is_h_before_c(steps):
    module = make(nn.LSTMCell).double()
    network = nc.from_torch(module)
    x, h = steps(2 * N_UNITS)
    with torch.no_grad():
        hidden, cell = module(torch.from_numpy(x), torch.from_numpy(h).chunk(2, dim=1))
    swapped = torch.cat([cell, hidden], dim=1).numpy()
    with pytest.raises(ValueError, match="does not reproduce"):
        network.verify(x, h, swapped, 1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_keeps_its_exact_weights(dtype):
    module = make(nn.GRU).to(dtype)
    network = nc.from_torch(module)
    assert network.verified
    np.testing.assert_array_equal(network.input_weights, module.weight_ih_l0.detach().double().numpy())


def test_only_the_candidates_second_bias_stays_inside_the_reset():
    module = make(nn.GRUCell).double()
    network = nc.from_torch(module)
    first, second = module.bias_ih.detach().numpy(), module.bias_hh.detach().numpy()
    expected = first + np.concatenate([second[: 2 * N_UNITS], np.zeros(N_UNITS)])
    np.testing.assert_array_equal(network.bias, expected)
    np.testing.assert_array_equal(network.recurrent_bias, second[2 * N_UNITS :])


def test_a_list_of_cells_is_one_stack(steps):
    torch.manual_seed(0)
    lower, upper = nn.GRUCell(N_INPUTS, 4).double(), nn.LSTMCell(4, 6).double()
    network = nc.from_torch([lower, upper], readout=nn.Linear(6, 2))
    x, h = steps(4 + 12)
    with torch.no_grad():
        below = lower(torch.from_numpy(x), torch.from_numpy(h[:, :4].copy()))
        above = upper(below, tuple(torch.from_numpy(h[:, 4:].copy()).chunk(2, dim=1)))
    assert_repeats(network, x, h, torch.cat([below, *above], dim=1).numpy(), 1e-12)


def test_layers_that_do_not_fit_on_each_other_name_both_widths():
    with pytest.raises(ValueError, match="takes 7 inputs, but the layer below it has 5 outputs"):
        nc.from_torch([make(nn.GRUCell), nn.GRUCell(7, 4)])


def test_parametrized_weights_are_those_of_the_forward_pass(steps):
    cell = nn.utils.parametrizations.weight_norm(make(nn.GRUCell).double(), "weight_hh")
    with torch.no_grad():
        cell.parametrizations.weight_hh.original0 *= 1.5
    x, h = steps(N_UNITS)
    with torch.no_grad():
        h_next = cell(torch.from_numpy(x), torch.from_numpy(h)).numpy()
    assert_repeats(nc.from_torch(cell), x, h, h_next, 1e-12)


# ------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_bidirectional_is_refused_with_the_reason(kind):
    with pytest.raises(ValueError, match="bidirectional: its backward pass"):
        nc.from_torch(make(kind, bidirectional=True))


def test_dropout_is_refused_in_training_mode_only():
    module = make(nn.GRU, num_layers=2, dropout=0.25)
    with pytest.raises(ValueError, match=r"training mode with dropout 0\.25.*\.eval\(\)"):
        nc.from_torch(module)
    assert nc.from_torch(module.eval()).verified


def test_other_objects_are_named():
    for found in (nn.Linear(2, 2), {"weight": 1}, 3, None):
        with pytest.raises(TypeError, match=f"found {type(found).__name__}, expected nn.RNN"):
            nc.from_torch(found)
    with pytest.raises(ValueError, match="empty list"):
        nc.from_torch([])


def test_a_model_is_told_where_its_recurrent_module_is():
    model = nn.Sequential(nn.Linear(3, 3), nn.GRU(3, 5))
    with pytest.raises(TypeError, match=r"it has \.1 \(GRU\)"):
        nc.from_torch(model)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(value):
    module = make(nn.GRU)
    with torch.no_grad():
        module.weight_hh_l0[0, 0] = value
    with pytest.raises(ValueError, match="recurrent_weights holds NaN or infinity"):
        nc.from_torch(module)


def test_weights_on_the_meta_device_are_refused():
    with pytest.raises(ValueError, match="meta device"):
        nc.from_torch(nn.GRU(3, 5, device="meta"))


# -------------------------------------------------------------------------- conventions, broken


class PermutedGru(nn.GRUCell):
    """Rows stored z, r, n."""

    def forward(self, x, h):
        rows = torch.arange(3 * N_UNITS).reshape(3, N_UNITS)[[1, 0, 2]].ravel()
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return torch.gru_cell(x, h, *(array[rows] for array in weights))


class TransposedGru(nn.GRUCell):
    def forward(self, x, h):
        weights = torch.cat([block.T for block in self.weight_hh.chunk(3)])
        return torch.gru_cell(x, h, self.weight_ih, weights, self.bias_ih, self.bias_hh)


class SwappedGru(nn.GRUCell):
    """h' = (1-z) h + z n, so that h' + h'_torch = h + n."""

    def forward(self, x, h):
        a, b = (x @ self.weight_ih.T + self.bias_ih), (h @ self.weight_hh.T + self.bias_hh)
        r = torch.sigmoid(a[:, :N_UNITS] + b[:, :N_UNITS])
        n = torch.tanh(a[:, 2 * N_UNITS :] + r * b[:, 2 * N_UNITS :])
        return h + n - super().forward(x, h)


class ResetBeforeGru(nn.GRUCell):
    def forward(self, x, h):
        a, (w_r, w_z, w_n) = x @ self.weight_ih.T + self.bias_ih + self.bias_hh, self.weight_hh.chunk(3)
        a_r, a_z, a_n = a.chunk(3, dim=1)
        r, z = torch.sigmoid(a_r + h @ w_r.T), torch.sigmoid(a_z + h @ w_z.T)
        return (1 - z) * torch.tanh(a_n + (r * h) @ w_n.T) + z * h


class NoInnerBiasGru(nn.GRUCell):
    def forward(self, x, h):
        bias = self.bias_hh * (torch.arange(3 * N_UNITS) < 2 * N_UNITS)
        return torch.gru_cell(x, h, self.weight_ih, self.weight_hh, self.bias_ih, bias)


class ForgetBiasLstm(nn.LSTMCell):
    def forward(self, x, state):
        rows = torch.arange(4 * N_UNITS)
        extra = ((rows >= N_UNITS) & (rows < 2 * N_UNITS)).to(x.dtype)
        return torch.lstm_cell(
            x, state, self.weight_ih, self.weight_hh, self.bias_ih + extra, self.bias_hh
        )


class PermutedLstm(nn.LSTMCell):
    """Rows stored i, g, f, o."""

    def forward(self, x, state):
        rows = torch.arange(4 * N_UNITS).reshape(4, N_UNITS)[[0, 2, 1, 3]].ravel()
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return torch.lstm_cell(x, state, *(array[rows] for array in weights))


class ReluCell(nn.RNNCell):
    def forward(self, x, h):
        return torch.rnn_relu_cell(x, h, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class ResidualCell(nn.RNNCell):
    def forward(self, x, h):
        a = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh
        return torch.tanh(a + h)


class SwappedPermutedGru(PermutedGru):
    def forward(self, x, h):
        rows = torch.arange(3 * N_UNITS).reshape(3, N_UNITS)[[1, 0, 2]].ravel()
        sign = torch.where((torch.arange(3 * N_UNITS) // N_UNITS) == 1, -1.0, 1.0).to(x.dtype)
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        signed = (array[rows] * (sign[:, None] if array.ndim == 2 else sign) for array in weights)
        return torch.gru_cell(x, h, *signed)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        (PermutedGru, "gates stored in the order z, r, n"),
        (TransposedGru, "recurrent weights transposed"),
        (SwappedGru, "z swapped"),
        (ResetBeforeGru, "reset before"),
        (NoInnerBiasGru, "no bias inside the reset"),
        (ForgetBiasLstm, "1 added to the forget gate"),
        (PermutedLstm, "gates stored in the order i, g, f, o"),
        (ReluCell, "activation relu"),
        (ResidualCell, "h added before the activation"),
        (SwappedPermutedGru, "z swapped.* and gates stored in the order z, r, n"),
    ],
)
def test_a_forward_pass_of_another_convention_is_refused_and_named(kind, fitting, dtype):
    with pytest.raises(ValueError, match=f"does not reproduce.*largest error.*; it does with {fitting}"):
        nc.from_torch(make(kind).to(dtype))


def test_a_forward_pass_of_no_known_convention_is_refused():
    class Odd(nn.GRUCell):
        def forward(self, x, h):
            return torch.sin(super().forward(x, h))

    with pytest.raises(ValueError, match="no other convention"):
        nc.from_torch(make(Odd))


# ------------------------------------------------------------------- the caller's model is only read


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("training", [True, False])
def test_the_callers_module_stays_as_it_was(training, dtype):
    module = make(nn.LSTM, num_layers=2, proj_size=2).to(dtype).train(training)
    module.weight_hh_l0.requires_grad_(False)
    module.weight_ih_l0.grad = torch.ones_like(module.weight_ih_l0)
    before = {name: values.clone() for name, values in module.state_dict().items()}
    pointers = [parameter.data_ptr() for parameter in module.parameters()]
    drawn = torch.get_rng_state(), random.getstate(), np.random.get_state(legacy=False)["state"]["pos"]
    modes = torch.is_grad_enabled(), torch.get_default_dtype(), list(vars(module))
    nc.from_torch(module)
    assert module.training is training
    assert all(torch.equal(before[name], values) for name, values in module.state_dict().items())
    assert [parameter.data_ptr() for parameter in module.parameters()] == pointers
    assert {parameter.dtype for parameter in module.parameters()} == {dtype}
    assert not module.weight_hh_l0.requires_grad
    assert module.weight_hr_l1.requires_grad
    assert torch.equal(module.weight_ih_l0.grad, torch.ones_like(module.weight_ih_l0))
    assert module.bias_ih_l0.grad is None
    assert torch.equal(torch.get_rng_state(), drawn[0])
    assert (random.getstate(), np.random.get_state(legacy=False)["state"]["pos"]) == drawn[1:]
    assert (torch.is_grad_enabled(), torch.get_default_dtype(), list(vars(module))) == modes


def test_a_callers_autocast_does_not_blur_the_replay():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert nc.from_torch(make(nn.GRU)).verified


# ------------------------------------------------------------------------------------------ readout


def test_a_linear_readout_comes_along():
    module, linear = make(nn.GRU), nn.Linear(N_UNITS, 2)
    network = nc.from_torch(module, readout=linear)
    np.testing.assert_array_equal(network.readout_weights, linear.weight.detach().double().numpy())
    np.testing.assert_array_equal(network.readout_bias, linear.bias.detach().double().numpy())
    assert network.n_outputs == 2


def test_a_readout_may_be_a_pair_or_lack_its_bias():
    module = make(nn.GRU)
    weights = np.arange(10.0).reshape(2, 5)
    for readout in ((weights, [1.0, 2.0]), (torch.from_numpy(weights), torch.tensor([1.0, 2.0]))):
        network = nc.from_torch(module, readout=readout)
        np.testing.assert_array_equal(network.readout_weights, weights)
        np.testing.assert_array_equal(network.readout_bias, [1, 2])
    for readout in ((weights, None), nn.Linear(N_UNITS, 2, bias=False)):
        np.testing.assert_array_equal(nc.from_torch(module, readout=readout).readout_bias, [0, 0])


def test_a_readout_that_does_not_fit_names_both_widths():
    module = make(nn.GRU)
    with pytest.raises(ValueError, match="reads 7 units, but the network has 5"):
        nc.from_torch(module, readout=nn.Linear(7, 2))
    with pytest.raises(ValueError, match=r"bias has shape \(3,\), expected \(2,\)"):
        nc.from_torch(module, readout=(np.zeros((2, 5)), np.zeros(3)))
    with pytest.raises(TypeError, match="found Dropout, expected a linear layer"):
        nc.from_torch(module, readout=nn.Dropout())
    with pytest.raises(TypeError, match="found 3 values"):
        nc.from_torch(module, readout=(1, 2, 3))
    with pytest.raises(ValueError, match="1 dimensions, expected 2"):
        nc.from_torch(module, readout=(np.zeros(5), None))


def test_the_readout_of_a_projected_lstm_reads_the_projection():
    module = make(nn.LSTM, proj_size=2)
    assert nc.from_torch(module, readout=nn.Linear(2, 4)).n_outputs == 4
    with pytest.raises(ValueError, match="reads 5 units, but the network has 2"):
        nc.from_torch(module, readout=nn.Linear(5, 4))


def test_a_complex_readout_is_refused():
    with pytest.raises(ValueError, match="readout: found complex numbers"):
        nc.from_torch(torch.nn.GRU(3, 4), readout=torch.nn.Linear(4, 1, dtype=torch.complex64))
