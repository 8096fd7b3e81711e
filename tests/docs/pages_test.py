# SPDX-License-Identifier: BSD-3-Clause
"""The code on the pages runs: README.md and docs/, one namespace and one empty folder per page.

Blocks of a page run in its order: ```python in the interpreter, ```console line by line with the command.
`<!-- not run: reason -->` before a block leaves it out. `<!-- setup ... -->` holds Python that readers do
not need to see; DATA is the folder tests/data there.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^<!-- setup\n(?P<setup>.*?)^-->$"
    r"|^(?:<!-- not run: (?P<reason>[^\n]+) -->\n)?```(?P<language>python|console)\n(?P<code>.*?)^```$",
    re.M | re.S,
)
FENCE = re.compile(r"^\s*```(?:python|console)\b", re.M)
PAGES = [
    page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if FENCE.search(page.read_text())
]


def run_console(code: str, where: str) -> None:
    for line in code.replace("\\\n", " ").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if not words:
            continue
        if words[0] != "nullcline":
            raise ValueError(f"{where}: found '{words[0]}', expected nullcline; say why it is not run before the block")
        program = os.environ.get("NULLCLINE_COMMAND")
        if not program:
            pytest.skip("NULLCLINE_COMMAND is not set")
        done = subprocess.run([program, *words[1:]], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{where}: {line}\n{done.stderr}"


def run_page(text: str, name: str) -> int:
    """Runs the blocks of a page in the current folder; returns how many."""
    namespace = {"__name__": "__main__", "DATA": ROOT / "tests" / "data"}
    blocks = list(BLOCK.finditer(text))
    fenced = sum(1 for block in blocks if block["language"])
    assert fenced == len(FENCE.findall(text)), f"{name}: a block is indented, or its fence is not closed"
    n_run = 0
    for block in blocks:
        group = "setup" if block["setup"] is not None else "code"
        first_line = text.count("\n", 0, block.start(group))
        if block["reason"]:
            continue
        if block["language"] == "console":
            run_console(block["code"], f"{name}:{first_line + 1}")
        else:  # empty lines before it, so that tracebacks name the line of the page
            exec(compile("\n" * first_line + block[group], name, "exec"), namespace)
        n_run += group == "code"
    return n_run


# Keras itself meets this when it turns variables into arrays with NumPy 2.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    text = page.read_text()
    n_run = run_page(text, str(page.relative_to(ROOT)))
    assert n_run > 0 or "<!-- not run: " in text


def test_a_page_that_is_wrong_fails_at_its_line():
    with pytest.raises(ZeroDivisionError) as caught:
        run_page("# Page\n\n```python\nx = 0\n```\n\n```python\n\n1 / x\n```\n", "page.md")
    assert (str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1) == ("page.md", 9)


def test_other_programs_are_refused_and_not_run():
    with pytest.raises(ValueError, match="page.md:2: found 'rm'"):
        run_page("```console\n$ rm -r .\n```\n", "page.md")


def test_a_command_that_fails_is_shown(monkeypatch):
    monkeypatch.setenv("NULLCLINE_COMMAND", "/bin/false")
    with pytest.raises(AssertionError, match="page.md:2: .*info nothing.nc"):
        run_page("```console\n$ nullcline info nothing.nc\n```\n", "page.md")


def test_a_block_with_a_reason_is_left_out_and_an_indented_one_is_not_overlooked():
    assert run_page("<!-- not run: it fails -->\n```python\n1 / 0\n```\n```python\n1\n```\n", "page.md") == 1
    with pytest.raises(AssertionError, match="indented"):
        run_page("- item\n\n  ```python\n  1 / 0\n  ```\n", "page.md")
