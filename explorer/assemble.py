#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Puts the explorer together: explorer.html from page/, the library as WebAssembly and the presets.

    assemble.py EXPLORER BUILD ESBUILD    reads the folder explorer/, writes BUILD/explorer.html
"""

import base64
import csv
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

MAX_BYTES = 1_000_000
# Where `nullcline portrait --live` writes its model, in place of null.
MODEL = '<script id="model" type="application/json">{{model}}</script>'
PLACE = re.compile(r"\{\{(\w+)\}\}")
REQUIRED = {"group", "title", "name", "file"}
KEYS = REQUIRED | {"set", "parameter", "from", "to", "start"}


class Refusal(Exception):
    pass


def script(text: str, name: str) -> str:
    """The text of a script, as it may stand inside <script>."""
    for end in ("</script", "<!--"):
        if end in text.lower():
            raise Refusal(f"{name}: found {end}, expected nothing that ends a script")
    return text


def packed(data: bytes) -> str:
    """base64 of gzip; zopfli finds a form that is a twentieth shorter than gzip's own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data"
        file.write_bytes(data)
        subprocess.run(["zopfli", "--i5", str(file)], check=True)
        return base64.b64encode(file.with_suffix(".gz").read_bytes()).decode()


def bundle(file: Path, esbuild: str) -> str:
    arguments = ["--bundle", "--minify", "--format=iife", "--charset=ascii", "--target=es2021", "--log-level=warning"]
    done = subprocess.run([esbuild, str(file), *arguments], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Refusal(f"{file}: esbuild refused it")
    return script(done.stdout, str(file))


def preset(entry: dict, folder: Path, where: str) -> dict:
    missing, unknown = REQUIRED - entry.keys(), entry.keys() - KEYS
    if missing or unknown:
        raise Refusal(f"{where}: found {', '.join(sorted(missing)) or sorted(unknown)[0]} "
                      f"{'missing' if missing else 'unknown'}, expected {', '.join(sorted(KEYS))}")
    file = folder / entry["file"]
    if not file.is_file():
        raise Refusal(f"{where}: found no {file}, expected a model file")
    text = file.read_text(encoding="utf-8")
    known = tomllib.loads(text).get("parameters", {})
    chosen = entry.get("set", {})
    for name in [*chosen, *([entry["parameter"]] if "parameter" in entry else [])]:
        if name not in known:
            raise Refusal(f"{where}: found the parameter {name}, expected one of {', '.join(known) or 'none'}")
    given = {key: value for key, value in entry.items() if key not in ("file", "set")}
    return {**given, "text": text, "values": chosen}


def catalogue(file: Path) -> dict:
    """Every topology that the census of two-unit GRUs met: a model of named weights, and their values."""
    names = [f"U_{gate}_{i}_{j}" for gate in "hr" for i in (1, 2) for j in (1, 2)]
    names += [f"b_{gate}_{i}" for gate in "hr" for i in (1, 2)]
    # The units of the symmetric family are alike: six values stand for twelve.
    short = dict(zip(names, "p q q p r s s r b b c c".split(), strict=True))
    networks = []
    for row in csv.DictReader(file.open(encoding="utf-8")):
        found = dict(pair.split("=") for pair in row["parameters"].split())
        if "p" in found:
            found = {name: found[letter] for name, letter in short.items()}
        if found.keys() != set(names):
            raise Refusal(f"{file.name}: found the parameters {', '.join(found)}, expected {', '.join(names)}")
        networks.append([row["name"], *(float(found[name]) for name in names)])
    return {"names": names, "networks": networks}


def read_presets(file: Path, folder: Path) -> list[dict]:
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["presets"]
    return [preset(entry, folder, f"{file.name}, preset {i + 1}") for i, entry in enumerate(entries)]


def assemble(explorer: Path, build: Path, esbuild: str) -> str:
    page = explorer / "page"
    presets = read_presets(explorer / "presets.toml", explorer.parent / "examples")
    topologies = catalogue(explorer.parent / "examples/jordan-2021/catalogue/topologies.csv")
    values = {
        "css": (page / "explorer.css").read_text(encoding="utf-8"),
        "js": bundle(page / "js" / "main.js", esbuild),
        "worker": bundle(page / "js" / "worker.js", esbuild),
        "glue": packed((build / "nullcline.js").read_bytes()),
        "wasm": packed((build / "nullcline.wasm").read_bytes()),
        "presets": packed(json.dumps({"models": presets, "catalogue": topologies}).encode()),
        "model": "null",
        "licenses": html.escape((explorer / "licenses.txt").read_text(encoding="utf-8")),
    }
    if "</style" in values["css"].lower():
        raise Refusal("explorer.css: found </style, expected nothing that ends a style sheet")
    template = (page / "index.html").read_text(encoding="utf-8")
    places = PLACE.findall(template)
    if sorted(places) != sorted(values):
        raise Refusal(f"index.html: found the places {', '.join(sorted(places))}, "
                      f"expected each of {', '.join(sorted(values))} once")
    if MODEL not in template:
        raise Refusal(f"index.html: found no {MODEL}, expected it")
    return PLACE.sub(lambda match: values[match[1]], template)


def main() -> int:
    explorer, build, esbuild = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    try:
        text = assemble(explorer, build, esbuild).encode()
        if len(text) > MAX_BYTES:
            raise Refusal(f"explorer.html: found {len(text)} bytes, expected at most {MAX_BYTES}")
    except (Refusal, OSError, subprocess.CalledProcessError, tomllib.TOMLDecodeError) as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 1
    partial = build / "explorer.html.partial"
    partial.write_bytes(text)
    os.replace(partial, build / "explorer.html")
    print(f"explorer: {build / 'explorer.html'}, {len(text)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
