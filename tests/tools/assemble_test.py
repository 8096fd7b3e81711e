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
PARTS = {
    "explorer/page/index.html": PAGE,
    "explorer/page/explorer.css": "p { margin: 0 }",
    "explorer/page/js/main.js": 'import { x } from "./x.js";\nconsole.log(x);\n',
    "explorer/page/js/x.js": 'export const x = "{{model}}</script>";\n',
    "explorer/page/js/worker.js": "postMessage(1);\n",
    "explorer/presets.toml": '[[presets]]\ngroup = "G"\nname = "N"\nfile = "m.toml"\nset = {a = 0.5}\nparameter = "a"\nfrom = 0\nto = 1\n',
    "explorer/licenses.txt": "A & B <c>\n",
    "examples/m.toml": MODEL,
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


def test_everything_stands_in_its_place(tmp_path):
    done = assemble(tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "a build" / "explorer.html").read_text()
    assert script_of(page, "model") == "null"
    assert json.loads(script_of(page, "presets")) == [
        {"group": "G", "name": "N", "text": MODEL, "values": {"a": 0.5}, "parameter": "a", "from": 0, "to": 1}]
    assert gzip.decompress(base64.b64decode(script_of(page, "wasm"))) == b"bytes"
    assert script_of(page, "glue") == PARTS["a build/nullcline.js"]
    assert "A &amp; B &lt;c&gt;" in page and page.count("</script>") == 6
    assert "{{model}}<\\/script>" in page  # text that was put in is not searched for places
    assemble(tmp_path)
    assert (tmp_path / "a build" / "explorer.html").read_text() == page
    assert sorted(os.listdir(tmp_path / "a build")) == ["explorer.html", "nullcline.js", "nullcline.wasm"]


@pytest.mark.parametrize(("part", "text", "words"), [
    ("nullcline_js", "x = '</script>'", "nullcline.js: found </script, expected nothing that ends a script"),
    ("explorer_css", "</style>", "explorer.css: found </style"),
    ("index_html", PAGE.replace("{{css}}", ""), "index.html: found the places"),
    ("index_html", PAGE.replace('id="model"', 'id="m"'), "index.html: found no <script id=\"model\""),
    ("explorer_css", "a" * 1_000_000, "expected at most 1000000"),
    ("presets_toml", '[[presets]]\ngroup = "G"\nname = "N"\nfile = "no.toml"\n', "presets.toml, preset 1: found no "),
    ("presets_toml", PARTS["explorer/presets.toml"].replace("set = {a", "set = {b"), "found the parameter b, expected one of a"),
    ("presets_toml", '[[presets]]\ngroup = "G"\nname = "N"\n', "presets.toml, preset 1: found file missing"),
], ids=range(8))
def test_refusals_are_one_line_and_write_nothing(tmp_path, part, text, words):
    done = assemble(tmp_path, **{part: text})
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("explorer: ") and done.stderr.count("\n") == 1 and words in done.stderr
    assert not list((tmp_path / "a build").glob("explorer.html*"))


def test_the_presets_name_models_and_their_parameters(tmp_path):
    for file in (ROOT / "examples").rglob("*.toml"):
        copy = tmp_path / "examples" / file.relative_to(ROOT / "examples")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    done = assemble(tmp_path, presets_toml=(ROOT / "explorer" / "presets.toml").read_text())
    assert done.returncode == 0, done.stderr
    presets = json.loads(script_of((tmp_path / "a build" / "explorer.html").read_text(), "presets"))
    assert len({preset["name"] for preset in presets}) == len(presets) > 20
    for preset in presets:
        assert (preset["parameter"] is None) == (preset["from"] is None) == (preset["to"] is None)
        assert preset["parameter"] is None or preset["from"] < preset["to"]
