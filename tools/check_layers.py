#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks every #include against tools/layers.toml: who may see whom.

Fails on an include that the table forbids, a folder that the table does not know, an `internal/`
header seen from outside its module, a library file that includes a command's or a test's header, and
a table that is circular or names what does not exist.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]')
SOURCES = {".cpp", ".hpp", ".h", ".c", ".cc", ".S", ".inc"}
OUTER = ("cli", "testing", "tests", "benchmarks", "examples", "python")


def table_errors(modules: dict, headers: dict, source_root: Path) -> list[str]:
    errors = []
    for name, visible in modules.items():
        for other in visible:
            if other not in modules:
                errors.append(f"layers.toml: {name} lists {other}, which is no module")
    for name, paths in headers.items():
        if name not in modules:
            errors.append(f"layers.toml: [headers] has {name}, which is no module")
        for path in paths:
            if not (source_root / path).is_file():
                errors.append(f"layers.toml: [headers] lists {path}, which does not exist")
    loop = find_loop(modules)
    if loop:
        errors.append(f"layers.toml: circular: {' -> '.join(loop)}")
    return errors


def find_loop(modules: dict) -> list[str]:
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return []
        for other in modules.get(name, []):
            loop = visit(other, path + [name])
            if loop:
                return loop
        done.add(name)
        return []

    for name in modules:
        loop = visit(name, [])
        if loop:
            return loop
    return []


def included(file: Path, source_root: Path) -> list[tuple[int, Path]]:
    """(line, path) of every include that names a file of this repository."""
    found = []
    text = file.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        if name.startswith("nullcline/"):
            found.append((number, source_root / name))
        elif quote == '"' and (file.parent / name).exists():
            # A relative path is no way around the table.
            found.append((number, (file.parent / name).resolve()))
    return found


def module_of(path: Path, library: Path) -> str | None:
    if not path.is_relative_to(library):
        return None
    parts = path.relative_to(library).parts
    return parts[0] if len(parts) > 1 else ""


def library_errors(root: Path, modules: dict, headers: dict) -> list[str]:
    library = root / "src" / "nullcline"
    errors = []
    for file in sorted(p for p in library.rglob("*") if p.suffix in SOURCES and p.is_file()):
        where = file.relative_to(root)
        own = module_of(file, library)
        if own not in modules:
            errors.append(f"{where}: the folder is not in layers.toml")
            continue
        for line, target in included(file, root / "src"):
            other = module_of(target, library)
            name = target.relative_to(root / "src") if other is not None else target
            if other is None:
                errors.append(f"{where}:{line}: the library includes {target.name} from outside src/")
            elif other == own:
                continue
            elif other not in modules:
                errors.append(f"{where}:{line}: {name}: {other} is not in layers.toml")
            elif "internal" in name.parts[:-1]:
                errors.append(f"{where}:{line}: {name} is internal to {other}")
            elif other not in modules[own] and name.as_posix() not in headers.get(own, []):
                errors.append(f"{where}:{line}: {own} may not include {name}")
    return errors


def outer_errors(root: Path) -> list[str]:
    errors = []
    for folder in OUTER:
        for file in sorted(p for p in (root / folder).rglob("*") if p.suffix in SOURCES):
            for line, target in included(file, root / "src"):
                parts = target.relative_to(root).parts if target.is_relative_to(root) else ()
                if parts[:2] == ("src", "nullcline") and "internal" in parts:
                    errors.append(f"{file.relative_to(root)}:{line}: {target.name} is internal to {parts[2]}")
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    table = tomllib.loads((root / "tools" / "layers.toml").read_text(encoding="utf-8"))
    modules, headers = table["modules"], table.get("headers", {})
    errors = table_errors(modules, headers, root / "src")
    errors += library_errors(root, modules, headers) + outer_errors(root)
    for error in errors:
        print(error)
    print(f"layers: {len(modules)} modules, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
