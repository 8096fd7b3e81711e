# SPDX-License-Identifier: BSD-3-Clause
"""Writes the files beside it with PyTorch: stacked and projected networks, probe steps, Jacobians.

Each file holds the weights under PyTorch's names; probe steps x, h, h_next; and d(h_next)/dh and
d(h_next)/dx at the first of them, by torch.autograd. A state is that of all layers in turn, [h; c]
for each layer of an LSTM."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent

N_INPUTS, N_STEPS = 3, 6

NETWORKS = {
    "rnn_tanh_2": (nn.RNN, {"hidden_size": 4, "num_layers": 2}),
    "rnn_relu_3": (nn.RNN, {"hidden_size": 4, "num_layers": 3, "nonlinearity": "relu"}),
    "gru_2": (nn.GRU, {"hidden_size": 4, "num_layers": 2}),
    "gru_3": (nn.GRU, {"hidden_size": 3, "num_layers": 3}),
    "lstm_2": (nn.LSTM, {"hidden_size": 4, "num_layers": 2}),
    "lstm_projected": (nn.LSTM, {"hidden_size": 5, "num_layers": 1, "proj_size": 2}),
    "lstm_projected_2": (nn.LSTM, {"hidden_size": 5, "num_layers": 2, "proj_size": 2}),
}


def widths(module: nn.RNNBase) -> list[int]:
    """Sizes of the parts of a state: h (and c) of each layer in turn."""
    if module.mode != "LSTM":
        return [module.hidden_size] * module.num_layers
    return [module.proj_size or module.hidden_size, module.hidden_size] * module.num_layers


def step(module: nn.RNNBase, x: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    """One step of a (batch, n_states) tensor of states."""
    parts = state.split(widths(module), dim=1)
    if module.mode != "LSTM":
        _, h = module(x[None], torch.stack(parts))
        return torch.cat(list(h), dim=1)
    _, (h, c) = module(x[None], (torch.stack(parts[0::2]), torch.stack(parts[1::2])))
    return torch.cat([part for pair in zip(h, c, strict=True) for part in pair], dim=1)


def reference(module: nn.RNNBase) -> dict[str, np.ndarray]:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(2)  # away from the linear part of tanh
    x = torch.randn(N_STEPS, N_INPUTS)
    h = 0.7 * torch.randn(N_STEPS, sum(widths(module)))
    by_state, by_input = torch.autograd.functional.jacobian(
        lambda state, held: step(module, held[None], state[None])[0], (h[0], x[0])
    )
    arrays = {"x": x, "h": h, "h_next": step(module, x, h), "jacobian": by_state, "input_jacobian": by_input}
    return {name: array.detach().numpy() for name, array in (arrays | module.state_dict()).items()}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    for name, (kind, options) in NETWORKS.items():
        np.savez_compressed(HERE / f"{name}.npz", **reference(kind(input_size=N_INPUTS, **options)))


if __name__ == "__main__":
    main()
