# SPDX-License-Identifier: BSD-3-Clause
"""The page of a population in a browser: all figures are drawn, of the networks that there are."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import Browser

COMMAND = str(Path(os.environ["NULLCLINE_BUILD"]) / "cli" / "nullcline")
STUDY = """
name = "Small population"
networks = 3
[vary]
task = ["flip-flop", "sine", "context-integration"]
cell = ["vanilla", "gru"]
activation = ["tanh", "relu"]
units = 8
[train]
iterations = 300
validation_trials = 32
learning_rate = 5e-3
[task.flip-flop]
bits = 2
steps = 40
[task.sine]
steps = 60
[task.context-integration]
steps = 20
[search]
n_starts = 200
max_starts = 400
max_boxes = 0
[analysis]
commands = 4
line_points = 8
"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("a study")
    (folder / "study.toml").write_text(STUDY)
    for words in (["plan", "study.toml", "-o", "run"], ["run", "run", "--quiet"],
                  ["report", "run", "-o", "study.html", "--quiet", "--n-permutations", "99", "--json"]):  # fmt: skip
        done = subprocess.run([COMMAND, "study", *words], cwd=folder, check=True, capture_output=True, text=True)
    shown = Browser(browser.driver, lambda _: folder / "study.html")
    shown.document = json.loads(done.stdout)
    shown.show("study")
    return shown


def figures(page):
    """Label -> traces (name, mode, number of values) of each figure."""
    return dict(page.js(
        "return [...document.querySelectorAll('#figures article')].map((a) => [a.querySelector('h3').textContent,"
        " [...a.querySelector('.plot').data].map((t) => [t.name, t.mode, t.x.length])])"))  # fmt: skip


def test_asks_for_nothing_and_complains_of_nothing(page):
    page.show("study")
    assert [url for url in page.requests() if not re.match("(file|data|blob):", url)] == []
    assert page.complaints() == []
    page.screenshot("study.png")
    page.show("study", dark=True)
    assert page.complaints() == []
    page.screenshot("study-dark.png")


def test_every_task_has_its_figures(page):
    page.show("study")
    found = figures(page)
    for task in page.document["tasks"]:
        names = {label.split(": ", 1)[1] for label in found if label.startswith(task["task"] + ": ")}
        assert {"Geometry: activity in the same trials", "Topology: graphs of fixed points", "Geometry before training",
                "histogram of losses", "validation loss", "fixed points", "eigenvalues of the fixed points"} <= names  # fmt: skip
        is_flip_flop = task["task"] == "flip-flop"
        assert ("graph of the fixed points" in names) == ("State machines: where pulses send the stable states" in names) == is_flip_flop
        for panel in task["panels"]:
            assert panel["title"] in names


def test_figures_hold_what_the_document_says(page):
    page.show("study")
    found = figures(page)
    task = next(task for task in page.document["tasks"] if task["task"] == "flip-flop")
    n_known = sum(network["loss"] is not None for network in task["networks"])
    assert sum(n for _, _, n in found["flip-flop: validation loss"]) == n_known
    geometry = next(space for space in task["spaces"] if space["space"] == "geometry")
    assert sum(n for _, _, n in found["flip-flop: Geometry: activity in the same trials"]) == len(geometry["networks"])
    histogram = {name: n for name, _, n in found["flip-flop: histogram of losses"]}
    assert set(histogram) == {*{network["factors"]["activation"] for network in task["networks"]}, "all, untrained"}
    nodes = [n for _, mode, n in found["flip-flop: graph of the fixed points"] if mode == "markers"]
    assert sum(nodes) == len(task["graphs"][0]["x"])


def test_counts_of_the_histogram_are_the_networks(page):
    page.show("study")
    heights = page.js(
        "const a = [...document.querySelectorAll('#figures article')].find((a) => a.querySelector('h3').textContent === 'flip-flop: histogram of losses');"
        "return [...a.querySelector('.plot').data].map((t) => [t.name, [...t.y].reduce((s, y) => s + y, 0) / 2])")  # fmt: skip
    task = next(task for task in page.document["tasks"] if task["task"] == "flip-flop")
    for name, count in heights:
        members = [network for network in task["networks"] if name == "all, untrained" or network["factors"]["activation"] == name]
        field = "untrained_loss" if name == "all, untrained" else "loss"
        assert count == sum(network[field] is not None for network in members)


def test_another_network_s_graph_can_be_chosen(page):
    page.show("study")
    task = next(task for task in page.document["tasks"] if task["task"] == "flip-flop")
    titles = [graph["title"] for graph in task["graphs"]]
    assert len(titles) == 4
    chosen = page.js(
        "const a = [...document.querySelectorAll('#figures article')].find((a) => a.querySelector('h3').textContent === 'flip-flop: graph of the fixed points');"
        "const s = a.querySelector('select'); s.value = '2'; s.dispatchEvent(new Event('change')); window.theGraph = a;"
        "return [s.getAttribute('aria-label'), [...s.options].map((o) => o.textContent)]")  # fmt: skip
    assert chosen == ["Network", titles]
    n = len(task["graphs"][2]["x"])
    page.wait(lambda: page.js(
        "return [...window.theGraph.querySelector('.plot').data].filter((t) => t.mode === 'markers').reduce((s, t) => s + t.x.length, 0)") == n)  # fmt: skip
    assert f"{task['networks'][task['graphs'][2]['network']]['n_points']} fixed points" in page.js("return window.theGraph.querySelector('figcaption').textContent")
