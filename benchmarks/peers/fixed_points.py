# SPDX-License-Identifier: BSD-3-Clause
"""Fixed points of the same networks from the same starts: Nullcline and FixedPointFinder.

Networks, visited states and known fixed points lie in tests/data/flip-flop, zero input. The starts are
1024 visited states with Gaussian noise of 0.5, as in FixedPointFinder's example. A known point is
recalled if a point was found within 1e-3 of it; a found point is false if no known one is that near.
Time is processor time of one thread. For Nullcline it holds the whole process, with reading the files,
proofs and eigenvalues; for the peer the call find_fixed_points, with its Jacobians and eigenvalues.

FixedPointFinder is run from a checkout of https://github.com/mattgolub/fixed-point-finder. Without one,
gradient descent on q of our own takes its place: Adam, the same rate and iterations, float32.

With --scipy, scipy.optimize.root (hybr, MINPACK's Powell method, default tolerances, Jacobians by
differences) solves F(h) = h in float64 from each start; what it calls a success is a found point.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOISE, TOLERANCE, MAX_Q = 0.5, 1e-3, 1e-12
LAYERS = {"vanilla": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}

# Options of FixedPointFinder by name; the tuned ones keep only points with q <= 1e-12.
SETTINGS = {
    "defaults": {},
    "its example": {"lr_init": 1.0, "max_iters": 10000},
    "rate 0.1": {"lr_init": 0.1, "max_iters": 10000},
    "rate 0.01": {"lr_init": 0.01, "max_iters": 10000},
}


class FlatLstm(torch.nn.Module):
    """An LSTM whose state is the one array [h; c], as FixedPointFinder wants its systems."""

    batch_first = True

    def __init__(self, lstm: torch.nn.LSTM) -> None:
        super().__init__()
        self.lstm = lstm

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h, c = (part.contiguous() for part in state.chunk(2, dim=2))
        output, (h, c) = self.lstm(x, (h, c))
        return output, torch.cat([h, c], dim=2)


class Case:
    """A network with its starts and its known points."""

    def __init__(self, folder: pathlib.Path, name: str, n_starts: int) -> None:
        self.name = name
        self.cell = name.split("_")[0].rstrip("0123456789")
        self.weights_file = folder / f"{name}.weights.npz"
        self.probe_file = folder / f"{name}.probe.npz"
        self.weights = dict(np.load(self.weights_file))
        self.known = np.load(folder / f"{name}.truth.npz")["fixed_points"]
        states = np.load(folder / f"{name}.states.npz")["states"]
        rng = np.random.default_rng(0)
        chosen = states[rng.permutation(len(states))[:n_starts]]
        self.starts = chosen + NOISE * rng.standard_normal(chosen.shape)
        self.n_inputs = self.weights["weight_ih_l0"].shape[1]

    def module(self) -> torch.nn.Module:
        units = self.weights["weight_hh_l0"].shape[1]
        layer = LAYERS[self.cell](self.n_inputs, units, batch_first=True)
        names = [name for name in self.weights if name.endswith("_l0")]
        layer.load_state_dict({name: torch.from_numpy(self.weights[name]).float() for name in names})
        return FlatLstm(layer) if self.cell == "lstm" else layer

    def judge(self, found: np.ndarray) -> dict:
        if len(found) == 0:
            return {"recalled": 0, "known": len(self.known), "false": 0}
        distances = np.linalg.norm(self.known[:, None] - found[None], axis=2)
        return {
            "recalled": int((distances.min(axis=1) < TOLERANCE).sum()),
            "known": len(self.known),
            "false": int((distances.min(axis=0) > TOLERANCE).sum()),
        }


def children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_nullcline(program: str, case: Case, n_starts: int | None) -> tuple[np.ndarray, float]:
    with tempfile.TemporaryDirectory() as folder:
        states = pathlib.Path(folder, "states.npz")
        np.savez(states, states=case.starts)
        command = [program, "fixed-points", str(case.weights_file), "--cell", case.cell]
        command += ["--probe", str(case.probe_file), "--states", str(states)]
        command += ["--input", ",".join("0" * case.n_inputs), "--json", "--quiet", "--threads", "1"]
        command += [] if n_starts is None else ["--n-starts", str(n_starts)]
        begin = children_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = children_seconds() - begin
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    points = [p["state"] for p in json.loads(done.stdout)["points"] if p["kind"] == "fixed"]
    return np.array(points).reshape(-1, case.starts.shape[1]), seconds


def run_fixed_point_finder(case: Case, options: dict) -> tuple[np.ndarray, np.ndarray, float]:
    from FixedPointFinderTorch import FixedPointFinderTorch

    torch.manual_seed(0)
    module = case.module()
    starts = case.starts.astype(np.float32)
    inputs = np.zeros((1, case.n_inputs), dtype=np.float32)
    with contextlib.redirect_stdout(io.StringIO()):
        finder = FixedPointFinderTorch(module, verbose=False, **options)
        begin = time.process_time()
        unique, _ = finder.find_fixed_points(starts, inputs)
        seconds = time.process_time() - begin
    return np.asarray(unique.xstar, np.float64), np.asarray(unique.qstar), seconds


def run_descent(case: Case, options: dict) -> tuple[np.ndarray, np.ndarray, float]:
    """Adam on the mean of q, the rate lowered where q stalls; points that differ by 1e-3 are two."""
    module = case.module()
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    begin = time.process_time()
    h = torch.from_numpy(case.starts).float().unsqueeze(0).requires_grad_(True)
    x = torch.zeros(h.shape[1], 1, case.n_inputs)
    optimizer = torch.optim.Adam([h], lr=options.get("lr_init", 1.0))
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.95, patience=2)
    for _ in range(options.get("max_iters", 5000)):
        optimizer.zero_grad()
        q = 0.5 * (module(x, h)[1] - h).square().sum(dim=2)[0]
        q.mean().backward()
        optimizer.step()
        schedule.step(q.mean().item())
        if bool((q < MAX_Q).all()):
            break
    with torch.no_grad():
        q = 0.5 * (module(x, h)[1] - h).square().sum(dim=2)[0]
    points, speeds = h.detach()[0].double().numpy(), q.numpy()
    kept: list[int] = []
    for i in np.argsort(speeds):
        if not kept or np.abs(points[kept] - points[i]).max(axis=1).min() > TOLERANCE:
            kept.append(int(i))
    return points[kept], speeds[kept], time.process_time() - begin


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * a))


def next_state(case: Case) -> Callable[[np.ndarray], np.ndarray]:
    """F of the network at zero input, as PyTorch defines its cells."""
    w, b_h = case.weights["weight_hh_l0"].astype(float), case.weights["bias_hh_l0"].astype(float)
    b = case.weights["bias_ih_l0"].astype(float)

    def vanilla(h: np.ndarray) -> np.ndarray:
        return np.tanh(w @ h + b + b_h)

    def gru(h: np.ndarray) -> np.ndarray:
        r, z, n = np.split(w @ h + b_h, 3)
        b_r, b_z, b_n = np.split(b, 3)
        z = sigmoid(z + b_z)
        return z * h + (1 - z) * np.tanh(b_n + sigmoid(r + b_r) * n)

    def lstm(state: np.ndarray) -> np.ndarray:
        h, c = np.split(state, 2)
        i, f, g, o = np.split(w @ h + b + b_h, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return np.concatenate([sigmoid(o) * np.tanh(c), c])

    return {"vanilla": vanilla, "gru": gru, "lstm": lstm}[case.cell]


def run_scipy(case: Case) -> tuple[np.ndarray, float]:
    from scipy.optimize import root

    step = next_state(case)
    begin = time.process_time()
    kept: list[np.ndarray] = []
    for start in case.starts:
        solution = root(lambda h: step(h) - h, start)
        distances = np.abs(np.array(kept) - solution.x).max(axis=1) if kept else np.array([np.inf])
        if solution.success and distances.min() > TOLERANCE:
            kept.append(solution.x)
    return np.array(kept).reshape(-1, case.starts.shape[1]), time.process_time() - begin


Peer = Callable[[Case, dict], tuple[np.ndarray, np.ndarray, float]]


def run_case(
    case: Case, program: str, peer: Peer, peer_name: str, settings: list[str], with_scipy: bool
) -> Iterator[dict]:
    def row(by: str, points: np.ndarray, seconds: float) -> dict:
        return {"network": case.name, "by": by, "seconds": seconds, **case.judge(points)}

    points, seconds = run_nullcline(program, case, None)
    yield row("Nullcline, defaults", points, seconds)
    points, our_seconds = run_nullcline(program, case, len(case.starts))
    yield row("Nullcline, as many starts", points, our_seconds)
    if with_scipy:
        points, seconds = run_scipy(case)
        yield row("SciPy root", points, seconds) | {"ratio": seconds / our_seconds}
    for setting in settings:
        points, q, seconds = peer(case, SETTINGS[setting])
        ratio = {"ratio": seconds / our_seconds}
        yield row(f"{peer_name}, {setting}", points, seconds) | ratio
        yield row(f"{peer_name}, {setting}, q <= 1e-12", points[q <= MAX_Q], seconds) | ratio


def print_row(row: dict) -> None:
    ratio = f"{row['ratio']:7.0f}" if "ratio" in row else ""
    print(
        f"{row['network']:16} {row['by']:46} {row['recalled']:3} of {row['known']:3} {row['false']:6}"
        f" {row['seconds']:9.2f} {ratio}",
        flush=True,
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fixed-point-finder", type=pathlib.Path, metavar="PATH", help="a checkout")
    parser.add_argument("--nullcline", default=str(ROOT / "build/release/cli/nullcline"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "tests/data/flip-flop")
    parser.add_argument("--networks", nargs="+", help="names in that folder; default: all")
    parser.add_argument("--settings", nargs="*", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--scipy", action="store_true", help="compare with scipy.optimize.root too")
    parser.add_argument("--starts", type=int, default=1024)
    parser.add_argument("--output", type=pathlib.Path, help="JSON file to write")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    torch.set_num_threads(1)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    peer, peer_name = run_descent, "Adam on q (ours, no checkout given)"
    if arguments.fixed_point_finder is not None:
        if not (arguments.fixed_point_finder / "FixedPointFinderTorch.py").is_file():
            sys.exit(f"{arguments.fixed_point_finder}: no FixedPointFinderTorch.py, expected a checkout")
        sys.path.insert(0, str(arguments.fixed_point_finder))
        peer, peer_name = run_fixed_point_finder, "FixedPointFinder"
    files = sorted(arguments.data.glob("*.truth.npz"))
    names = arguments.networks or [file.name.removesuffix(".truth.npz") for file in files]
    if not names:
        sys.exit(f"{arguments.data}: no networks (NAME.truth.npz) here")
    print(f"{arguments.starts} starts, one thread; ratio: against Nullcline with as many starts")
    print(f"{'network':16} {'by':46} {'recalled':>10} {'false':>6} {'seconds':>9} {'ratio':>7}")
    rows = []
    for name in names:
        case = Case(arguments.data, name, arguments.starts)
        options = (peer, peer_name, arguments.settings, arguments.scipy)
        for row in run_case(case, arguments.nullcline, *options):
            rows.append(row)
            print_row(row)
            if arguments.output is not None:
                report = {"torch": torch.__version__, "starts": arguments.starts, "rows": rows}
                arguments.output.parent.mkdir(parents=True, exist_ok=True)
                arguments.output.write_text(json.dumps(report, indent=2) + "\n")
    ours = [row for row in rows if row["by"].startswith("Nullcline")]
    if any(row["recalled"] < row["known"] or row["false"] for row in ours):
        sys.exit("Nullcline missed a known point or found a false one")


if __name__ == "__main__":
    main()
