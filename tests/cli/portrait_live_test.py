# SPDX-License-Identifier: BSD-3-Clause
"""Live pages through the command: what they hold, and what they refuse."""

import json
import os
import pathlib
import re
import shutil

import numpy as np
import pytest
from command import fail, files_in, hold_memory_weights, run, succeed, succeed_json

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "jordan-2021"
EQUATION_8 = EXAMPLES / "eq8.toml"
PLACE = re.compile(r'<script id="model" type="application/json">(.*?)</script>', re.S)


@pytest.fixture(scope="module", autouse=True)
def explorer(tmp_path_factory):
    """Skips where the command was built without the explorer, if what it needs is not installed either."""
    done = run("portrait", EQUATION_8, "--live", "-o", tmp_path_factory.mktemp("live") / "page.html")
    if done.returncode == 2 and "found a build without the explorer" in done.stderr:
        assert done.stderr.count("\n") == 1 and "emscripten" in done.stderr
        if not (shutil.which("em++") and shutil.which("zopfli")):
            pytest.skip("the command was built without the explorer")
    assert done.returncode == 0, done.stderr


def model_of(page):
    places = PLACE.findall(page.read_text())
    assert len(places) == 1
    return json.loads(places[0])


def test_a_page_holds_the_model_and_the_library(tmp_path):
    page = tmp_path / "page.html"
    document = succeed_json("portrait", EQUATION_8, "--set", "alpha=0.5", "--box", "-1,1;-0.5,1", "--title", "</script>",
                            "--live", "-o", page)
    assert document["output"] == str(page) and document["bytes"] == page.stat().st_size < 1_000_000
    assert model_of(page) == {"title": "</script>", "text": EQUATION_8.read_text(), "values": {"alpha": 0.5},
                              "time": "continuous", "input": [], "box": [[-1, 1], [-0.5, 1]]}
    text = page.read_text()
    for place in ("css", "js", "glue", "wasm", "presets", "model", "licenses", "worker"):
        assert "{{" + place + "}}" not in text
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
    assert files_in(tmp_path) == ["page.html"]


def test_the_same_command_gives_the_same_bytes(tmp_path):
    for name in ("a.html", "b.html"):
        out = succeed("portrait", EQUATION_8, "--live", "--title", "x", "-o", tmp_path / name)
        assert re.fullmatch(r".*[ab]\.html: 0\.\d\d MB\n", out)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert model_of(tmp_path / "a.html")["values"] == {}


def test_a_network_becomes_a_model_of_its_numbers(tmp_path):
    weights, page = hold_memory_weights(tmp_path / "three.npz"), tmp_path / "page.html"
    assert "not verified" in succeed("portrait", weights, "--cell", "vanilla", "--input", "0,0.1,0", "--live", "-o", page)
    model = model_of(page)
    assert (model["time"], model["input"], model["title"]) == ("discrete", [0, 0.1, 0], "Portrait of three")
    read = tmp_path / "read.toml"
    read.write_text(model["text"])
    points = [succeed_json("fixed-points", *what, "--input", "0,0.1,0")["points"]
              for what in ((weights, "--cell", "vanilla"), (read,))]
    assert len(points[0]) == 27
    key = {tuple(np.round(p["state"], 9)) for p in points[0]}
    assert key == {tuple(np.round(p["state"], 9)) for p in points[1]}


def test_a_network_trained_here_becomes_a_model(tmp_path):
    network, page, read = tmp_path / "two.nc", tmp_path / "page.html", tmp_path / "read.toml"
    succeed("train flip-flop --bits 1 --steps 20 --units 2 --cell ugrnn --iterations 20 --batch 8 --validation-trials 8"
            " --validation-every 10 --quiet", "-o", network)
    succeed("portrait", network, "--live", "-o", page)
    read.write_text(model_of(page)["text"])
    of_network, of_text = (succeed_json("fixed-points", path)["points"] for path in (network, read))
    assert len(of_network) == len(of_text) > 0
    for a, b in zip(of_network, of_text, strict=True):
        assert a["state"] == pytest.approx(b["state"], abs=1e-12) and a["stability"] == b["stability"]


def test_mistakes_are_one_line_and_leave_nothing(tmp_path):
    four = tmp_path / "four.toml"
    four.write_text('[system]\ncell = "gru"\nunits = 4\n[weights]\nb_h = [1, 0, 0, 0]\n')
    boxless = tmp_path / "boxless.toml"
    boxless.write_text('[system]\node = { x = "-x", y = "-y" }\n')
    page = tmp_path / "page.html"
    cases = [
        (EQUATION_8, (), "--live: found no --output, expected a page whose name ends in .html"),
        (EQUATION_8, ("-o", tmp_path / "x.nc"), "x.nc, expected a page whose name ends in .html"),
        (EQUATION_8, ("--compare-time", "-o", page), "--live: found --compare-time, expected --set, --input, --box and --title"),
        (EQUATION_8, ("--max-time", 5, "-o", page), "--live: found --max-time, expected"),
        (EQUATION_8, ("--box", "0,1", "-o", page), "--box: found 1 rows, expected 2"),
        (EQUATION_8, ("--box", "1,0;0,1", "-o", page), "--box: found 1,0, expected lower,upper"),
        (EQUATION_8, ("--input", "1", "-o", page), "--input: found 1 values, expected 0"),
        (EQUATION_8, ("--set", "alhpa=1", "-o", page), "alhpa"),
        (four, ("-o", page), "four.toml: found 4 states, expected 1 to 3"),
        (boxless, ("-o", page), "found no [box]"),
    ]
    for model, flags, words in cases:
        assert words in fail(2, "portrait", model, "--live", *flags), flags
    assert files_in(tmp_path) == ["boxless.toml", "four.toml"]
    if os.geteuid() != 0:  # root may write everywhere
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        fail(2, "portrait", EQUATION_8, "--live", "-o", locked / "page.html")
