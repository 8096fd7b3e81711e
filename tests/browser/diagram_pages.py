# SPDX-License-Identifier: BSD-3-Clause
"""Pages of bifurcation diagrams, sweeps and galleries, made by the command."""

import os
import subprocess
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "jordan-2021"
EQUATION_8 = EXAMPLES / "eq8.toml"
ALPHA = ["--parameter", "alpha", "--from", "0.1", "--to", "1.2"]

ARGUMENTS = {
    "eq9": ["continue", EXAMPLES / "eq9.toml", "--parameter", "gamma", "--from", "0", "--to", "0.5"],
    "curves": ["continue", EQUATION_8, *ALPHA, "--second-parameter", "s", "--second-from", "-1", "--second-to", "2"],
    "line": ["sweep", EQUATION_8, *ALPHA, "--steps", "12"],
    "grid": ["sweep", EQUATION_8, *ALPHA, "--steps", "8", "--second-parameter", "s", "--second-from", "-1", "--second-to", "2", "--second-steps", "6"],
}


def make(kind, path):
    command = Path(os.environ["NULLCLINE_BUILD"]) / "cli" / "nullcline"
    arguments = [*ARGUMENTS[kind], "-o", path] if kind in ARGUMENTS else ["census", "gru", "--units", "2", "--samples", "300", "--seed", "1", "--gallery", path]
    subprocess.run([command, *arguments, "--quiet"], check=True, cwd=path.parent, stdout=subprocess.DEVNULL)
