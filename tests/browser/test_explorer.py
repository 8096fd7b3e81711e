# SPDX-License-Identifier: BSD-3-Clause
"""The live explorer in a browser: its numbers are the command's, and it keeps to itself."""

import json
import os
import re
import subprocess
import time
import tomllib
import xml.etree.ElementTree
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

SOURCE = Path(os.environ["NULLCLINE_SOURCE"])
PAGE = SOURCE / "build/explorer/explorer.html"
COMMAND = Path(os.environ["NULLCLINE_BUILD"]) / "cli/nullcline"
# Name in the explorer, model file, values and time: as explorer/presets.toml has them.
PRESETS = {entry["name"]: entry for entry in tomllib.loads((SOURCE / "explorer/presets.toml").read_text())["presets"]}


def command(*arguments):
    done = subprocess.run([COMMAND, *map(str, arguments), "--json", "--quiet"], stdout=subprocess.PIPE, timeout=300)
    assert done.returncode in (0, 4), arguments
    return json.loads(done.stdout)


class Explorer:
    def __init__(self, browser):
        self.browser = browser
        self.js, self.wait, self.driver = browser.js, browser.wait, browser.driver

    def open(self, address="", width=1280, height=1100, dark=False, path=PAGE):
        self.browser.pages = lambda _: path
        self.driver.get("about:blank")  # an address that differs after '#' alone does not load a page
        assert path.exists(), f"{path} is missing: script/explorer builds it"
        phone = width < 500
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.browser.forget()
        self.driver.get(path.as_uri() + address)
        self.settle()

    def settle(self):
        self.wait(lambda: self.js("return document.documentElement.dataset.ready === 'true'"))

    def choose(self, *names):
        """One after the other in the list of systems, without waiting."""
        self.js(
            """const list = document.getElementById('preset');
            for (const name of arguments[0]) { list.value = name; list.dispatchEvent(new Event('change')); }""", names
        )  # fmt: skip

    def type(self, name, value):
        self.js("const f = document.getElementById(`parameter-${arguments[0]}`); f.value = arguments[1]; f.dispatchEvent(new Event('input'))", name, value)

    def events(self):
        return sorted(self.js("return window.nullcline.seen.diagram.arrays.event_type ?? []"))

    def problem(self):
        return self.js("const p = document.getElementById('problem'); return p.hidden ? '' : p.textContent")

    def verdict(self):
        return self.js("return document.getElementById('verdict').textContent")

    def points(self):
        return self.js(
            """const a = window.nullcline.seen.sketch.arrays, n = a['points/states'].shape[1], m = a['points/eigenvalues_re'].shape[1];
            return a['points/kind'].map((kind, i) => ({kind, stability: a['points/stability'][i], verdict: a['points/verdict'][i],
              state: [...a['points/states'].values.slice(i * n, i * n + n)],
              re: [...a['points/eigenvalues_re'].values.slice(i * m, i * m + m)], im: [...a['points/eigenvalues_im'].values.slice(i * m, i * m + m)]}))"""
        )

    def periods(self):
        return sorted(self.js("const c = window.nullcline.seen.details.arrays['cycles/period']; return c ? [...c.values] : []"))

    def slide(self, name, value):
        self.js("const s = document.getElementById(`parameter-${arguments[0]}-slider`); s.value = arguments[1]; s.dispatchEvent(new Event('input'))", name, value)


@pytest.fixture(scope="module")
def explorer(browser):
    return Explorer(browser)


def numbers(points, key):
    return sorted((tuple(point[key]) for point in points), key=lambda row: [round(value, 6) for value in row])


def close(a, b, tolerance=1e-9):
    assert len(a) == len(b)
    for left, right in zip(a, b, strict=True):
        assert left == pytest.approx(right, abs=tolerance, rel=tolerance)


