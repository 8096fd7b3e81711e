# SPDX-License-Identifier: BSD-3-Clause
"""The page in a browser: what it shows, how it is used, and that it asks for nothing outside."""

import re

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

KINDS = ["flip-flop", "inputs", "flow", "orbits", "empty", "training"]

# Where a point of the 3-D picture is on the screen, by the camera of the picture.
PROJECT = """
const [position] = arguments, plot = document.getElementById('scene');
const scene = plot._fullLayout.scene._scene, camera = scene.glplot.cameraParams;
const trace = plot.data.find(({customdata}) => customdata?.includes(position));
const i = trace.customdata.indexOf(position);
let v = [trace.x[i], trace.y[i], trace.z[i]].map((x, k) => x * scene.dataScale[k]).concat(1);
for (const m of [camera.model, camera.view, camera.projection])
  v = [0, 1, 2, 3].map((r) => v.reduce((sum, x, c) => sum + m[4 * c + r] * x, 0));
const box = scene.glplot.canvas.getBoundingClientRect();
return [box.left + box.width * (1 + v[0] / v[3]) / 2, box.top + box.height * (1 - v[1] / v[3]) / 2];
"""

# Relative luminance and contrast as in WCAG 2.
CONTRAST = """
const [name, ground] = arguments, style = getComputedStyle(document.documentElement);
const luminance = (property) => {
  const hex = style.getPropertyValue(property).trim();
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const [a, b] = [luminance(name), luminance(ground)].sort((x, y) => y - x);
return (a + 0.05) / (b + 0.05);
"""


def move_to(browser, x, y):
    for dx in (-2, 0):  # the picture reacts to movement
        browser.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x + dx, "y": y}
        )


def hover_until(browser, x, y, condition):
    def attempt():
        move_to(browser, x, y)
        return condition()

    browser.wait(attempt)


def details(browser):
    return browser.text("#details")


def press(browser, *keys):
    ActionChains(browser.driver).send_keys(*keys).perform()


def selected_row(browser):
    return browser.js(
        "return document.querySelector('#points-table [aria-selected=true]')?.dataset.point ?? null"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_asks_for_nothing_and_complains_of_nothing(browser, kind):
    browser.show(kind)
    browser.js("document.getElementById('next-point').click()")
    requests = browser.requests()
    assert any(url.startswith("file://") for url in requests)  # the log is alive
    assert [url for url in requests if not re.match("(file|data|blob):", url)] == []
    assert browser.complaints() == []


def test_a_request_and_an_error_would_be_seen(browser):
    browser.show("flow")
    browser.forget()
    browser.js("console.error('seen'); new Image().src = 'http://192.0.2.1/x.png';")
    # The page's own policy forbids the request before it is made, and says so.
    complaints = browser.wait(lambda: browser.complaints())
    assert any("seen" in complaint for complaint in complaints)
    assert any("Content Security Policy" in complaint for complaint in complaints)


def test_hovering_a_point_shows_its_details_and_eigenvalues(browser):
    browser.show("flip-flop")
    assert "Point" not in details(browser)[:5]
    x, y = browser.js(PROJECT, 7)
    hover_until(browser, x, y, lambda: details(browser).strip().startswith("Point 7: stable"))
    assert "(1.0000, 1.0000, 1.0000)" in details(browser)
    highlighted = browser.js("return document.getElementById('spectrum').data.at(-1)")
    assert highlighted["customdata"] == [7, 7, 7]
    assert highlighted["x"] == pytest.approx([0.16637208775167434] * 3, rel=1e-6)
    assert "Point 7" in browser.text("#scene svg .hovertext, #scene .hovertext")
    hover_until(browser, 5, 5, lambda: "Point" not in details(browser)[:5])


def test_hovering_an_eigenvalue_marks_its_point(browser):
    browser.show("flip-flop")
    box = browser.js(
        "const p = document.querySelectorAll('#spectrum .scatterlayer .trace')[3]"
        ".querySelector('.point').getBoundingClientRect();"
        "return [p.left + p.width / 2, p.top + p.height / 2]"
    )
    hover_until(browser, *box, lambda: details(browser).strip().startswith("Point "))
    active = int(re.match(r"\s*Point (\d+)", details(browser)).group(1))
    ring = browser.js("const t = document.getElementById('scene').data.at(-1); return [t.x, t.y, t.z]")
    assert all(value[0] is not None for value in ring)
    assert f"of point {active}" in browser.wait(
        lambda: browser.js("return document.querySelector('#spectrum .hovertext')?.textContent")
    )
    hover_until(browser, 5, 5, lambda: "Point" not in details(browser)[:5])


def test_clicking_a_point_selects_it_until_escape(browser):
    browser.show("flip-flop")
    x, y = browser.js(PROJECT, 0)
    hover_until(browser, x, y, lambda: details(browser).strip().startswith("Point 0:"))
    for kind in ("mousePressed", "mouseReleased"):
        browser.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1},
        )
    browser.wait(lambda: selected_row(browser) == "0")
    hover_until(browser, 5, 5, lambda: details(browser).strip().startswith("Point 0:"))
    press(browser, Keys.ESCAPE)
    assert selected_row(browser) is None


