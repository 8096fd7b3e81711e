# SPDX-License-Identifier: BSD-3-Clause
"""Writes rollout.npz: one observation, 29 predicted steps, by PyTorch's GRU and autograd (2.13, float64)."""

from pathlib import Path

import numpy as np
import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
gru, readout = torch.nn.GRU(2, 2, batch_first=True), torch.nn.Linear(2, 2)
inputs = torch.zeros(5, 29, 2)
inputs[:, 0] = torch.randn(5, 2)
targets = torch.randn(5, 29, 2)
states = gru(inputs)[0]
outputs = readout(states)
loss = torch.nn.functional.mse_loss(outputs, targets)
loss.backward()
arrays = {"inputs": inputs, "targets": targets, "states": states, "outputs": outputs, "loss": loss}
for module in (gru, readout):
    for name, value in module.named_parameters():
        arrays[name] = value
        arrays["grad_" + name] = value.grad
np.savez(Path(__file__).parent / "rollout.npz", **{name: value.detach().numpy() for name, value in arrays.items()})
