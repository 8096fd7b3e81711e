# SPDX-License-Identifier: BSD-3-Clause
"""Writes the torch_* files beside it with PyTorch 2.13 and safetensors 0.8: weights, and probe steps
by the framework's own forward pass. Run by a Python that has both."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent
STEPS, INPUTS = 12, 2


class Model(nn.Module):
    """A recurrent module among others, as users' models have it."""

    def __init__(self, recurrent, units, outputs=3):
        super().__init__()
        self.embed = nn.Linear(7, INPUTS)
        self.rnn = recurrent
        self.fc = nn.Linear(units, outputs)


def step(module, x, h):
    """(h, x) -> h' of one step; the state of an LSTM is [h; c]."""
    if isinstance(module, nn.LSTM):
        hidden, cell = h.chunk(2, dim=1)
        _, (hidden, cell) = module(x[:, None], (hidden[None].contiguous(), cell[None].contiguous()))
        return torch.cat([hidden[0], cell[0]], dim=1)
    if isinstance(module, (nn.RNN, nn.GRU)):
        return module(x[:, None], h[None].contiguous())[1][0]
    if isinstance(module, nn.LSTMCell):
        return torch.cat(module(x, tuple(h.chunk(2, dim=1))), dim=1)
    return module(x, h)


def save_probe(name, module, n_states):
    dtype = module.weight_hh_l0.dtype if hasattr(module, "weight_hh_l0") else module.weight_hh.dtype
    x, h = torch.randn(STEPS, INPUTS).to(dtype), torch.randn(STEPS, n_states).to(dtype)
    with torch.no_grad():
        h_next = step(module, x, h)
    np.savez(HERE / f"torch_{name}.probe.npz", x=x.numpy(), h=h.numpy(), h_next=h_next.numpy())


def main():
    torch.manual_seed(5)
    gru = Model(nn.GRU(INPUTS, 5, batch_first=True), 5).double()
    torch.save(gru.state_dict(), HERE / "torch_gru.pt")
    save_file(gru.state_dict(), HERE / "torch_gru.safetensors")
    np.savez(HERE / "torch_gru.npz", **{name: value.numpy() for name, value in gru.state_dict().items()})
    save_probe("gru", gru.rnn, 5)

    lstm = Model(nn.LSTM(INPUTS, 4, batch_first=True), 4)
    optimizer = torch.optim.Adam(lstm.parameters())
    lstm.fc(lstm.rnn(torch.randn(3, 6, INPUTS))[0]).square().mean().backward()
    optimizer.step()
    torch.save({"state_dict": lstm.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.25, "note": "kept",
                "device": torch.device("cpu"), "dtype": torch.float32, "size": torch.Size([2, 3])}, HERE / "torch_lstm.pth")  # fmt: skip
    save_probe("lstm", lstm.rnn, 8)

    relu = Model(nn.RNN(INPUTS, 6, nonlinearity="relu", batch_first=True), 6).double()
    torch.save(relu.state_dict(), HERE / "torch_rnn_relu.pt")
    save_probe("rnn_relu", relu.rnn, 6)

    cell = nn.LSTMCell(INPUTS, 4, bias=False).double()
    torch.save(cell.state_dict(), HERE / "torch_lstm_cell.pt")
    save_probe("lstm_cell", cell, 8)

    # Views: transposed, every second row, an offset into a storage that others share, a Parameter.
    values = torch.arange(24.0, dtype=torch.float64).reshape(4, 6)
    views = {"transposed": values.T, "every_second": values[:, ::2], "offset": values[2:, 1:3], "scalar": values[3, 5],
             "empty": torch.zeros(0, 3), "parameter": nn.Parameter(torch.ones(2)), "half": torch.tensor([0.5, -2.0]).half(),
             "bfloat16": torch.tensor([0.5, -2.0]).bfloat16(), "int64": torch.tensor([-3, 4]), "int32": torch.tensor([-3, 4]).int(),
             "int16": torch.tensor([-3, 4]).short(), "int8": torch.tensor([-3, 4]).char(), "uint8": torch.tensor([3, 4]).byte(),
             "bool": torch.tensor([True, False]), "list": [torch.zeros(1), 7], "big": 1 << 70}  # fmt: skip
    torch.save(views, HERE / "torch_views.pt")

    two = nn.ModuleDict({name: nn.GRU(INPUTS, 4, batch_first=True) for name in ("encoder", "decoder")})
    torch.save(two.state_dict(), HERE / "torch_two.pt")
    save_probe("two", two["decoder"], 4)

    # What is refused.
    torch.save(nn.GRU(INPUTS, 4), HERE / "torch_module.pt")
    torch.save(nn.GRU(INPUTS, 4).state_dict(), HERE / "torch_legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.script(nn.Linear(2, 2)).save(HERE / "torch_script.pt")


if __name__ == "__main__":
    main()
