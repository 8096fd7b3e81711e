# SPDX-License-Identifier: BSD-3-Clause
"""Pages of portraits, made by the command."""

import os
import subprocess
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "jordan-2021"
SPACE = '[system]\ncell = "gru"\ntime = "continuous"\nunits = 3\n[weights]\nU_h = [[4, 1, 0], [-1, 4, 0], [0, 0, 4]]\n'
NOISY = (
    '[system]\ncell = "gru"\ntime = "continuous"\nunits = 2\ninputs = 2\n'
    "[weights]\nU_h = [[6, 0], [0, 6]]\nW_h = [[1, 0], [0, 1]]\nU_z = [[60, 0], [0, 0]]\n"
)

ARGUMENTS = {
    "eq8": [EXAMPLES / "eq8.toml", "--set", "alpha=0.5", "--start", "0.1,0"],
    "thirteen-points": [EXAMPLES / "thirteen-points.toml"],
    "eq9": [EXAMPLES / "eq9.toml", "--set", "gamma=0.0535"],
    "one-unit": [EXAMPLES / "one-unit.toml"],
    "compared": [EXAMPLES / "eq8.toml", "--set", "alpha=0.5", "--compare-time", "--grid", "61"],
    "space": ["space.toml"],
    "noisy": ["noisy.toml", "--noise", "0.2", "--ensemble", "12", "--grid", "41"],
}


def make(kind, path):
    folder = path.parent
    (folder / "space.toml").write_text(SPACE)
    (folder / "noisy.toml").write_text(NOISY)
    command = Path(os.environ["NULLCLINE_BUILD"]) / "cli" / "nullcline"
    subprocess.run([command, "portrait", *ARGUMENTS[kind], "-o", path, "--quiet"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
