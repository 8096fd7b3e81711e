#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks what no compiler sees, in the files that git tracks or would track.

Dead relative links in Markdown, files over 500 lines, words that do not belong in the repository,
a missing licence line, British spelling in identifiers, a module without its paragraph in
docs/ARCHITECTURE.md, a file above 1 MiB; and, given a build folder, tests that no program runs.
"""

import argparse
import json
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

MAX_LINES = 500
MAX_BYTES = 1 << 20
TEXT = {".cpp", ".hpp", ".h", ".S", ".py", ".md", ".cmake", ".txt", ".toml", ".json", ".cff", ".js", ".css",
        ".html", ".sh", ".yml", ".bib", ""}
LICENSED = {".cpp", ".hpp", ".h", ".py", ".sh", ".js", ".css"}
LICENCE = "SPDX-License-Identifier: BSD-3-Clause"
# Spelled in two parts, so that this file passes its own check.
FORBIDDEN = {
    "open work": re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"),
    "an issue's number": re.compile(r"\b[Ii]ssue" r" ?#?\d+\b|\(#\d+\)"),
    "a word that dates itself": re.compile(r"\b(?:this|last|previous|next|earlier) sess" r"ion\b", re.I),
    "an em dash": re.compile("\N{EM DASH}"),
    "a merge conflict": re.compile(r"^(?:<{7}|>{7}) "),
}
BRITISH = re.compile(
    r"(?:linear|normal|optim|initial|regular|discret|factor|random|organ|general|minim|maxim|symmetr)is(?:e|ed|es|ing|ation)"
    r"|colour|behaviour|neighbour|(?:^|_)(?:analyse|centre|favour)")
CODE_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|^[ \t]*#[^\n]*', re.S | re.M)
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.M)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.S | re.M)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.M)


def listed_files(root: Path) -> list[Path]:
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    return sorted({root / name for name in names if name and (root / name).is_file()})


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of headings."""
    made = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        made.add(words.replace(" ", "-"))
    return made


def link_errors(file: Path, text: str, root: Path) -> list[str]:
    errors = []
    for match in LINK.finditer(FENCE.sub("", text)):
        link = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = urllib.parse.unquote(link).partition("#")
        target = (file.parent / path).resolve() if path else file
        if not target.exists() or not target.is_relative_to(root):
            errors.append(f"dead link: {link}")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
            errors.append(f"dead link: {link}: no such heading")
    return errors


def identifier_errors(text: str) -> list[str]:
    code = CODE_NOISE.sub(lambda match: "\n" * match.group().count("\n"), text)
    errors = []
    for number, line in enumerate(code.splitlines(), start=1):
        for word in re.findall(r"[A-Za-z_]\w*", line):
            if BRITISH.search(word.lower()):
                errors.append(f"{number}: {word}: identifiers use American spelling")
    return errors


def text_errors(file: Path, root: Path) -> list[str]:
    errors = []
    text = file.read_text(encoding="utf-8", errors="replace")
    lines = text.splitlines()
    is_script = bool(lines) and lines[0].startswith("#!")
    is_data = file.is_relative_to(root / "tests" / "data")
    if len(lines) > MAX_LINES and not is_data and file.name != "LICENSE":
        errors.append(f"{len(lines)} lines; {MAX_LINES} is the limit: one idea each?")
    if (file.suffix in LICENSED or is_script) and not any(LICENCE in line for line in lines[: 1 + is_script]):
        errors.append(f"'{LICENCE}' is missing from the first line")
    for number, line in enumerate(lines, start=1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(line):
                errors.append(f"{number}: {what}: {line.strip()[:80]}")
    if file.suffix in {".cpp", ".hpp"}:
        errors += identifier_errors(text)
    if file.suffix == ".md":
        errors += link_errors(file, text, root)
    return errors


def architecture_errors(root: Path) -> list[str]:
    page = root / "docs" / "ARCHITECTURE.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    modules = sorted(p.name for p in (root / "src" / "nullcline").iterdir() if p.is_dir() and any(p.iterdir()))
    return [f"docs/ARCHITECTURE.md: no paragraph begins with **`{module}`**"
            for module in modules if f"**`{module}`**" not in text]


def unlisted_test_errors(root: Path, build: Path) -> list[str]:
    """Every *_test.cpp must be compiled, every Python test named (itself or its folder) by a ctest."""
    compiled = {Path(entry["file"]).resolve()
                for entry in json.loads((build / "compile_commands.json").read_text())}
    listing = subprocess.run(["ctest", "--test-dir", str(build), "--show-only=json-v1"],
                             check=True, capture_output=True).stdout
    arguments = {Path(argument).resolve() for test in json.loads(listing)["tests"]
                 for argument in test.get("command", []) if argument.startswith("/")}
    errors = []
    for file in listed_files(root):
        if not file.is_relative_to(root / "tests"):
            continue
        if file.name.endswith("_test.cpp") and file.resolve() not in compiled:
            errors.append(f"{file.relative_to(root)}: no test program compiles it")
        is_pytest = file.suffix == ".py" and (file.stem.endswith("_test") or file.stem.startswith("test_"))
        if is_pytest and not {file.resolve(), file.parent.resolve()} & arguments:
            errors.append(f"{file.relative_to(root)}: no ctest runs it")
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--build", type=Path, help="build folder: also look for tests that nothing runs")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    errors = architecture_errors(root)
    files = listed_files(root)
    for file in files:
        where = file.relative_to(root)
        if file.stat().st_size > MAX_BYTES:
            errors.append(f"{where}: {file.stat().st_size} bytes; {MAX_BYTES} is the limit")
        if file.suffix in TEXT:
            errors += [f"{where}:{error}" for error in text_errors(file, root)]
    if arguments.build:
        errors += unlisted_test_errors(root, arguments.build)
    for error in errors:
        print(error)
    print(f"text: {len(files)} files, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
