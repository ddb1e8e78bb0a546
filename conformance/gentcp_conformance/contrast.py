"""Two terms in Erlang notation side by side: which tokens differ, and how to shorten them so that it still shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|<<|>>|[\w@.]+|\s+|.', re.DOTALL)
# A token with the brackets that open before it and what closes or separates after it.
_UNIT = re.compile(
    r"""(?:<<|[\[{(])*(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s,\[\]{}<>"']+|.)(?:>>|[\]})])*,?\s*""", re.DOTALL
)
_MORE = "…"


@dataclass(frozen=True)
class Piece:
    """Part of a term's text; `differs` when the other term does not have it there."""

    text: str
    differs: bool


def tokens(text: str) -> list[str]:
    """The tokens of a term in Erlang notation; joined they are the text again."""
    return _TOKEN.findall(text)


def contrast(text: str, other: str) -> list[Piece]:
    """`text` in pieces, marked where it differs from `other`; joined they are `text`."""
    if text == other:
        return [Piece(text, differs=False)]
    mine = tokens(text)
    pieces: list[Piece] = []
    for tag, start, end, _, _ in SequenceMatcher(None, mine, tokens(other), autojunk=False).get_opcodes():
        if start < end:
            pieces.append(Piece("".join(mine[start:end]), differs=tag != "equal"))
    return pieces


def shorten(pieces: list[Piece], limit: int) -> list[Piece]:
    """At most `limit` characters of `pieces`, from a few tokens before the first difference on.

    What is cut shows as an ellipsis; a first token longer than all there is room for is cut in the middle.
    """
    parts = [Piece(token, piece.differs) for piece in pieces for token in tokens(piece.text)]
    if _length(parts) <= limit:
        return pieces
    start = _start(parts, limit)
    head = [Piece(_MORE, differs=False)] if start else []
    return [*head, *_fitting(parts[start:], limit - len(head))]


def breaks(text: str, width: int, unit: re.Pattern[str] = _UNIT) -> list[int]:
    """Where to break `text` into lines of at most `width`: between units, inside only of those that are longer."""
    positions: list[int] = []
    column = 0
    for found in unit.finditer(text):
        start, end = found.span()
        length = end - start
        if column and column + length > width:
            positions.append(start)
            column = 0
        positions += range(start + width - column, end, width) if column + length > width else ()
        column = (column + length) % width or width
    return positions


def _start(parts: list[Piece], limit: int) -> int:
    """Index of the token to begin with: as early as the first difference allows, as late as fills the room."""
    start = next((number for number, part in enumerate(parts) if part.differs), 0)
    room = limit // 3
    while start and room >= len(parts[start - 1].text):
        start -= 1
        room -= len(parts[start].text)
    while start and _length(parts[start - 1 :]) < limit:
        start -= 1
    # An ellipsis for a bracket or two would save nothing.
    return 0 if start <= 2 else start


def _fitting(parts: list[Piece], limit: int) -> list[Piece]:
    if _length(parts) <= limit:
        return parts
    found: list[Piece] = []
    left = limit - len(_MORE)
    for part in parts:
        if len(part.text) > left:
            break
        found.append(part)
        left -= len(part.text)
    if not found:
        found = [Piece(parts[0].text[:left], parts[0].differs)]
    return [*found, Piece(_MORE, differs=False)]


def _length(parts: list[Piece]) -> int:
    return sum(len(part.text) for part in parts)
