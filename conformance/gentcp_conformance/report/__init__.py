"""One self-contained HTML page of a matrix: offline, on a phone, in the dark, without mouse or scripts."""

from __future__ import annotations

from .page import render as render
