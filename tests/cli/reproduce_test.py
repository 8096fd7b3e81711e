# SPDX-License-Identifier: BSD-3-Clause
"""Published figures come out again with their numbers, and a number that does not is told."""

import os
import tomllib
from pathlib import Path

import pytest
from command import fail, run, succeed, succeed_json

SOURCE = Path(os.environ["NULLCLINE_SOURCE"])
EXAMPLES = SOURCE / "examples"
RECIPES = sorted(path.parent for path in EXAMPLES.rglob("recipe.toml"))
LONGEST = 11  # seconds: what takes longer has a short version in the folder of these tests


def seconds(folder):
    return tomllib.loads((folder / "recipe.toml").read_text())["seconds"]


QUICK = [folder for folder in RECIPES if seconds(folder) <= LONGEST]
LONG = [folder for folder in RECIPES if seconds(folder) > LONGEST]
SHORT = sorted(path.parent for path in (Path(__file__).parent / "recipes").rglob("recipe.toml"))


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory):
    """What each recipe printed and wrote, by its folder; each runs once."""
    results = {}

    def reproduce(folder):
        if folder not in results:
            out = tmp_path_factory.mktemp("a folder") / folder.name
            results[folder] = (succeed_json("reproduce", folder, "-o", out, "--quiet")["reproductions"], out)
        return results[folder]

    return reproduce


@pytest.mark.parametrize("folder", QUICK + SHORT, ids=lambda path: path.name)
def test_every_recipe_gives_its_numbers_and_writes_its_figures(folder, reproduced):
    found, out = reproduced(folder)
    assert [recipe["reproduced"] for recipe in found] == [True]
    for figure in found[0]["figures"]:
        assert (out / figure).stat().st_size > 1000
    assert "NOT REPRODUCED" not in (out / "claims.md").read_text()


@pytest.mark.parametrize("folder", QUICK, ids=lambda path: path.name)
def test_the_table_of_the_page_is_what_the_recipes_give(folder, reproduced):
    page = (SOURCE / "docs/reproductions" / f"{folder.parent.name}.md").read_text()
    for row in (reproduced(folder)[1] / "claims.md").read_text().splitlines():
        if row.startswith("| "):
            assert row in page, row


@pytest.mark.parametrize("folder", LONG, ids=lambda path: path.name)
def test_the_page_has_every_claim_of_a_long_recipe(folder):
    page = (SOURCE / "docs/reproductions" / f"{folder.parent.name}.md").read_text()
    for claim in tomllib.loads((folder / "recipe.toml").read_text())["claims"]:
        rows = [row for row in page.splitlines() if row.startswith(f"| {claim['paper']} |")]
        assert any(row.endswith(f"| {claim['agree']} |") for row in rows), claim["paper"]


@pytest.mark.parametrize("folder", LONG, ids=lambda path: path.name)
def test_a_long_recipe_calls_commands_as_they_are(folder, tmp_path):
    for command in tomllib.loads((folder / "recipe.toml").read_text())["commands"]:
        words = [word.replace("{folder}", str(folder)) for word in command["run"].split()]
        if words[0] not in ("report", "study"):
            succeed(*words, "--print-config", cwd=tmp_path)


def recipe(folder: Path, expect: str) -> Path:
    folder.mkdir()
    (folder / "m.toml").write_text('[system]\nmap = {x = "x/2"}\n[box]\nx = [-1, 1]\n')
    (folder / "recipe.toml").write_text(
        'title = "One point"\n[[commands]]\nname = "a"\nrun = "fixed-points {folder}/m.toml --json"\n'
        '[[claims]]\npaper = "one"\nfound = "{0}"\nagree = "yes"\n'
        f'checks = [{{of = "a", path = "n_points", expect = {expect}}}]\n'
    )
    return folder


def test_a_number_that_does_not_come_out_is_exit_code_4(tmp_path):
    good = recipe(tmp_path / "good one", "1")
    assert "agree            yes" in succeed("reproduce", good, "-o", tmp_path / "out")
    bad = recipe(tmp_path / "bad", "2")
    done = run("reproduce", bad, "-o", tmp_path / "out", "--quiet")
    assert done.returncode == 4
    assert "a: n_points: found 1, expected 2" in done.stderr and "not reproduced here" in done.stdout
    assert "NOT REPRODUCED HERE" in (tmp_path / "out/claims.md").read_text()


def test_mistakes_are_one_line(tmp_path):
    assert "found no recipe of this name" in fail(2, "reproduce", "jordan-2021/fig-99")
    assert "recipe: found none" in fail(2, "reproduce")
    broken = recipe(tmp_path / "broken", "1")
    (broken / "m.toml").write_text("[system]\n")
    done = run("reproduce", broken, "-o", tmp_path / "out", "--quiet")
    assert done.returncode == 3 and "ended with exit code 3" in done.stderr
    (tmp_path / "file").write_text("")
    good = recipe(tmp_path / "good", "1")
    assert "--output: cannot make the folder" in fail(2, "reproduce", good, "-o", tmp_path / "file" / "x")


def test_the_list_names_them_all():
    names = succeed("reproduce", "--list")
    for folder in RECIPES:
        assert f"{folder.parent.name}/{folder.name}" in names
