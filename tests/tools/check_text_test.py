# SPDX-License-Identifier: BSD-3-Clause
"""The text check has to catch each thing that it promises to catch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_text.py"
SPDX = "// SPDX-License-Identifier: BSD-3-Clause\n"


@pytest.fixture
def tree(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(tmp_path, "README.md", "[the map](docs/ARCHITECTURE.md#two-words), [out](https://example.org/x)\n")
    write(tmp_path, "docs/ARCHITECTURE.md", "# Map\n## Two words\n**`core`** is all there is.\n")
    write(tmp_path, "src/nullcline/core/error.hpp", SPDX + '// The colour of behaviour.\nchar linearize() { return "colour"[0]; }\n')
    return tmp_path


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(root, *arguments):
    done = subprocess.run([sys.executable, "-B", str(CHECK), "--root", str(root), *arguments], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def expect_error(root, *words, arguments=()):
    code, out = run(root, *arguments)
    assert code == 1, out
    assert "1 errors" in out, out
    for word in words:
        assert word in out, out


def test_a_clean_tree_passes(tree):
    assert run(tree) == (0, "text: 3 files, 0 errors\n")


@pytest.mark.parametrize("link", ["[a](gone.md)", "[a](docs/ARCHITECTURE.md#gone)", "[a]: gone.md", "![p](gone.png)"])
def test_a_dead_link_is_found(tree, link):
    write(tree, "README.md", f"# Title\n\n{link}\n")
    expect_error(tree, "README.md:dead link")


def test_code_blocks_are_no_links(tree):
    write(tree, "README.md", "```cpp\ncall[i](x);\n```\n")
    assert run(tree)[0] == 0


def test_a_long_file_is_found(tree):
    write(tree, "src/nullcline/core/long.cpp", SPDX + "int x;\n" * 500)
    expect_error(tree, "long.cpp:501 lines")


@pytest.mark.parametrize("word", ["TO" "DO: later", "FIX" "ME", "as iss" "ue 12 says", "this sess" "ion", "a \N{EM DASH} b", "<" * 7 + " HEAD"])
def test_a_forbidden_word_is_found(tree, word):
    write(tree, "docs/page.md", f"# Page\n\n{word}\n")
    expect_error(tree, "docs/page.md:3")


def test_ignored_files_are_not_read(tree):
    write(tree, ".gitignore", "build/\n")
    write(tree, "build/page.md", "TO" "DO\n")
    assert run(tree)[0] == 0


@pytest.mark.parametrize("name, text", [("src/nullcline/core/a.cpp", "int x;\n" + SPDX), ("script/run", "#!/bin/sh\necho\n"), ("tools/a.py", "")])
def test_a_missing_licence_line_is_found(tree, name, text):
    write(tree, name, text)
    expect_error(tree, name, "SPDX")


@pytest.mark.parametrize("word", ["linearise", "set_colour", "NormalisedState", "neighbours"])
def test_british_identifiers_are_found(tree, word):
    write(tree, "src/nullcline/core/a.cpp", SPDX + f"int {word}();\n")
    expect_error(tree, "a.cpp:2", word)


def test_a_module_without_its_paragraph_is_found(tree):
    write(tree, "src/nullcline/magic/wand.cpp", SPDX)
    expect_error(tree, "ARCHITECTURE.md", "magic")


def test_a_huge_file_is_found(tree):
    write(tree, "tests/data/big.bin", "x" * ((1 << 20) + 1))
    expect_error(tree, "big.bin", "limit")


def test_a_test_that_nothing_runs_is_found(tree):
    listed = tree / "tests/core/listed_test.cpp"
    write(tree, "tests/core/listed_test.cpp", SPDX)
    write(tree, "build/compile_commands.json", json.dumps([{"file": str(listed)}]))
    write(tree, "build/CTestTestfile.cmake", f'add_test(python "/usr/bin/python3" "{tree}/tests/tools")\n')
    write(tree, "tests/tools/a_test.py", "# SPDX-License-Identifier: BSD-3-Clause\n")
    write(tree, ".gitignore", "build/\n")
    build = ("--build", str(tree / "build"))
    assert run(tree, *build)[0] == 0
    write(tree, "tests/core/forgotten_test.cpp", SPDX)
    expect_error(tree, "forgotten_test.cpp", "no test program", arguments=build)
    (tree / "tests/core/forgotten_test.cpp").unlink()
    for name in ("b_test.py", "test_b.py"):
        write(tree, f"tests/other/{name}", "# SPDX-License-Identifier: BSD-3-Clause\n")
        expect_error(tree, name, "no ctest", arguments=build)
        (tree / f"tests/other/{name}").unlink()