def test_the_table_is_used_by_keyboard(browser):
    browser.show("flip-flop")
    browser.js("document.querySelector('#points-table thead tr th:last-child button').focus()")
    press(browser, Keys.TAB)
    assert browser.js("return document.activeElement.dataset.point") == "0"
    assert selected_row(browser) is None
    press(browser, Keys.ENTER)
    assert selected_row(browser) == "0"
    press(browser, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert selected_row(browser) == "2"
    assert browser.js("return document.activeElement.dataset.point") == "2"
    assert details(browser).strip().startswith("Point 2: stable")
    press(browser, Keys.END)
    assert details(browser).strip().startswith("Point 26: unstable, 3 unstable directions")
    assert "0 (12.5" in details(browser)  # leads to every corner


def test_headings_sort_the_table(browser):
    browser.show("flip-flop")
    column = "return [...document.querySelectorAll('#points-table tbody tr')].map((r) => r.dataset.point)"
    hits = browser.driver.find_element(By.XPATH, "//th/button[text()='Hits']")
    hits.click()
    assert browser.js(column)[0] == "26"  # reached least often
    assert browser.js("return document.querySelector('[aria-sort]').textContent") == "Hits"
    hits.click()
    assert browser.js(column)[0] == "0"
    assert browser.js("return document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"


def test_arrow_keys_turn_the_picture_and_zero_resets_it(browser):
    browser.show("flip-flop")
    eye = "return document.getElementById('scene')._fullLayout.scene.camera.eye"
    before = browser.js(eye)
    browser.js("document.getElementById('scene').focus()")
    press(browser, Keys.ARROW_LEFT)
    turned = browser.wait(lambda: (now := browser.js(eye)) != before and now)
    length = lambda v: sum(v[axis] ** 2 for axis in "xyz")  # noqa: E731
    assert length(turned) == pytest.approx(length(before))
    press(browser, "0")
    browser.wait(lambda: browser.js(eye) == before)


def test_hiding_a_kind_takes_it_out_of_both_pictures(browser):
    browser.show("flip-flop")
    visible = ("return ['scene', 'spectrum'].map((id) => document.getElementById(id).data"
               ".filter((t) => t.customdata?.includes(8)).every((t) => t.visible !== false))")  # fmt: skip
    assert browser.js(visible) == [True, True]
    button = browser.driver.find_element(By.XPATH, "//button[contains(., '1 unstable direction (12)')]")
    button.click()
    browser.wait(lambda: browser.js(visible) == [False, False])
    pressed = "return [...document.querySelectorAll('#legend button')].map((b) => b.getAttribute('aria-pressed'))"
    assert browser.js(pressed) == ["true", "false", "true", "true"]


def test_axes_and_inputs_can_be_chosen(browser):
    browser.show("inputs")
    title = "return document.getElementById('scene').layout.scene.xaxis.title.text"
    assert browser.js(title) == "PC 1"
    browser.driver.find_element(By.XPATH, "//label[contains(., 'readouts')]").click()
    browser.wait(lambda: browser.js(title) == "output 1")
    browser.js("const s = document.getElementById('input-choice');"
               "s.value = '1'; s.dispatchEvent(new Event('change'));")  # fmt: skip
    browser.wait(lambda: "At least" in browser.text("#audit-words") or
                 "at least one point is missing" in browser.text("#audit-words"))  # fmt: skip
    assert "slow, not fixed (1)" in browser.text("#legend")
    assert "30 ended on another cycle, 20 diverged" in browser.text("#graph-caption")
    assert browser.complaints() == []


def test_points_of_all_inputs_stand_in_one_picture(browser):
    browser.show("flip-flop")
    assert browser.js("return document.getElementById('color-choice').options.length") == 3  # one for each output
    colors = "return document.getElementById('overview-plot').data[1].marker.color"
    readouts = browser.js(colors)
    assert sorted({round(value) for value in readouts}) == [-1, 0, 1] and len(readouts) == 27
    browser.js("const s = document.getElementById('color-choice'); s.value = '2'; s.dispatchEvent(new Event('change'));")
    browser.wait(lambda: "output 3" in browser.text("#overview-caption"))
    assert browser.js(colors) != readouts
    browser.show("inputs")
    names = browser.js("return document.getElementById('overview-plot').data.slice(1).map((trace) => trace.name)")
    assert len(names) == len(set(names)) == 3 and all(name.startswith("input ") for name in names)
    assert len(set(browser.js("return document.getElementById('overview-plot').data.slice(1).map((t) => t.marker.color)"))) == 3
    for kind in ("flow", "training", "empty"):
        browser.show(kind)
        assert browser.js("return document.getElementById('overview').hidden"), kind
    assert browser.complaints() == []


def test_text_from_outside_stays_text(browser):
    browser.show("inputs")
    hostile = "</script><img src=x onerror=\"document.title='broken'\">"
    browser.js("const s = document.getElementById('input-choice');"
               "s.value = '1'; s.dispatchEvent(new Event('change'));")  # fmt: skip
    assert browser.driver.title == hostile + " & {{data}} 'quoted'"
    assert browser.text("h1") == hostile + " & {{data}} 'quoted'"
    assert hostile in browser.text("#audit-words")
    assert hostile in browser.text("#view-control")
    assert browser.js("return document.images.length") == 0


def test_a_node_of_the_graph_tells_where_it_leads(browser):
    browser.show("flip-flop")
    browser.js("document.getElementById('transitions').scrollIntoView()")
    box = browser.js("const all = document.querySelectorAll('#graph svg > g[cursor]');"
                     "const p = all[8].getBoundingClientRect();"
                     "return [p.left + p.width / 2, p.top + p.height / 2]")  # fmt: skip
    hover_until(browser, *box, lambda: browser.text("#graph-details") != "")
    assert browser.text("#graph-details").replace("\u202f", " ") == (
        "Point 8, saddle, readout \u2212\u22120: leads to 0 (50 %), 1 (50 %)."
    )
    rows = browser.js("return document.querySelectorAll('#transitions-table tbody tr').length")
    assert rows == 8 * 1 + 12 * 2 + 6 * 4 + 1 * 8


def test_a_flow_is_shown_with_the_imaginary_axis(browser):
    browser.show("flow")
    shapes = browser.js("return document.getElementById('spectrum').layout.shapes")
    assert [shape["type"] for shape in shapes] == ["line"]
    assert browser.js("return document.getElementById('transitions').hidden")
    assert browser.js("return document.getElementById('training').hidden")
    assert "Largest Re" in browser.text("#points-table thead")


def test_orbits_are_drawn_listed_and_led_to(browser):
    browser.show("orbits")
    assert "60 on 2 stable orbits of period 2" in browser.text(".verdict")
    rows = browser.js("return [...document.querySelectorAll('#orbits-table tbody tr')].map((row) => row.textContent)")
    assert len(rows) == 3 and "stable orbit of period 2" in rows[0] and "0.123456789" in rows[2]
    # Lines through 2 + 2 + 65 states, each closed and followed by a gap.
    drawn = "const t = document.getElementById('scene').data.find(({name}) => name === 'orbits'); return "
    assert browser.js(drawn + "t.x.length") == 69
    lines = browser.js("const d = document.getElementById('scene').data; return d[d.findIndex(({name}) => name === 'orbits') - 1].x")
    assert len(lines) == 69 + 3 + 3 and lines[:4] == [lines[0], lines[1], lines[0], None]
    table = browser.text("#transitions-table")
    assert "orbit 0" in table and "other" not in table
    hide = "[...document.querySelectorAll('#legend button')].at(-1)"
    assert "orbits" in browser.js(f"return {hide}.textContent")
    assert browser.js(drawn + "t.visible") is True
    browser.js(hide + ".click()")
    browser.wait(lambda: browser.js(drawn + "t.visible") is False)


def test_a_page_without_orbits_has_no_table_of_them(browser):
    browser.show("flow")
    assert browser.js("return document.getElementById('orbits').hidden") is True


def test_a_search_that_found_nothing_says_so(browser):
    browser.show("empty")
    assert "No fixed point was found" in browser.text(".verdict")
    assert browser.js("return document.querySelector('figure.scene').hidden")
    assert browser.js("return document.querySelectorAll('#points-table tbody tr').length") == 0


def test_a_page_without_a_search_shows_the_learning_curve_alone(browser):
    browser.show("training")
    shown = "return [...document.querySelectorAll('main > section')].filter((s) => !s.hidden).map((s) => s.id)"
    assert browser.js(shown) == ["training"]
    links = "return [...document.querySelectorAll('nav li')].filter((s) => !s.hidden).map((s) => s.textContent)"
    assert browser.js(links) == ["Training"]


def test_pictures_can_be_saved(browser):
    browser.show("flip-flop")
    browser.js("window.saved = {}; HTMLAnchorElement.prototype.click = function () {"
               "  saved[this.download] = this.href.slice(0, 20); };")  # fmt: skip
    for figure in ("scene", "spectrum", "graph", "learning"):
        browser.js("document.getElementById(arguments[0] + '-save').click()", figure)
    saved = browser.wait(lambda: len(found := browser.js("return saved")) == 4 and found)
    assert saved["state-space.png"].startswith("data:image/png")
    assert saved["eigenvalues.svg"].startswith("data:image/svg+xml")
    assert saved["learning-curve.svg"].startswith("data:image/svg+xml")
    assert saved["transitions.svg"].startswith("blob:")


def test_without_webgl_two_axes_are_drawn(browser):
    hide = browser.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {"source": "const get = HTMLCanvasElement.prototype.getContext;"
                   "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
                   "  return kind.includes('webgl') ? null : get.call(this, kind, ...rest); };"},
    )  # fmt: skip
    try:
        browser.show("flip-flop")
        assert browser.js("return document.getElementById('scene').data[0].type") == "scatter"
        assert "no WebGL" in browser.text("#scene-caption")
        assert browser.complaints() == []
    finally:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", hide)


def painted(browser, name):
    """Pixels of the 3-D picture, as it is on the screen, in the color of a kind of points."""
    box = browser.js("const b = document.getElementById('scene').getBoundingClientRect();"
                     "return [b.x + scrollX, b.y + scrollY, b.width, b.height]")  # fmt: skip
    clip = {**dict(zip(("x", "y", "width", "height"), box)), "scale": 1}
    picture = browser.driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
    )
    return browser.driver.execute_async_script(
        """
const [png, name, done] = arguments, image = new Image();
image.onload = () => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const copy = document.createElement('canvas');
  copy.width = image.width; copy.height = image.height;
  const context = copy.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, copy.width, copy.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) n += want.every((c, k) => Math.abs(c - data[i + k]) < 8);
  done(n);
};
image.src = 'data:image/png;base64,' + png;""",
        picture["data"],
        name,
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 1600), (390, 844)], ids=["desktop", "phone"])
def test_the_picture_is_drawn_in_every_color(browser, size, dark):
    browser.show("flip-flop", *size, dark=dark)
    for kind in range(3):
        browser.wait(lambda kind=kind: painted(browser, f"unstable-{kind}") > 50)
    assert painted(browser, "unstable-4") == 0
    browser.screenshot(f"page-{size[0]}-{'dark' if dark else 'light'}.png")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_needs_no_sideways_scrolling(browser, kind, width):
    browser.show(kind, width, 800)
    browser.js("document.getElementById('next-point').click()")
    # A mobile browser widens its layout for what does not fit.
    widths = browser.js("return [document.documentElement.scrollWidth, innerWidth, visualViewport.width]")
    assert widths == [width, width, width]
    small = browser.js("return [...document.querySelectorAll('button, select')]"
                       ".filter((b) => b.checkVisibility() && !b.closest('thead'))"
                       ".filter((b) => b.getBoundingClientRect().height < 24).length")  # fmt: skip
    assert small == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colors_have_contrast(browser, dark):
    browser.show("flow", dark=dark)
    for name in ("--ink", "--muted", "--accent"):
        for ground in ("--background", "--surface"):
            assert browser.js(CONTRAST, name, ground) >= 4.5, (name, ground)
    for name in [f"--unstable-{n}" for n in range(6)] + ["--slow", "--undecided"]:
        assert browser.js(CONTRAST, name, "--background") >= 3, name


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_makes_sense_without_eyes(browser, kind):
    browser.show(kind)
    levels = browser.js("return [...document.querySelectorAll('h1, h2, h3')]"
                        ".filter((h) => h.checkVisibility()).map((h) => Number(h.tagName[1]))")  # fmt: skip
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
    for landmark in ("header", "nav", "main", "footer"):
        assert browser.js("return document.querySelectorAll('body > ' + arguments[0]).length", landmark) == 1
    nameless = browser.js("""
return [...document.querySelectorAll('button, select, input, [tabindex="0"]:not(tr)')]
  .filter((e) => !(e.textContent.trim() || e.labels?.length || e.ariaLabel
    || e.getAttribute('aria-labelledby'))).map((e) => e.outerHTML.slice(0, 100))""")
    assert nameless == []
    dangling = browser.js("""
return [...document.querySelectorAll('[aria-labelledby], [for], nav a')]
  .map((e) => e.getAttribute('aria-labelledby') ?? e.htmlFor ?? e.getAttribute('href').slice(1))
  .filter((id) => !document.getElementById(id))""")
    assert dangling == []
    assert browser.js("return document.getElementById('details').ariaLive") == "polite"


