#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Equations 8 and 9 of Jordan et al. (2021): Nullcline's `continue` and AUTO-07p.

Both find the Hopf point, all folds, and follow the cycles to where their period is long. The values
are compared first; the time is processor time (user) of the whole command with all its children, the
least of some repetitions, one after the other; that of AUTO with and without compiling the Fortran.
AUTO is told where to start (an equilibrium of each branch, which Nullcline finds itself), and how many
cycles to compute. Lines are those that a user writes, without comments and empty ones.

AUTO-07p is Debian's package: apt install auto-07p gfortran. NULLCLINE_BUILD names the build folder.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
COMMAND = pathlib.Path(os.environ.get("NULLCLINE_BUILD", ROOT / "build/release")) / "cli" / "nullcline"
WORK = {
    "eq8": ("alpha", 0.1, 1.2),
    "eq9": ("gamma", -0.5, 0.5),
}
AGREEMENT = 1e-8  # AUTO's tolerances are 1e-10 here


def processor_time(arguments: list[str], folder: str) -> tuple[float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # AUTO's threads would wait and count
    done = subprocess.run(arguments, cwd=folder, env=one_thread, capture_output=True, text=True, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done.stdout


def lines(path: pathlib.Path) -> int:
    """Of what a user writes."""
    texts = [line.strip() for line in path.read_text().splitlines()]
    return sum(1 for text in texts if text and text[0] not in "#!")


def ours(name: str) -> tuple[float, dict[str, list[float]]]:
    parameter, start, stop = WORK[name]
    model = ROOT / "examples" / "jordan-2021" / f"{name}.toml"
    arguments = [str(COMMAND), "continue", str(model), "--parameter", parameter, "--from", str(start), "--to", str(stop)]
    seconds, text = processor_time([*arguments, "--threads", "1", "--quiet", "--json"], ".")
    found: dict[str, list[float]] = {"HB": [], "LP": [], "end": []}
    for branch in json.loads(text)["branches"]:
        for event in branch["events"]:
            if branch["kind"] == "equilibrium":
                found[{"hopf": "HB", "fold": "LP"}[event["type"]]].append(event["parameter"])
            elif event["type"] in ("homoclinic", "snic"):
                found["end"].append(event["parameter"])
    return seconds, found


def auto(name: str) -> tuple[float, float, dict[str, list[float]]]:
    with tempfile.TemporaryDirectory() as folder:
        for path in HERE.glob(f"*{name}*"):
            shutil.copy(path, folder)
        everything, _ = processor_time(["auto-07p", f"{name}.auto"], folder)
        compiled, text = processor_time(["auto-07p", f"{name}.auto"], folder)  # finds the program made
    found: dict[str, list[float]] = {"HB": [], "LP": [], "end": []}
    for line in text.splitlines():
        words = line.split()
        if words[:2] == ["found", "cycle"]:
            found["end"].append(float(words[2]))
        elif words[:1] == ["found"] and words[1] in found:
            found[words[1]].append(float(words[2]))
    return everything, compiled, found


def compare(name: str, mine: dict[str, list[float]], theirs: dict[str, list[float]]) -> None:
    for kind in ("HB", "LP"):
        a, b = sorted(mine[kind]), sorted(theirs[kind])
        if len(a) != len(b) or any(abs(x - y) > AGREEMENT for x, y in zip(a, b)):
            sys.exit(f"{name}: {kind} at {a}, and by AUTO at {b}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=5)
    repetitions = parser.parse_args().repetitions
    if shutil.which("auto-07p") is None:
        sys.exit("auto-07p: not installed; it is a package of Debian, which needs gfortran too")
    for name in WORK:
        mine = [ours(name) for _ in range(repetitions)]
        theirs = [auto(name) for _ in range(repetitions)]
        compare(name, mine[0][1], theirs[0][2])
        seconds = min(each[0] for each in mine)
        everything, compiled = (min(each[i] for each in theirs) for i in (0, 1))
        model = lines(ROOT / "examples" / "jordan-2021" / f"{name}.toml")
        files = sum(lines(HERE / file) for file in (f"{name}.f90", f"c.{name}", f"{name}.auto"))
        print(json.dumps({
            "model": name, "folds": len(mine[0][1]["LP"]), "nullcline_seconds": seconds, "auto_seconds": everything,
            "auto_without_compiler": compiled, "ratio": everything / seconds, "ratio_without_compiler": compiled / seconds,
            "nullcline_end": mine[0][1]["end"], "auto_last_cycle": theirs[0][2]["end"],
            "nullcline_lines": model, "auto_lines": files}))


if __name__ == "__main__":
    main()
