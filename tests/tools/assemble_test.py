# SPDX-License-Identifier: BSD-3-Clause
"""explorer/assemble.py puts parts into one page, safely, and refuses what would break it."""

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = """<style>{{css}}</style><pre>{{licenses}}</pre>
<script id="model" type="application/json">{{model}}</script>
<script id="presets" type="application/json">{{presets}}</script>
<script id="wasm" type="text/plain">{{wasm}}</script>
<script id="glue" type="text/plain">{{glue}}</script>
<script id="worker" type="text/plain">{{worker}}</script>
<script>{{js}}</script>
"""
MODEL = "# <b> </script>\n[system]\node = {x = \"a - x^3\"}\n[parameters]\na = 1\n[box]\nx = [-2, 2]\n"
PRESET = '[[presets]]\ngroup = "G"\ntitle = "T"\nname = "N"\n'
PARTS = {
    "explorer/page/index.html": PAGE,
    "explorer/page/explorer.css": "p { margin: 0 }",
    "explorer/page/js/main.js": 'import { x } from "./x.js";\nconsole.log(x);\n',
    "explorer/page/js/x.js": 'export const x = "{{model}}</script>";\n',
    "explorer/page/js/worker.js": "postMessage(1);\n",
    "explorer/presets.toml": PRESET + 'file = "m.toml"\nset = {a = 0.5}\nparameter = "a"\nfrom = 0\nto = 1\n',
    "explorer/licenses.txt": "A & B <c>\n",
    "examples/m.toml": MODEL,
    "examples/jordan-2021/catalogue/topologies.csv": "name,parameters\nt,p=1 q=2 r=3 s=4 b=5 c=6\n",
    "a build/nullcline.js": "var glue = 1;\n",
    "a build/nullcline.wasm": "bytes",
}


NAMES = {re.sub(r"\W", "_", Path(name).name): name for name in PARTS}


def assemble(folder, **changes):
    """Runs it on PARTS, those named (main_js, m_toml) replaced."""
    for name, text in {**PARTS, **{NAMES[key]: text for key, text in changes.items()}}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return subprocess.run([sys.executable, ROOT / "explorer" / "assemble.py", folder / "explorer", folder / "a build", "esbuild"],
                          capture_output=True, text=True)


def script_of(page, name):
    return re.search(rf'<script id="{name}"[^>]*>(.*?)</script>', page, re.S)[1]


def unpacked(page, name):
    return gzip.decompress(base64.b64decode(script_of(page, name)))


def test_everything_stands_in_its_place(tmp_path):
    done = assemble(tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "a build" / "explorer.html").read_text()
    assert script_of(page, "model") == "null"
    presets = json.loads(unpacked(page, "presets"))
    assert presets["models"] == [{"group": "G", "title": "T", "name": "N", "parameter": "a", "from": 0, "to": 1, "text": MODEL,
                                  "values": {"a": 0.5}}]
    assert presets["catalogue"]["networks"] == [["t", 1, 2, 2, 1, 3, 4, 4, 3, 5, 5, 6, 6]]
    assert unpacked(page, "wasm") == b"bytes" and unpacked(page, "glue") == b"var glue = 1;\n"
    assert "A &amp; B &lt;c&gt;" in page and page.count("</script>") == 6
    assert "{{model}}<\\/script>" in page  # text that was put in is not searched for places
    assemble(tmp_path)
    assert (tmp_path / "a build" / "explorer.html").read_text() == page
    assert sorted(os.listdir(tmp_path / "a build")) == ["explorer.html", "nullcline.js", "nullcline.wasm"]


@pytest.mark.parametrize(("part", "text", "words"), [
    ("worker_js", "x = /<!--/", "worker.js: found <!--, expected nothing that ends a script"),
    ("explorer_css", "</style>", "explorer.css: found </style"),
    ("index_html", PAGE.replace("{{css}}", ""), "index.html: found the places"),
    ("index_html", PAGE.replace('id="model"', 'id="m"'), "index.html: found no <script id=\"model\""),
    ("explorer_css", "a" * 1_000_000, "expected at most 1000000"),
    ("presets_toml", PRESET + 'file = "no.toml"\n', "presets.toml, preset 1: found no "),
    ("presets_toml", PARTS["explorer/presets.toml"].replace("set = {a", "set = {b"), "found the parameter b, expected one of a"),
    ("presets_toml", PRESET, "presets.toml, preset 1: found file missing"),
], ids=range(8))
def test_refusals_are_one_line_and_write_nothing(tmp_path, part, text, words):
    done = assemble(tmp_path, **{part: text})
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("explorer: ") and done.stderr.count("\n") == 1 and words in done.stderr
    assert not list((tmp_path / "a build").glob("explorer.html*"))


def test_the_presets_name_models_and_their_parameters(tmp_path):
    for file in [*(ROOT / "examples").rglob("*.toml"), *(ROOT / "examples").rglob("topologies.csv")]:
        copy = tmp_path / "examples" / file.relative_to(ROOT / "examples")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    done = assemble(tmp_path, presets_toml=(ROOT / "explorer" / "presets.toml").read_text())
    assert done.returncode == 0, done.stderr
    presets = json.loads(unpacked((tmp_path / "a build" / "explorer.html").read_text(), "presets"))["models"]
    assert len({preset["name"] for preset in presets}) == len(presets) > 20
    for preset in presets:
        assert ("parameter" in preset) == ("from" in preset) == ("to" in preset)
        assert "parameter" not in preset or preset["from"] < preset["to"]
