# SPDX-License-Identifier: BSD-3-Clause
"""The same training step in Nullcline and in PyTorch, one thread each, float32.

Both get the same weights and the same batch. Loss and gradients are compared first; a peer that
computes something else is not timed. One step is forward, backward, clipping and Adam.
The time is processor time of the fastest step: a busy machine disturbs it little.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

BATCH, STEPS, INPUTS, OUTPUTS = 64, 100, 3, 3
SIZES = (64, 128, 256)
GATES = {"vanilla": 1, "ugrnn": 2, "gru": 3, "lstm": 4}


class Ugrnn(torch.nn.Module):
    """h' = g h + (1 - g) c; gates g, c. PyTorch has no such layer, so this is a loop."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        bound = units**-0.5
        self.weight_ih_l0 = torch.nn.Parameter(torch.empty(2 * units, inputs).uniform_(-bound, bound))
        self.weight_hh_l0 = torch.nn.Parameter(torch.empty(2 * units, units).uniform_(-bound, bound))
        self.bias_ih_l0 = torch.nn.Parameter(torch.empty(2 * units).uniform_(-bound, bound))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        units = self.weight_hh_l0.shape[1]
        from_input = torch.nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0)
        h = x.new_zeros(x.shape[1], units)
        recurrent, states = self.weight_hh_l0.t(), []
        for a in from_input:
            g, c = torch.addmm(a, h, recurrent).split(units, dim=1)
            h = torch.lerp(torch.tanh(c), h, torch.sigmoid(g))
            states.append(h)
        return torch.stack(states), None


def make_network(cell: str, units: int) -> torch.nn.ModuleDict:
    layers = {"vanilla": torch.nn.RNN, "ugrnn": Ugrnn, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    return torch.nn.ModuleDict(
        {"cell": layers[cell](INPUTS, units), "readout": torch.nn.Linear(units, OUTPUTS)}
    )


def loss_of(network: torch.nn.ModuleDict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    states, _ = network["cell"](x)
    return ((network["readout"](states) - y) ** 2).mean()


def biases(cell: str, units: int, first: np.ndarray, second: np.ndarray | None, add: bool):
    """PyTorch's two biases as Nullcline's: the GRU keeps the second one of its candidate apart."""
    if second is None:
        return first, np.zeros(0)
    if cell == "gru":
        inside = second[2 * units :]
        rest = np.concatenate([second[: 2 * units], np.zeros(units)])
        return (first + rest if add else first), inside
    return (first + second if add else first), np.zeros(0)


def write_case(path: pathlib.Path, cell: str, units: int, network, x, y) -> None:
    p = {k: v.detach().numpy().astype(np.float64) for k, v in network.named_parameters()}
    bias, inside = biases(
        cell, units, p["cell.bias_ih_l0"], p.get("cell.bias_hh_l0"), add=True
    )
    arrays = {
        "input_weights": p["cell.weight_ih_l0"],
        "recurrent_weights": p["cell.weight_hh_l0"],
        "bias": bias,
        "readout_weights": p["readout.weight"],
        "readout_bias": p["readout.bias"],
        "inputs": x.numpy().astype(np.float64).swapaxes(0, 1).copy(),
        "targets": y.numpy().astype(np.float64).swapaxes(0, 1).copy(),
    }
    if inside.size:
        arrays["recurrent_bias"] = inside
    np.savez(path, **arrays)


def gradient_of(cell: str, units: int, network) -> np.ndarray:
    g = {k: v.grad.numpy().astype(np.float64) for k, v in network.named_parameters()}
    bias, inside = biases(
        cell, units, g["cell.bias_ih_l0"], g.get("cell.bias_hh_l0"), add=False
    )
    parts = [g["cell.weight_ih_l0"], g["cell.weight_hh_l0"], bias, inside]
    parts += [g["readout.weight"], g["readout.bias"]]
    return np.concatenate([part.ravel() for part in parts])


def time_torch(network, x, y, seconds: float) -> float:
    """Milliseconds of the fastest step, with the faster of PyTorch's two Adams."""
    best = float("inf")
    for fused in (False, True):
        parameters = list(network.parameters())
        optimizer = torch.optim.Adam(parameters, lr=1e-3, fused=fused)
        start = time.thread_time()
        n = 0
        while n < 5 or time.thread_time() - start < seconds / 2:
            begin = time.thread_time()
            optimizer.zero_grad()
            loss_of(network, x, y).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            best = min(best, time.thread_time() - begin)
            n += 1
    return 1e3 * best


def run_case(program: str, cell: str, units: int, seconds: float) -> dict:
    torch.manual_seed(units)
    network = make_network(cell, units)
    x, y = torch.randn(STEPS, BATCH, INPUTS), torch.randn(STEPS, BATCH, OUTPUTS)
    loss = loss_of(network, x, y)
    loss.backward()
    with tempfile.TemporaryDirectory() as folder:
        case, gradient = pathlib.Path(folder, "case.npz"), pathlib.Path(folder, "gradient.bin")
        write_case(case, cell, units, network, x, y)
        command = [program, "--cell", cell, "--case", str(case), "--gradient", str(gradient)]
        output = subprocess.run(
            [*command, "--seconds", str(seconds)], check=True, capture_output=True, text=True
        )
        ours = json.loads(output.stdout)
        found = np.fromfile(gradient)
    expected = gradient_of(cell, units, network)
    distance = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    if abs(ours["loss"] - loss.item()) > 1e-5 * loss.item() or distance > 1e-4:
        sys.exit(
            f"{cell} {units}: loss {ours['loss']} against {loss.item()}, "
            f"gradients differ by {distance:.1e}: nothing was timed"
        )
    torch_ms = time_torch(network, x, y, seconds)
    return {
        "cell": cell,
        "units": units,
        "gradient_difference": float(distance),
        "nullcline_ms": ours["ms_per_step"],
        "torch_ms": torch_ms,
        "ratio": torch_ms / ours["ms_per_step"],
        "gflops": ours["gflops"],
        "peak_gflops": ours["peak_gflops"],
        "share_of_peak": ours["share_of_peak"],
        "simd": ours["simd"],
    }


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the built training_bench")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="JSON file to write")
    parser.add_argument("--seconds", type=float, default=3, help="budget of each side of each case")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"batch {BATCH}, {STEPS} steps, {INPUTS} inputs, {OUTPUTS} outputs, float32, one thread")
    print("cell     units  nullcline ms  torch ms  ratio  GFLOP/s  share of peak  gradients differ")
    rows = []
    for units in SIZES:
        for cell in GATES:
            row = run_case(arguments.program, cell, units, arguments.seconds)
            rows.append(row)
            print(
                f"{cell:8} {units:5}  {row['nullcline_ms']:12.2f}  {row['torch_ms']:8.2f}"
                f"  {row['ratio']:5.2f}  {row['gflops']:7.1f}  {100 * row['share_of_peak']:11.0f} %"
                f"  {row['gradient_difference']:16.1e}",
                flush=True,
            )
    report = {
        "processor": processor(),
        "load_average": os.getloadavg()[0],
        "torch": torch.__version__,
        "rows": rows,
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written: {arguments.output}")


if __name__ == "__main__":
    main()
