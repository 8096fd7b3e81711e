# SPDX-License-Identifier: BSD-3-Clause
"""The documentation site; script/docs builds it."""

import re

import nullcline

project = "Nullcline"
author = copyright = "the Nullcline developers"
release = version = nullcline.__version__

extensions = ["myst_parser", "sphinx.ext.napoleon", "sphinx.ext.autodoc"]
exclude_patterns = ["requirements.txt"]
myst_heading_anchors = 3

smartquotes = False  # h' is no quotation

html_theme = "furo"
html_title = f"Nullcline {version}"
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": True}
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_param = False  # types such as "(n, n_states) float64" are no names to link
napoleon_use_rtype = False


def plain(app, what, name, obj, options, lines):
    """Docstrings are read in editors first: bars are absolute values, and `A.` is a matrix, no list."""
    lines[:] = [line.replace("|", "\\|").replace("@throws ", "Raises ") for line in lines]
    lines[:] = [re.sub(r"^(\s*[A-Z])\.$", r"\1\\.", line) for line in lines]
    if what == "property":
        lines[:] = [line.removeprefix("(self) -> ") for line in lines]
        lines[:0] = ["..", ""]  # napoleon would take what precedes a colon in the first line for a type


def list_decisions(app, page, source):
    """The list in decisions/README.md is made for readers of the repository."""
    if page == "decisions/README":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"


def setup(app):
    app.connect("autodoc-process-docstring", plain, priority=100)  # before napoleon
    app.connect("source-read", list_decisions)
    return {"parallel_read_safe": True}
