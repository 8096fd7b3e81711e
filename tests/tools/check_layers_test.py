# SPDX-License-Identifier: BSD-3-Clause
"""The layer check has to catch each thing that it promises to catch."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"
TABLE = """
[modules]
core = []
dynamics = ["core"]
report = ["core"]

[headers]
report = ["nullcline/dynamics/types.hpp"]
"""


@pytest.fixture
def tree(tmp_path):
    """A tree that passes; each test then breaks one thing in it."""
    write(tmp_path, "tools/layers.toml", TABLE)
    write(tmp_path, "src/nullcline/core/error.hpp", "#include <string>\n")
    write(tmp_path, "src/nullcline/core/internal/secret.hpp", "")
    write(tmp_path, "src/nullcline/core/error.cpp", '#include "nullcline/core/internal/secret.hpp"\n')
    write(tmp_path, "src/nullcline/dynamics/types.hpp", '#include "nullcline/core/error.hpp"\n')
    write(tmp_path, "src/nullcline/dynamics/solve.hpp", '#include "nullcline/dynamics/types.hpp"\n')
    write(tmp_path, "src/nullcline/report/page.cpp", '#include "nullcline/dynamics/types.hpp"\n')
    write(tmp_path, "cli/main.cpp", '#include "nullcline/dynamics/solve.hpp"\n#include "nullcline/report/page.hpp"\n')
    return tmp_path


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(root):
    done = subprocess.run([sys.executable, "-B", str(CHECK), "--root", str(root)], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def expect_error(root, *words):
    code, out = run(root)
    assert code == 1, out
    assert "1 errors" in out, out
    for word in words:
        assert word in out, out


def test_a_tree_that_obeys_passes(tree):
    assert run(tree)[0] == 0


def test_a_forbidden_include_is_found_with_its_line(tree):
    write(tree, "src/nullcline/core/error.hpp", '#include <string>\n#include "nullcline/dynamics/types.hpp"\n')
    expect_error(tree, "core/error.hpp:2", "core may not include nullcline/dynamics/types.hpp")


def test_angle_brackets_and_spaces_hide_nothing(tree):
    write(tree, "src/nullcline/core/error.hpp", "  #  include  <nullcline/dynamics/types.hpp>\n")
    expect_error(tree, "core may not include")


def test_a_relative_path_is_no_way_around(tree):
    write(tree, "src/nullcline/core/error.hpp", '#include "../dynamics/types.hpp"\n')
    expect_error(tree, "core may not include nullcline/dynamics/types.hpp")


def test_a_listed_header_opens_no_other_header_of_its_module(tree):
    write(tree, "src/nullcline/report/page.cpp", '#include "nullcline/dynamics/solve.hpp"\n')
    expect_error(tree, "report may not include nullcline/dynamics/solve.hpp")


def test_an_unknown_folder_is_found(tree):
    write(tree, "src/nullcline/magic/wand.hpp", "")
    expect_error(tree, "magic/wand.hpp", "not in layers.toml")


def test_a_file_outside_every_folder_is_found(tree):
    write(tree, "src/nullcline/stray.hpp", "")
    expect_error(tree, "stray.hpp", "not in layers.toml")


def test_an_internal_header_is_private_to_its_module(tree):
    write(tree, "src/nullcline/dynamics/types.hpp", '#include "nullcline/core/internal/secret.hpp"\n')
    expect_error(tree, "dynamics/types.hpp:1", "internal to core")


@pytest.mark.parametrize("folder", ["cli", "testing", "tests/core", "benchmarks", "examples/one"])
def test_an_internal_header_is_private_to_the_library(tree, folder):
    write(tree, f"{folder}/user.cpp", '#include "nullcline/core/internal/secret.hpp"\n')
    expect_error(tree, f"{folder}/user.cpp:1", "internal to core")


def test_the_library_does_not_know_the_command(tree):
    write(tree, "cli/settings.hpp", "")
    write(tree, "src/nullcline/core/error.cpp", '#include "../../../cli/settings.hpp"\n')
    expect_error(tree, "core/error.cpp:1", "from outside src/")


def test_a_circular_table_is_found(tree):
    write(tree, "tools/layers.toml", TABLE.replace("core = []", 'core = ["report"]'))
    expect_error(tree, "circular", "core -> report -> core")


def test_a_table_that_names_no_module_is_found(tree):
    write(tree, "tools/layers.toml", TABLE.replace('dynamics = ["core"]', 'dynamics = ["core", "numerics"]'))
    expect_error(tree, "dynamics lists numerics")


def test_a_listed_header_that_is_gone_is_found(tree):
    (tree / "src/nullcline/report/page.cpp").unlink()
    (tree / "src/nullcline/dynamics/solve.hpp").unlink()
    (tree / "src/nullcline/dynamics/types.hpp").unlink()
    expect_error(tree, "types.hpp, which does not exist")
