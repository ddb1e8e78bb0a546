"""How Sphinx builds the documentation."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "gentcp"
release = version_of("gentcp")
version = release
copyright = "the gentcp authors"  # noqa: A001 (Sphinx's name)

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "gentcp"
html_static_path = ["_static"]
html_css_files = ["wide-tables.css"]