@pytest.mark.parametrize(
    "name",
    ["eq8", "eq9-b", "one-unit-c", "two-units", "eleven-points", "closed-nullcline", "fitzhugh-nagumo", "hidden-attractor",
     "thirteen-points", "lstm-cycle", "gru-after", "three-units", "van-der-pol"],
)  # fmt: skip
def test_shows_the_numbers_of_the_command(explorer, name, tmp_path):
    entry = PRESETS[name]
    explorer.open(f"#preset={name}")
    assert explorer.problem() == ""
    sets = [f"--set={key}={value!r}" for key, value in entry.get("set", {}).items()]
    model = SOURCE / "examples" / entry["file"]
    output = tmp_path / "points.nc"
    command("fixed-points", model, *sets, "-o", output)
    expected = command("portrait", model, *sets, "--no-basins", "--grid", 5)
    shown = [point for point in explorer.points() if point["kind"] == "fixed"]
    known = [point for point in expected["points"] if point["kind"] == "fixed"]
    close(numbers(shown, "state"), numbers(known, "state"))
    assert sorted(p["stability"] for p in shown) == sorted(p["stability"] for p in known)
    assert all(p["verdict"] == "proven" for p in shown) == all(p["verdict"] == "proven" for p in known)
    h5netcdf = pytest.importorskip("h5netcdf")
    with h5netcdf.File(output) as file:
        kinds = [b"".join(row).decode().strip("\0 ") for row in file["kind"][...]]
        keep = [i for i, kind in enumerate(kinds) if kind == "fixed"]
        eigenvalues = sorted(tuple(sorted(abs(complex(a, b)) for a, b in zip(file["eigenvalues_re"][i], file["eigenvalues_im"][i], strict=True))) for i in keep)
    close(sorted(tuple(sorted(abs(complex(a, b)) for a, b in zip(p["re"], p["im"], strict=True))) for p in shown), eigenvalues)
    close(explorer.periods(), sorted(cycle["period"] for cycle in expected["cycles"]), 1e-9)


def test_keeps_to_itself_and_complains_of_nothing(explorer):
    for name in ["eq8", "one-unit-c", "lorenz", "vanilla", "henon"]:
        explorer.open(f"#preset={name}")
        assert [url for url in explorer.browser.requests() if not re.match("(file|data|blob|about):", url)] == []
        assert explorer.browser.complaints() == []
        explorer.browser.screenshot(f"explorer-{name}.png")
    explorer.open("#preset=eq8", dark=True)
    assert explorer.browser.complaints() == []
    explorer.browser.screenshot("explorer-dark.png")


