# SPDX-License-Identifier: BSD-3-Clause
"""The page of an evolution in a browser: it plays, pauses, and follows the slider."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import Browser


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("an evolution")
    command = Path(os.environ["NULLCLINE_BUILD"]) / "cli" / "nullcline"
    for arguments in (
        "force pulse-flip-flop --bits 3 --units 60 --steps 300 --train-steps 4000 --gain 0.8 --input-gain 4 --seed 1 -o esn.nc",
        "evolution esn.nc --every 8 --starts 32 --visited 8 -o page.html",
    ):
        subprocess.run([command, *arguments.split(), "--quiet"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return Browser(browser.driver, lambda kind: folder / "page.html")


def step(page):
    return page.text("#step")


def test_asks_for_nothing_and_complains_of_nothing(page):
    page.show("evolution")
    assert [url for url in page.requests() if not re.match("(file|data|blob):", url)] == []
    assert page.complaints() == []
    page.screenshot("evolution.png")
    page.show("evolution", dark=True)
    assert page.complaints() == []


def test_plays_from_the_first_snapshot_pauses_and_follows_the_slider(page):
    page.show("evolution")
    last = step(page)
    assert last.endswith("step 4\u202f000")
    # Asked in the same breath: a busy machine plays on before a second question.
    first = page.js("document.getElementById('play').click(); return document.getElementById('step').textContent")
    assert first.startswith("1 of ") and first.endswith("step 0")
    page.wait(lambda: not step(page).startswith("1 of "))
    page.js("document.getElementById('pause').click()")
    assert page.js("return document.getElementById('play').getAttribute('aria-pressed')") == "false"
    page.js("const s = document.getElementById('slider'); s.value = s.max; s.dispatchEvent(new Event('input'))")
    assert step(page) == last


def test_points_of_the_shown_snapshot_are_drawn(page):
    page.show("evolution")
    drawn = page.js("return document.getElementById('scene').data.slice(1).reduce((n, t) => n + t.x.length, 0)")
    caption = page.text("#scene-caption")
    assert f": {drawn} fixed point" in caption
    page.js("const s = document.getElementById('slider'); s.value = 0; s.dispatchEvent(new Event('input'))")
    assert "Step 0: 1 fixed point, 1 stable" in page.text("#scene-caption")
