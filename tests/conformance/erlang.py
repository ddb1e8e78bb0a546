"""A reader of Erlang notation, written apart from the writer that it checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gentcp.erl import ImproperList

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(
    r"""(?P<float>-?\d+\.\d+(?:e-?\d+)?)|(?P<int>-?\d+)|(?P<string>"(?:\\.|[^"\\])*")|(?P<quoted>'(?:\\.|[^'\\])*')"""
    r"|(?P<atom>[a-z\xdf-\xff][\w@]*)|(?P<mark><<|>>|/utf8|[{}\[\],|])",
    re.DOTALL,
)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}


def parse(text: str) -> Any:
    """The term that `text` is the notation of."""
    matches = list(_TOKEN.finditer(text))
    assert "".join(match[0] for match in matches) == text
    found, rest = _term([(str(match.lastgroup), match[0]) for match in matches])
    assert not rest
    return found


_Tokens = list[tuple[str, str]]


def _term(tokens: _Tokens) -> tuple[Any, _Tokens]:
    (kind, text), rest = tokens[0], tokens[1:]
    if kind == "mark":
        return _COMPOUND[text](rest)
    return _SIMPLE[kind](text), rest


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1], flags=re.DOTALL)


def _atom(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


_SIMPLE: dict[str, Callable[[str], Any]] = {
    "float": float,
    "int": int,
    "string": lambda text: [ord(each) for each in _unquote(text)],
    "quoted": _unquote,
    "atom": _atom,
}


def _items(tokens: _Tokens, *ends: str) -> tuple[list[Any], str, _Tokens]:
    found: list[Any] = []
    while tokens[0][1] not in ends or tokens[0][0] != "mark":
        item, tokens = _term(tokens)
        found.append(item)
        if tokens[0][1] == ",":
            tokens = tokens[1:]
    return found, tokens[0][1], tokens[1:]


def _tuple(tokens: _Tokens) -> tuple[Any, _Tokens]:
    items, _, rest = _items(tokens, "}")
    return tuple(items), rest


def _list(tokens: _Tokens) -> tuple[Any, _Tokens]:
    items, end, rest = _items(tokens, "]", "|")
    if end == "]":
        return items, rest
    tail, rest = _term(rest)
    return ImproperList(items, tail), rest[1:]


def _binary(tokens: _Tokens) -> tuple[Any, _Tokens]:
    if tokens[0][0] == "string":
        text = _unquote(tokens[0][1])
        if tokens[1][1] == "/utf8":
            return text.encode(), tokens[3:]
        return text.encode("latin-1"), tokens[2:]
    items, _, rest = _items(tokens, ">>")
    return bytes(items), rest


_COMPOUND: dict[str, Callable[[_Tokens], tuple[Any, _Tokens]]] = {"{": _tuple, "[": _list, "<<": _binary}
