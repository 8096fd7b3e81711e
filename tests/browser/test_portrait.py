# SPDX-License-Identifier: BSD-3-Clause
"""The page of a portrait in a browser: what it draws, how it is used, and that it asks for nothing outside."""

import re

import portrait_pages
import pytest
from conftest import Browser

KINDS = list(portrait_pages.ARGUMENTS)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("some portraits")

    def path_of(kind):
        path = folder / f"{kind}.html"
        if not path.exists():
            portrait_pages.make(kind, path)
        return path

    return Browser(browser.driver, path_of)


def traces(page, number=0):
    """(type, mode, number of values, hover text) of what a portrait is drawn of."""
    return page.js(
        "return [...document.querySelector(`[data-portrait='${arguments[0]}']`).data]"
        ".map((t) => [t.type, t.mode ?? '', (t.x ?? []).length, [t.hovertext ?? ''].flat()[0]])", number
    )  # fmt: skip


def layer(page, label):
    page.js("[...document.querySelectorAll('#layers button')].find((b) => b.textContent === arguments[0]).click()", label)
    page.wait(lambda: page.js("return true"))


@pytest.mark.parametrize("kind", KINDS)
def test_asks_for_nothing_and_complains_of_nothing(page, kind):
    page.show(kind)
    assert [url for url in page.requests() if not re.match("(file|data|blob):", url)] == []
    assert page.complaints() == []
    page.screenshot(f"portrait-{kind}.png")
    page.show(kind, dark=True)
    assert page.complaints() == []


def test_equation_8_shows_speed_nullclines_cycle_and_both_senses_of_time(page):
    page.show("eq8")
    shown = traces(page)
    assert shown[0][0] == "heatmap"
    texts = [text for *_, text in shown]
    assert {"h1-nullcline", "h2-nullcline", "stable cycle, period 23.674"} <= set(texts)
    assert "proven complete" in page.text(".verdict")
    assert "comes from fixed point 0" in page.text(".series-head") and "goes to cycle 0" in page.text(".series-head")
    times = page.js("return document.querySelector('.series').data[0].x")
    assert times == sorted(times) and times[0] < 0 < times[-1]


def test_layers_and_backgrounds_are_switched(page):
    page.show("thirteen-points")
    before = traces(page)
    assert sum(text == "stable manifold" for *_, text in before) == 1
    layer(page, "stable manifolds")
    page.wait(lambda: not any(text == "stable manifold" for *_, text in traces(page)))
    layer(page, "stable manifolds")
    page.wait(lambda: any(text == "stable manifold" for *_, text in traces(page)))
    page.js("document.querySelectorAll('#background input')[1].click()")
    page.wait(lambda: page.js("return document.querySelector('[data-portrait]').data[0].hoverinfo") == "text")
    words = page.js("return document.querySelector('[data-portrait]').data[0].text.flat()")
    assert {f"goes to fixed point {k}" for k in range(6)} <= set(words)
    page.screenshot("portrait-basins.png")


def test_tables_say_what_the_picture_shows(page):
    page.show("thirteen-points")
    rows = page.js("return [...document.querySelectorAll('#points-table tbody tr')].map((r) => r.textContent)")
    assert len(rows) == 13 and sum("saddle" in row for row in rows) == 6
    assert all(row.endswith("yes") for row in rows)
    ends = page.text("#ends-table")
    assert ends.count("unstable manifold") == 12 and "comes from fixed point 12" in ends


def test_another_trajectory_is_chosen(page):
    page.show("eq9")
    before = page.js("return document.querySelector('.series').data[0].y[0]")
    page.js("const s = document.querySelector('.series-head select'); s.value = '3'; s.dispatchEvent(new Event('change'))")
    page.wait(lambda: page.js("return document.querySelector('.series').data[0].y[0]") != before)


def test_both_conventions_stand_side_by_side(page):
    page.show("compared")
    headings = page.js("return [...document.querySelectorAll('#portraits h3')].map((h) => h.textContent)")
    assert headings == ["Continuous time (flow)", "Discrete time (map)"]
    assert "stable cycle, period 23.674" in [text for *_, text in traces(page, 0)]
    assert "invariant circle" in [text for *_, text in traces(page, 1)]


def test_three_states_are_a_scene_and_one_is_a_line(page):
    page.show("space")
    assert {kind for kind, *_ in traces(page)} == {"scatter3d"}
    page.show("one-unit")
    assert page.js("return document.querySelector('[data-portrait]').layout.yaxis.title.text") == "dh1/dt"


def test_noise_and_stopped_motion_are_layers(page):
    page.show("noisy")
    labels = page.js("return [...document.querySelectorAll('#layers button')].map((b) => b.textContent)")
    assert {"under noise", "stopped by a gate"} <= set(labels)
    assert "standard deviation 0.2, 12 trajectories" in page.text(".facts")


def test_fits_a_phone(page):
    page.show("eq8", width=390, height=844)
    assert page.js("return document.documentElement.scrollWidth") <= 390