def test_motion_is_asked_for(browser):
    behavior = "return getComputedStyle(document.documentElement).scrollBehavior"
    browser.show("flow", reduced_motion=True)
    assert browser.js(behavior) == "auto"
    browser.show("flow", reduced_motion=False)
    assert browser.js(behavior) == "smooth"


# Machado, Oliveira and Fernandes (2009), severity 1; linear RGB.
COLOR_BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def lab(color, eye):
    """CIE L*a*b* (D65) of #rrggbb as this eye sees it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    seen = [min(1, max(0, c)) for c in times(COLOR_BLINDNESS[eye], linear)]
    x, y, z = (v / white for v, white in zip(times(XYZ, seen), (0.9505, 1, 1.089)))
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def test_lab_knows_white_and_red():
    assert lab("#ffffff", "none") == pytest.approx((100, 0, 0), abs=0.1)
    assert lab("#ff0000", "none") == pytest.approx((53.2, 80.1, 67.2), abs=0.3)


@pytest.mark.parametrize("eye", COLOR_BLINDNESS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_eye_tells_the_kinds_apart_by_color(browser, dark, eye):
    browser.show("flow", dark=dark)
    colors = browser.js("""
const style = getComputedStyle(document.documentElement);
return [0, 1, 2, 3, 4, 5].map((n) => '--unstable-' + n).concat('--orbit')
  .map((name) => style.getPropertyValue(name).trim());""")
    seen = [lab(color, eye) for color in colors]
    for i, one in enumerate(seen):
        for other in seen[:i]:
            assert sum((a - b) ** 2 for a, b in zip(one, other)) ** 0.5 > 20
