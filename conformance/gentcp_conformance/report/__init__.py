"""One self-contained HTML page of a matrix: works offline, on a phone, in the dark, without a mouse, without scripts."""

from __future__ import annotations

from .page import render as render
