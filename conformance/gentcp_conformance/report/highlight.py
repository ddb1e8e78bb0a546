"""Colours for Python code without a dependency."""

from __future__ import annotations

import io
import keyword
import token
import tokenize
from dataclasses import dataclass

_CLASSES = {
    token.STRING: "s",
    token.NUMBER: "n",
    tokenize.COMMENT: "c",
}


@dataclass(frozen=True)
class Span:
    """A piece of code; `style` is "k" keyword, "s" string, "n" number, "c" comment, "f" defined name, or empty."""

    text: str
    style: str


def spans(code: str) -> list[Span]:
    """`code` in styled pieces; joined they are `code`."""
    lines = code.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found: list[Span] = []
    position, before = 0, ""
    for item in tokenize.generate_tokens(io.StringIO(code).readline):
        style = _style(item, before)
        if item.string.strip():
            before = item.string
        if style:
            begin, end = (starts[row - 1] + column for row, column in (item.start, item.end))
            found += [Span(code[position:begin], ""), Span(code[begin:end], style)]
            position = end
    found.append(Span(code[position:], ""))
    return [span for span in found if span.text]


def _style(item: tokenize.TokenInfo, before: str) -> str:
    if item.type == token.NAME:
        if keyword.iskeyword(item.string):
            return "k"
        return "f" if before in {"def", "class"} else ""
    return _CLASSES.get(item.type, "")
