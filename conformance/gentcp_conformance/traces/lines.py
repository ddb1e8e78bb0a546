"""Phrases in lines of a width."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gentcp_conformance.contrast import breaks

if TYPE_CHECKING:
    from .phrases import Phrase

_MORE = "…"
_LINES = 2

RESULT, BLOCKS, FAINT = "r", "w", "f"


class Line(NamedTuple):
    """Text with its class, and what stands behind it with another."""

    text: str
    kind: str = ""
    more: str = ""
    more_kind: str = ""


def wrapped(said: Phrase, tag: str, width: int) -> list[Line]:
    """The lines of a phrase; what takes more than two for the call, or for the result, is cut."""
    if said.faint:
        return [Line(line, FAINT) for line in _cut(said.text, width)]
    text, kind = tag + said.text, BLOCKS if said.blocks else RESULT
    result = "blocks …" if said.blocks else said.result and f"→ {said.result}"
    if len(text) + len(result) < width:
        return [Line(text, "", f" {result}" if result else "", kind)]
    lines = [Line(line) for line in _cut(text, width)]
    return [*lines, *(Line(line, kind) for line in _cut(result, width) if result)]


def _cut(text: str, width: int) -> list[str]:
    lines = [text[start:end].strip() for start, end in pairwise([0, *breaks(text, width), len(text)])]
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], lines[_LINES - 1][: width - 1] + _MORE]
    return lines
