# SPDX-License-Identifier: BSD-3-Clause
"""Pages of continuations, sweeps, shapes and of a census in a browser: what they draw, and that they ask for nothing outside."""

import re

import diagram_pages
import pytest
from conftest import Browser


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("some diagrams")

    def path_of(kind):
        path = folder / f"{kind}.html"
        if not path.exists():
            diagram_pages.make(kind, path)
        return path

    return Browser(browser.driver, path_of)


def traces(page, number=0):
    """(type, mode, number of values, symbols) of what a figure is drawn of."""
    return page.js(
        "return [...document.querySelector(`[data-diagram='${arguments[0]}']`).data]"
        ".map((t) => [t.type, t.mode ?? '', (t.x ?? []).length, t.marker?.symbol ?? null])", number
    )  # fmt: skip


@pytest.mark.parametrize("kind", diagram_pages.ARGUMENTS)
def test_asks_for_nothing_and_complains_of_nothing(page, kind):
    page.show(kind)
    assert [url for url in page.requests() if not re.match("(file|data|blob):", url)] == []
    assert page.complaints() == []
    page.screenshot(f"diagram-{kind}.png")
    page.show(kind, dark=True)
    assert page.complaints() == []


def test_equation_9_shows_branches_cycles_and_all_events(page):
    page.show("eq9")
    *lines, events = traces(page)
    assert {mode for _, mode, _, _ in lines} == {"lines"} and len(lines) >= 4
    # The Hopf point is an event of its branch, and the end of that of cycles.
    assert sorted(events[3]) == sorted(["square", "circle", "circle", "circle", "square", "star"])
    assert len(traces(page, 1)) >= 1  # periods
    rows = page.js("return [...document.querySelectorAll('#table-list tbody tr')].map((row) => row.textContent)")
    assert any("homoclinic" in row and "0.0541746769162" in row for row in rows)
    assert sum("proven" in row for row in rows) == 3


def test_another_coordinate_is_chosen(page):
    page.show("eq9")
    axis = "return document.querySelector(\"[data-diagram='0']\").layout.yaxis.title.text"
    assert page.js(axis) == "h1"
    page.js("const s = document.querySelector('#figures select'); s.value = '1'; s.dispatchEvent(new Event('change'))")
    page.wait(lambda: page.js(axis) == "h2")


def test_curves_in_two_parameters_have_a_figure(page):
    page.show("curves")
    names = page.js("return [...document.querySelectorAll('#figures h3')].map((h) => h.textContent)")
    assert names == ["Branches", "Periods of cycles", "Curves in two parameters"]
    assert {mode for _, mode, _, _ in traces(page, 2)} == {"lines", "markers"}


def test_a_shape_shows_tolerances_channels_and_distances(page):
    page.show("shape")
    names = page.js("return [...document.querySelectorAll('#figures h3')].map((h) => h.textContent)")
    assert names == ["What a tolerance leaves", "Decided channels", "Distances between stable states"]
    assert [(kind, count) for kind, _, count, _ in traces(page)] == [("scatter", 3)] * 3 + [("scatter", 2)]
    assert [(kind, count) for kind, _, count, _ in traces(page, 1)] == [("bar", 4)] * 4  # three tolerances and the points
    law = page.js("return [...document.querySelector(\"[data-diagram='2']\").data].map((t) => [...t.y])")
    assert all(abs(a - b) < 1e-6 for a, b in zip(*law))  # this cube is one
    assert len(page.js("return [...document.querySelectorAll('#table-list tbody tr')]")) == 4


def test_a_sweep_is_a_line_or_a_map(page):
    page.show("line")
    assert [(kind, count) for kind, _, count, _ in traces(page)] == [("scatter", 12)]
    assert page.js("return document.getElementById('tables').hidden") is True
    page.show("grid")
    assert [kind for kind, *_ in traces(page)] == ["heatmap"]
    shape = page.js("const [t] = document.querySelector(\"[data-diagram='0']\").data; return [t.z.length, t.z[0].length]")
    assert shape == [6, 8]  # rows are the second parameter


def test_the_gallery_of_a_census_draws_each_topology(page):
    page.driver.get_log("browser")
    page.forget()
    page.driver.get(page.pages("gallery").as_uri())
    assert page.complaints() == []
    assert [url for url in page.requests() if not re.match("(file|data|blob):", url)] == []
    cards = page.js(
        "return [...document.querySelectorAll('.cards > li')].map((card) => "
        "[card.querySelectorAll('svg circle, svg path').length, card.querySelector('.copy').nextElementSibling.textContent])"
    )
    assert len(cards) >= 5
    assert all(shapes >= 1 and "[system]" in text and "U_h" in text for shapes, text in cards)
    page.screenshot("gallery.png")
