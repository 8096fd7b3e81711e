# SPDX-License-Identifier: BSD-3-Clause
"""Writes sgd.npz: five updates of relu cells by PyTorch's autograd and SGD (2.13, float64).

loss = mse + l2 sum(theta^2) over all parameters; clipping to clip_norm after the penalty's gradient (clip_grad_norm_ without its 1e-6);
v <- momentum v + g, theta <- theta - eta_t v, eta_t = learning_rate decay^(t / decay_steps).
"""

from pathlib import Path

import numpy as np
import torch

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
UNITS, INPUTS, OUTPUTS, TRIALS, STEPS, ITERATIONS = 5, 2, 1, 4, 7, 5
SETTINGS = {"learning_rate": 0.05, "decay": 0.4, "decay_steps": 3.0, "momentum": 0.8, "clip_norm": 2.0, "l2": 0.02}
FORGET_BIAS = 1.0


def vanilla(state, pre):
    return (torch.relu(pre[0]),)


def ugrnn(state, pre):
    gate = torch.sigmoid(pre[0] + FORGET_BIAS)
    return (gate * state[0] + (1 - gate) * torch.relu(pre[1]),)


def lstm(state, pre):
    memory = torch.sigmoid(pre[1] + FORGET_BIAS) * state[1] + torch.sigmoid(pre[0]) * torch.relu(pre[2])
    return torch.sigmoid(pre[3]) * torch.relu(memory), memory


CELLS = {"vanilla": (vanilla, 1, 1), "ugrnn": (ugrnn, 2, 1), "lstm": (lstm, 4, 2)}  #: step, gates, parts of the state
inputs = torch.randn(ITERATIONS, TRIALS, STEPS, INPUTS)
targets = torch.randn(ITERATIONS, TRIALS, STEPS, OUTPUTS)
arrays = {"inputs": inputs, "targets": targets} | {name: torch.tensor(value) for name, value in SETTINGS.items()}

for name, (step, n_gates, n_parts) in CELLS.items():
    shapes = {
        "input_weights": (n_gates * UNITS, INPUTS),
        "recurrent_weights": (n_gates * UNITS, UNITS),
        "bias": (n_gates * UNITS,),
        "readout_weights": (OUTPUTS, UNITS),
        "readout_bias": (OUTPUTS,),
        "initial_state": (n_parts * UNITS,),
    }
    theta = {key: torch.nn.Parameter(0.6 * torch.randn(shape)) for key, shape in shapes.items()}
    arrays[f"{name}_before"] = torch.cat([p.detach().flatten() for p in theta.values()])
    optimizer = torch.optim.SGD(theta.values(), lr=SETTINGS["learning_rate"], momentum=SETTINGS["momentum"])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: SETTINGS["decay"] ** (t / SETTINGS["decay_steps"]))
    losses, norms = [], []
    for x, y in zip(inputs, targets, strict=True):
        state = [part.expand(TRIALS, UNITS) for part in theta["initial_state"].split(UNITS)]
        outputs = []
        for t in range(STEPS):
            pre = x[:, t] @ theta["input_weights"].T + state[0] @ theta["recurrent_weights"].T + theta["bias"]
            state = step(state, pre.split(UNITS, dim=1))
            outputs.append(state[0] @ theta["readout_weights"].T + theta["readout_bias"])
        penalty = SETTINGS["l2"] * sum((p**2).sum() for p in theta.values())
        loss = torch.nn.functional.mse_loss(torch.stack(outputs, dim=1), y) + penalty
        optimizer.zero_grad()
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in theta.values()]).norm()
        for p in theta.values():
            p.grad *= min(1.0, SETTINGS["clip_norm"] / norm)
        norms.append(norm.item())
        losses.append(loss.item())
        optimizer.step()
        schedule.step()
    arrays[f"{name}_after"] = torch.cat([p.detach().flatten() for p in theta.values()])
    arrays[f"{name}_loss"] = torch.tensor(losses)
    arrays[f"{name}_norm"] = torch.tensor(norms)
np.savez(Path(__file__).parent / "sgd.npz", **{name: value.numpy() for name, value in arrays.items()})
