#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Core-hours that the trainings of examples/maheswaranathan-2019/full.toml need on this machine.

Times iterations of each task, cell and size on one thread (CPU time; the difference of a longer and a shorter run, so that
neither start nor validation counts) and multiplies them by the study's 20,000 iterations and its numbers of networks.

    python3 benchmarks/full_study.py build/release/cli/nullcline
"""

import os
import subprocess
import sys
import tempfile

TASKS = ("flip-flop", "sine", "context-integration")
CELLS = ("vanilla", "ugrnn", "gru", "lstm")
SIZES = (64, 128, 256)
ITERATIONS = 20000
NETWORKS = 2 * 4 * 30  # activations, penalties, seeds
SHORT = {"flip-flop": 5, "sine": 2, "context-integration": 10}


def cpu_seconds(command, task, cell, units, iterations):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.Popen([command, "train", task, "--cell", cell, "--units", str(units), "--iterations", str(iterations),
                                 "--validation-trials", "1", "--validation-every", "1000000", "--threads", "1", "--quiet",
                                 "--optimizer", "sgd", "--learning-rate", "1e-4", "-o", f"{folder}/x.nc"], stdout=subprocess.DEVNULL)  # fmt: skip
        _, status, usage = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        assert done.returncode == 0, (task, cell, units)
        return usage.ru_utime


def seconds_per_iteration(command, task, cell, units):
    short, long = SHORT[task], 5 * SHORT[task]
    return min(cpu_seconds(command, task, cell, units, long) - cpu_seconds(command, task, cell, units, short)
               for _ in range(2)) / (long - short)  # fmt: skip


def main():
    command = sys.argv[1]
    hours = dict.fromkeys(TASKS, 0.0)
    print(f"{'task':<22}{'cell':<9}" + "".join(f"{f'N = {units}':>12}" for units in SIZES) + "   ms per iteration")
    for task in TASKS:
        for cell in CELLS:
            times = [seconds_per_iteration(command, task, cell, units) for units in SIZES]
            hours[task] += sum(times) * ITERATIONS * NETWORKS / 3600
            print(f"{task:<22}{cell:<9}" + "".join(f"{1e3 * t:>12.2f}" for t in times), flush=True)
    for task in TASKS:
        print(f"{task:<22}{hours[task]:>10.0f} core-hours = {hours[task] / 24:.1f} core-days for {len(CELLS) * len(SIZES) * NETWORKS} networks")
    print(f"{'all':<22}{sum(hours.values()):>10.0f} core-hours = {sum(hours.values()) / 24:.1f} core-days")


if __name__ == "__main__":
    main()
