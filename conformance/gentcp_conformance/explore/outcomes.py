"""Outcomes as lines of Erlang text, without what can never be the same twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import gentcp

from ..term import Term, is_list, is_tuple, normalise, notation
from ..term import reason as without_stack

MUCH = 20000
"""More bytes than this are only said to be many: how many depends on the buffers of the kernel."""
_REST = 1000
"""The same for what is left of a send."""

LOCAL = b"\0gentcp-explore-"
"""What the addresses of local sockets begin with."""

UNDEFINED = ("exception", "error", "undef")
"""What a call comes to of which the subject lacks the function."""

_STATES = frozenset({"rstates", "wstates", "num_readers", "num_writers", "num_acceptors", "states", "domain", "type"})
_SOCKETS = (gentcp.Socket, gentcp.Listener)


def text(value: Term, names: Mapping[int, str]) -> str:
    """The notation of a value; `names` has those of sockets, by identity."""
    try:
        return notation(normalise(_named(value, names)))
    except TypeError as error:
        return f"?{error}"


def exception(error: Any) -> Term:
    """An exception of Erlang as a term."""
    return ("exception", error.class_, without_stack(error.term))


def same(value: Term) -> Term:
    """The value."""
    return value


def sent(value: Term) -> Term:
    """How much of a send is left depends on the kernel's buffers; whether there is a rest does not."""
    match value:
        case ("error", ("timeout", rest)):
            size = _size(rest)
            return ("error", ("timeout", "REST" if size > _REST else "NOTHING" if not size else rest))
        case _:
            return value


def address(value: Term) -> Term:
    """An address without its port."""
    match value:
        case ("ok", (host, int())):
            return ("ok", (host, "PORT"))
        case _:
            return value


def port(value: Term) -> Term:
    """A port without its number."""
    match value:
        case ("ok", number) if isinstance(number, int) and number > 0:
            return ("ok", "PORT")
        case _:
            return value


def counted(value: Term) -> Term:
    """Counters, the large ones as much."""
    match value:
        case ("ok", [*pairs]):
            return ("ok", [(name, "MUCH" if number > MUCH else number) for name, number in pairs])
        case _:
            return value


def asynchronous(value: Term) -> Term:
    """The number by which an asynchronous call is answered is any."""
    match value:
        case ("ok", int()):
            return ("ok", "NUMBER")
        case _:
            return value


def states(value: Term) -> Term:
    """What `inet:info/1` says of states and of who waits, and which keys it has."""
    if not isinstance(value, dict):
        return value
    return {key: each if key in _STATES else "PRESENT" for key, each in value.items()}


def received(value: Term) -> Term:
    """The result of a recv, or an asynchronous one, of much data."""
    match value:
        case ("ok", data) if isinstance(data, bytes | list) and len(data) > MUCH:
            return ("ok", "MUCH")
        case _:
            return value


def drained(data: bytes, end: str) -> Term:
    """What a peer has read: the bytes, or that they are many, and what came then."""
    then = "open" if end == "timeout" else end
    return ("MUCH" if len(data) > MUCH else data, then)


def merged(messages: list[Term]) -> list[Term]:
    """Messages, where much data comes in pieces of any size in one."""
    found: list[Term] = []
    for message in map(_without_number, messages):
        if found and _large(message) and _large(found[-1]) and found[-1][1] is message[1]:
            continue
        found.append((message[0], message[1], "MUCH") if _large(message) else message)
    return found


def _without_number(message: Term) -> Term:
    match message:
        case ("inet_async", sock, int(), result):
            return ("inet_async", sock, "NUMBER", result)
        case _:
            return message


def _large(message: Term) -> bool:
    match message:
        case ("tcp", _, "MUCH"):
            return True
        case ("tcp", _, data) if isinstance(data, bytes | list):
            return len(data) > 1000
        case _:
            return False


def _size(rest: Term) -> int:
    if is_list(rest):
        return sum(len(item) if isinstance(item, bytes) else 1 for item in rest)
    return len(rest) if isinstance(rest, bytes) else 0


def _named(value: Term, names: Mapping[int, str]) -> Term:
    if isinstance(value, _SOCKETS):
        return names.get(id(value), "SOCK")
    if is_tuple(value):
        return tuple(_named(item, names) for item in value)
    if isinstance(value, bytes) and value.startswith(LOCAL):
        return "PATH"
    if is_list(value):
        return "PATH" if bytes(_start(value)) == LOCAL else [_named(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _named(item, names) for key, item in value.items()}
    return value


def _start(items: list[Term]) -> list[int]:
    return [item for item in items[: len(LOCAL)] if isinstance(item, int) and 0 <= item < 256]


_NUMBER = re.compile(r"\d+")
Shows = Callable[[Term], Term]
"""What is shown of a value."""


def abstract(line: str) -> str:
    """A line without its numbers and payloads, for lines of one kind to be the same."""
    without = re.sub(r'<<.*?>>|"(?:\\.|[^"\\])*"|\[\d[\d,]*\]', "DATA", line)
    return _NUMBER.sub("N", without)
