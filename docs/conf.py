# SPDX-License-Identifier: BSD-3-Clause
"""The documentation site; script/docs builds it."""

import nullcline

project = "Nullcline"
author = "the Nullcline developers"
copyright = author
release = version = nullcline.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["requirements.txt"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"Nullcline {version}"
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": True}
autodoc_typehints = "none"
napoleon_google_docstring = False