def test_every_preset_opens(explorer):
    explorer.open()
    names = explorer.js("return [...document.querySelectorAll('#preset option')].map((option) => option.value).filter(Boolean)")
    assert len(names) > 100 and set(PRESETS) <= set(names)
    for name in names[:: max(1, len(names) // 12)]:
        explorer.open(f"#preset={quote(name)}")
        assert explorer.problem() == "", name
        counts = re.match(r"(\d+)-(\d+)-(\d+)", name)
        if counts:
            kinds = [point["stability"] for point in explorer.points()]
            assert [kinds.count(kind) for kind in ("stable", "saddle", "unstable")] == [int(n) for n in counts.groups()], name


def test_a_slider_from_a_stable_point_gives_birth_to_a_cycle(explorer):
    explorer.open("#preset=eq8-rest")  # alpha = pi / 3
    assert "1 stable" in explorer.verdict() and "cycle" not in explorer.verdict()
    seen = []
    for step in range(20):
        explorer.slide("alpha", 1.047 - 0.0175 * step)
        time.sleep(0.03)
        seen.append(explorer.verdict())
    explorer.slide("alpha", 0.7)
    explorer.settle()
    assert "1 unstable" in explorer.verdict() and "1 limit cycle: stable, period 14.9772" in explorer.verdict()
    assert explorer.periods()[0] == pytest.approx(14.977200039899605, rel=1e-9)
    assert "alpha=0.7" in explorer.js("return location.hash") or explorer.wait(lambda: "alpha=0.7" in explorer.js("return location.hash"))
    median = explorer.js("return document.getElementById('speed').textContent")
    print(median)


def test_time_flips_from_flow_to_map(explorer, tmp_path):
    explorer.open("#preset=eq8")
    explorer.js("document.querySelectorAll('#time input')[1].click()")
    explorer.settle()
    model = SOURCE / "examples/jordan-2021/eq8.toml"
    assert explorer.js("return window.nullcline.seen.sketch.time") == "discrete"
    assert "multipliers" in explorer.js("return document.getElementById('points').textContent")
    known = command("portrait", model, "--set=alpha=0.7", "--compare-time", "--no-basins", "--grid", 5)["discrete"]
    close(numbers(explorer.points(), "state"), numbers(known["points"], "state"))
    assert explorer.js("return window.nullcline.seen.details.arrays.orbit_kind ?? []") == [orbit["kind"] for orbit in known["orbits"]]
    # The diagram is the map's too, and the address and the model file say so.
    map_model = tmp_path / "map.toml"
    map_model.write_text(explorer.js("return window.nullcline.savedText()"))
    assert 'time = "discrete"' in map_model.read_text()
    followed = command("continue", map_model, "--parameter", "alpha", "--from", 0, "--to", 1.5)
    expected = sorted(event["type"] for branch in followed["branches"] for event in branch["events"])
    assert explorer.events() == expected and "neimark_sacker" in expected
    explorer.wait(lambda: "time=discrete" in explorer.js("return location.hash"))


def test_flow_and_map_stand_side_by_side(explorer):
    explorer.open("#preset=eq8")
    explorer.js("document.querySelectorAll('#time input')[2].click()")
    explorer.wait(lambda: explorer.js("return window.nullcline.seen.other !== null"))
    explorer.settle()
    assert "1 limit cycle: stable, period 14.9772" in explorer.verdict()
    other = explorer.js("return document.getElementById('other-verdict').textContent")
    assert other.startswith("As a map: 1 fixed point, proven complete") and "invariant circle" in other
    explorer.browser.screenshot("explorer-both.png")
    explorer.wait(lambda: "time=both" in explorer.js("return location.hash"))
    explorer.open(explorer.js("return location.hash"))
    assert explorer.js("return document.getElementById('other-verdict').textContent") == other


HOSTILE = {
    "#preset=nonsense": "preset: found 'nonsense'",
    "#preset=eq8&set=alpha=NaN": "set alpha: found 'NaN'",
    "#preset=eq8&set=alpha=1e999": "set alpha: found '1e999'",
    "#preset=eq8&set=nobody=1": "parameter 'nobody': unknown to model, expected one of alpha, beta, s",
    "#preset=eq8&set=__proto__=1": "parameter '__proto__': unknown to model",
    "#preset=eq8&box=1,0;0,1": "box: found 1,0",
    "#preset=eq8&box=0,1": "box: found 1 rows, expected 2",
    "#preset=eq8&start=1,2,3": "start: found 3 values, expected 2",
    "#preset=eq8&time=never": "time: found 'never', expected continuous | discrete | both",
    "#preset=eq8&diagram=nobody,0,1": "diagram: found 'nobody'",
    "#preset=eq8&diagram=alpha,2,1": "diagram: found an empty interval",
    "#model=%00%ff": "model: found characters that are not base64url",
    "#model=AAAA": "model: found damaged data",
    "#model=S0ktTlYoSk1LVUjOSCwqSS1S0FEw0FEw1FHQVEhLTMpJVUjLSVSw5QIA": "model",
    "#preset=eq8&hide=everything": "hide: found 'everything', expected some of speed",
    "#set=nope=1": "parameter 'nope': unknown",
    "#start=0,0,0": "start: found 3 values, expected 2",
    "#diagram=foo,0,1": "diagram: found 'foo'",
    "#preset=eq8&box=-1e308,1e308;-1,1": "",
    "#preset=eq8&coordinate=2": "coordinate: found 2, expected 0 to 1",
    "#preset=eq8&turn=1": "turn: found '1', expected two angles",
    "#surprise=1": "address: found key 'surprise'",
    "#preset=eq8&preset=eq9": "address: found key 'preset' twice",
    "#preset=<img src=x onerror=alert(1)>": "preset: found '<img src=x",
    "#" + "a" * 70000: "address: found 70001 characters",
}


@pytest.mark.parametrize("address", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_addresses_are_refused_with_a_message(explorer, address):
    explorer.open(address)
    if "1e308" in address:  # fits, but is refused by the portrait
        assert explorer.problem()
        return
    assert explorer.problem().startswith("The address is not used. ")
    assert HOSTILE[address] in explorer.problem()
    assert explorer.verdict().startswith("1 fixed point")  # the first preset is shown instead
    assert explorer.js("return document.querySelectorAll('img').length") == 0
    assert explorer.browser.complaints() == []


def test_the_address_holds_the_whole_state(explorer):
    explorer.open("#preset=eq9-b&set=gamma=0.0537&box=-1,0.2;-1,0.1&start=0.05,-0.5;-0.4,-0.3&diagram=b,0.2,0.5&hide=arrows,speed")
    before = explorer.points(), explorer.verdict()
    explorer.js("document.getElementById('copy').click()")
    explorer.wait(lambda: "preset=eq9-b" in explorer.js("return location.hash"))
    address = explorer.js("return location.hash")
    explorer.open(address)
    assert (explorer.points(), explorer.verdict()) == before
    state = explorer.js("const s = window.nullcline.state; return {box: s.box, starts: s.starts, diagram: s.diagram, hidden: s.hidden, values: s.values}")
    assert state == {"box": [[-1, 0.2], [-1, 0.1]], "starts": [[0.05, -0.5], [-0.4, -0.3]], "diagram": {"parameter": "b", "from": 0.2, "to": 0.5},
                     "hidden": ["arrows", "speed"], "values": {"gamma": 0.0537}}  # fmt: skip


def test_a_changed_weight_travels_in_the_address_and_in_the_model_file(explorer, tmp_path):
    explorer.open("#preset=two-units")
    explorer.js(
        """document.getElementById('weights-box').open = true;
        const field = document.querySelector('#weights input[type=text]'); field.focus(); field.value = '5.5'; field.dispatchEvent(new Event('input'))"""
    )
    explorer.settle()
    explorer.wait(lambda: "model=" in explorer.js("return location.hash"))
    points = numbers(explorer.points(), "state")
    saved = tmp_path / "saved model.toml"
    saved.write_text(explorer.js("return window.nullcline.savedText()"))
    known = command("portrait", saved, "--no-basins", "--grid", 5)
    close(points, numbers(known["points"], "state"))
    explorer.open(explorer.js("return location.hash"))
    assert numbers(explorer.points(), "state") == points


def test_a_formula_that_is_wrong_is_named_and_the_page_goes_on(explorer):
    explorer.open("#preset=eq8")
    field = "const f = document.querySelector('#weights input[type=text]'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))"
    explorer.js(field, "beta*cos(alhpa)")
    explorer.wait(lambda: "unknown symbol 'alhpa'" in explorer.problem())
    explorer.js(field, "beta*cos(alpha)")
    explorer.wait(lambda: explorer.problem() == "")
    explorer.settle()
    assert "1 limit cycle" in explorer.verdict()


def test_a_text_of_equations_is_applied(explorer):
    explorer.open()
    text = '[system]\node = {x = "y", y = "-x - c*y"}\n\n[parameters]\nc = 0.5\n\n[box]\nx = [-1, 1]\ny = [-1, 1]\n'
    explorer.js("document.getElementById('text').value = arguments[0]; document.getElementById('apply').click()", text)
    explorer.wait(lambda: explorer.js("return window.nullcline.seen.about?.states.join()") == "x,y")
    explorer.settle()
    [point] = explorer.points()
    assert point["stability"] == "stable" and point["re"] == pytest.approx([-0.25, -0.25])
    explorer.js("document.getElementById('text').value = 'nonsense ='; document.getElementById('apply').click()")
    explorer.wait(lambda: "line 1" in explorer.problem())


def test_works_by_keys_alone(explorer):
    explorer.open("#preset=eq8-rest")
    canvas = explorer.driver.find_element("id", "portrait")
    before = explorer.js("return window.nullcline.state.starts.length")
    canvas.send_keys(Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ENTER)
    explorer.settle()
    assert explorer.js("return window.nullcline.state.starts.length") == before + 1
    assert explorer.js("return window.nullcline.seen.paths.at(-1).reply.ends.forward") is not None
    canvas.send_keys(Keys.DELETE)
    explorer.settle()
    assert explorer.js("return window.nullcline.state.starts.length") == before
    value = explorer.js("return window.nullcline.state.values.alpha ?? null")
    explorer.driver.find_element("id", "diagram").send_keys(Keys.ARROW_LEFT)
    explorer.settle()
    assert explorer.js("return window.nullcline.state.values.alpha") != value


def test_a_start_is_set_and_dragged_by_the_pointer(explorer):
    explorer.open("#preset=eleven-points")
    canvas = explorer.driver.find_element("id", "portrait")
    ActionChains(explorer.driver).move_to_element_with_offset(canvas, 60, -50).click().perform()
    explorer.wait(lambda: explorer.js("return window.nullcline.state.starts.length") == 1)
    first = explorer.js("return window.nullcline.state.starts[0]")
    ActionChains(explorer.driver).move_to_element_with_offset(canvas, 60, -50).click_and_hold().move_by_offset(-80, 40).release().perform()
    explorer.settle()
    assert explorer.js("return window.nullcline.state.starts.length") == 1
    assert explorer.js("return window.nullcline.state.starts[0]") != first


def test_presets_chosen_in_haste_end_with_the_last(explorer):
    explorer.open("#preset=eq8")
    explorer.choose("eq8-slow", "eq9-c")
    explorer.wait(lambda: explorer.js("return window.nullcline.state.preset?.name") == "eq9-c")
    explorer.choose("fitzhugh-nagumo")
    time.sleep(0.06)
    explorer.choose("lorenz")
    time.sleep(0.12)
    explorer.choose("one-unit-c")
    explorer.wait(lambda: explorer.js("return window.nullcline.state.preset?.name") == "one-unit-c")
    explorer.settle()
    assert explorer.problem() == "" and explorer.js("return document.getElementById('preset').value") == "one-unit-c"
    assert explorer.js("return window.nullcline.seen.details.states.length") == 1
    assert len(explorer.points()) == 3


def test_there_and_back_again_shows_what_is_there(explorer):
    explorer.open("#preset=eq8&set=alpha=0.3")
    right = explorer.periods()[0]
    assert right == pytest.approx(46.769, rel=1e-4)
    explorer.type("alpha", 0.7)
    time.sleep(0.025)
    explorer.type("alpha", 0.3)
    explorer.settle()
    assert explorer.periods()[0] == pytest.approx(right, rel=1e-9)
    folds = explorer.js("return [...window.nullcline.seen.diagram.arrays.event_parameter.values]")
    explorer.type("beta", 2.4)
    time.sleep(0.025)
    explorer.type("beta", 3)
    explorer.settle()
    assert explorer.js("return [...window.nullcline.seen.diagram.arrays.event_parameter.values]") == pytest.approx(folds)


def test_a_value_in_the_address_leaves_the_others_of_a_preset(explorer):
    explorer.open("#preset=2-1-0.421547f4&set=b_h_1=0.1")
    values = explorer.js("return window.nullcline.state.values")
    assert values["b_h_1"] == 0.1 and len(values) == 12 and all(value != 0 for value in values.values())


def test_edges_of_the_box_are_set_one_after_the_other(explorer):
    explorer.open("#preset=fitzhugh-nagumo")
    for number, value in ((0, -4), (3, 5)):
        explorer.js("const f = document.querySelectorAll('#box input')[arguments[0]]; f.value = arguments[1]; f.dispatchEvent(new Event('change'))", number, value)
    explorer.settle()
    assert explorer.js("return window.nullcline.state.box") == [[-4, 3], [-3, 5]]


def test_a_text_with_a_mistake_leaves_the_page_as_it_was(explorer):
    explorer.open("#preset=eq8")
    explorer.js("document.getElementById('text').value = '[system]'; document.getElementById('apply').click()")
    explorer.wait(lambda: explorer.problem() != "")
    explorer.slide("alpha", 0.6)
    explorer.settle()
    assert "1 limit cycle" in explorer.verdict() and explorer.browser.complaints() == []


def test_each_unit_of_a_leaky_cell_has_its_alpha(explorer):
    text = '[system]\ncell = "leaky"\nunits = 2\n\n[weights]\nalpha = [0.3, 0.8]\nU_h = [[1.5, 0], [0, 1.5]]\n'
    explorer.open()
    explorer.js("document.getElementById('text').value = arguments[0]; document.getElementById('apply').click()", text)
    explorer.wait(lambda: explorer.js("return window.nullcline.state.preset") is None)
    explorer.settle()
    explorer.js("const f = document.querySelector('#weights input[type=text]'); f.value = '0.4'; f.dispatchEvent(new Event('input'))")
    explorer.settle()
    assert tomllib.loads(explorer.js("return window.nullcline.savedText()"))["weights"]["alpha"] == [0.4, 0.8]


def test_relu_cells_open_too(explorer):
    text = '[system]\ncell = "vanilla"\nactivation = "relu"\nunits = 2\n\n[weights]\nU_h = [[0.5, -1], [1, 0.5]]\nb_h = [1, 1]\n'
    explorer.open()
    explorer.js("document.getElementById('text').value = arguments[0]; document.getElementById('apply').click()", text)
    explorer.wait(lambda: explorer.js("return window.nullcline.state.preset") is None)
    explorer.settle()
    assert explorer.problem() == ""
    [point] = [point for point in explorer.points() if point["kind"] == "fixed"]
    assert point["state"] == pytest.approx([0, 2])  # h1 = max(1 - 2 + h1/2, 0), h2 = max(1 + h1 + h2/2, 0)


def test_a_trajectory_in_space_starts_where_one_clicks(explorer):
    explorer.open("#preset=lorenz")
    canvas = explorer.driver.find_element("id", "portrait")
    ActionChains(explorer.driver).move_to_element_with_offset(canvas, 40, -30).click().perform()
    explorer.settle()
    assert explorer.js("return window.nullcline.state.starts.length") == 1
    ActionChains(explorer.driver).move_to_element_with_offset(canvas, -150, 100).click_and_hold().move_by_offset(60, 0).release().perform()
    explorer.settle()
    assert explorer.js("return window.nullcline.state.starts.length") == 1
    explorer.wait(lambda: "turn=" in explorer.js("return location.hash"))


def test_pictures_are_saved(explorer):
    explorer.open("#preset=eq9-b")
    text = explorer.js("return window.nullcline.asSvg()")
    root = xml.etree.ElementTree.fromstring(text)
    assert root.tag.endswith("svg") and len(root.findall(".//{*}path")) > 3
    data = explorer.js("return document.getElementById('portrait').toDataURL('image/png').length")
    assert data > 10000


def test_fits_a_phone(explorer):
    explorer.open("#preset=eq8", width=390, height=844)
    assert explorer.js("return document.documentElement.scrollWidth <= window.innerWidth")
    explorer.browser.screenshot("explorer-phone.png")


def test_everything_has_a_name_for_screen_readers(explorer):
    explorer.open("#preset=two-switches")
    unnamed = explorer.js(
        """return [...document.querySelectorAll('input, select, textarea, button, canvas')].filter((e) =>
        !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim())).map((e) => e.outerHTML)"""
    )
    assert unnamed == []


def test_the_page_is_one_file_below_a_megabyte():
    text = PAGE.read_bytes()
    assert len(text) < 1_000_000
    assert not re.search(rb"(src|href)=[\"']?https?:", text)
