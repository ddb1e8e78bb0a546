"""What a file does with sockets: calls, options, results that are matched, messages, names that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from gentcp_conformance.coverage import inventory

from .flow import Origins, Variables, Wrappers, called, is_socket, sockets_of
from .tree import Node, Source, atom_of

What = Literal["call", "option", "result", "message", "name", "caught"]

_TAGS = frozenset({
    "tcp", "tcp_closed", "tcp_error", "tcp_passive", "inet_reply", "inet_async", "$socket", "EXIT", "DOWN", "http",
})  # fmt: skip
"""What messages begin with that sockets have to do with."""
_TAKE_OPTIONS = {
    "gen_tcp:connect/2": 1, "gen_tcp:connect/3": 2, "gen_tcp:connect/4": 2, "gen_tcp:listen/2": 1,
    "gen_tcp:fdopen/2": 1, "inet:setopts/2": 1, "prim_inet:setopts/2": 1, "inet_tcp:connect/3": 2,
    "inet_tcp:connect/4": 2, "inet_tcp:listen/2": 1, "prim_inet:setopt/3": 1,
}  # fmt: skip
"""Functions that take a list of options, and which argument that is."""
_TAKE_NAMES = {
    "inet:getopts/2": 1, "prim_inet:getopts/2": 1, "inet:getstat/2": 1, "prim_inet:getstat/2": 1, "inet:i/2": 1,
    "prim_inet:getopt/2": 1, "erlang:port_info/2": 1,
}  # fmt: skip
_COMMON = frozenset({
    "port", "ip", "mode", "list", "header", "priority", "buffer", "debug", "fd", "inet", "inet6", "local", "raw",
    "protocol", "netns", "packet", "deliver", "binary", "backlog",
})  # fmt: skip
"""Names that other lists have, too: alone they do not make a list of options."""

_ALONE = frozenset({"binary", "list", "inet", "inet6", "local"})
"""Options without a value."""


@dataclass(frozen=True)
class Occurrence:
    """Something that a rule may be about.

    - `call`: `name` is "gen_tcp:send/2", and `on_socket` whether one of its arguments is seen to be a socket.
    - `option`: the name of an option that is set; `value` is its value, and `at` the function it is given to, if that
      can be seen.  `beside` has the names of the options in the same list.
    - `result`: the function whose result is matched with `value`.
    - `message`: the first atom of a message; `value` is the pattern.
    - `name`: what is asked for `at` inet:getopts/2 and the like.
    - `caught`: the function in a try, and the reason that is caught as `value`.
    """

    what: What
    name: str
    node: Node
    value: Node | None = None
    at: str = ""
    beside: frozenset[str] = frozenset()
    on_socket: bool = False


@cache
def options() -> frozenset[str]:
    """The names of all options of sockets."""
    rows = inventory.load().rows
    return frozenset(row.name for row in rows if row.section == "option") | {"inet_backend", "binary", "list"}


def occurrences(source: Source) -> Iterator[Occurrence]:
    """All of a file, in the order of its lines as far as functions go."""
    look = _Look(source)
    for form in source.forms:
        yield from look.at(form)


@dataclass
class _Within:
    """What is known inside one clause; `taken` are the lists whose place has been seen."""

    variables: Variables = field(default_factory=dict[str, Origins])
    sockets: frozenset[str] = frozenset()
    taken: set[int] = field(default_factory=set[int])


class _Look:
    def __init__(self, source: Source) -> None:
        self._wrappers = Wrappers(source)
        self._heads: dict[str, list[Node]] = {}
        for form in source.forms:
            for clause in form.parts if form.text else ():
                self._heads.setdefault(clause.text, []).append(clause)

    def at(self, form: Node) -> Iterator[Occurrence]:
        """What one function does, or what is written outside functions."""
        clauses = [part for part in form.parts if part.kind == "clause"]
        for clause in clauses or [form]:
            nodes = self._wrappers.nodes(clause)
            within = _Within(self._wrappers.variables(clause), sockets_of(nodes)) if clauses else _Within()
            for node in nodes:
                yield from self._node(node, within)

    def _node(self, node: Node, within: _Within) -> Iterator[Occurrence]:
        variables = within.variables
        match node.kind:
            case "call":
                yield from self._call(node, within)
            case "case":
                yield from self._case(node, variables)
            case "match":
                yield from self._results(node.parts[1], [node.parts[0]], variables)
            case "clause":
                yield from _messages(node)
            case "list":
                if id(node) not in within.taken:
                    yield from _options(node, "")
            case "other" if node.text == "try":
                yield from self._try(node)
            case "function":
                yield Occurrence("call", node.text, node, on_socket=True)
            case _:
                pass

    def _call(self, node: Node, within: _Within) -> Iterator[Occurrence]:
        name = called(node)
        if not name:
            yield from self._given_on(node, within.variables)
            return
        on_socket = any(is_socket(part, within.sockets) for part in node.parts)
        yield Occurrence("call", name, node, on_socket=on_socket)
        place = _TAKE_OPTIONS.get(name, _TAKE_NAMES.get(name))
        if place is not None and place < len(node.parts):
            yield from _taken(node.parts[place], name, within.taken)

    def _given_on(self, node: Node, variables: Variables) -> Iterator[Occurrence]:
        """`sent(gen_tcp:send(S, D))`: the clauses of sent/1 match the result."""
        for place, argument in enumerate(node.parts):
            for origin in sorted(self._wrappers.origins(argument, variables)) if argument.kind == "call" else ():
                for clause in self._heads.get(node.arity, ()):
                    pattern = clause.patterns[place]
                    yield Occurrence("result", origin, pattern, pattern)

    def _case(self, node: Node, variables: Variables) -> Iterator[Occurrence]:
        for clause in node.parts[1:]:
            if clause.kind == "clause":
                yield from self._results(node.parts[0], clause.patterns[:1], variables)

    def _results(self, value: Node, patterns: Iterable[Node], variables: Variables) -> Iterator[Occurrence]:
        origins = sorted(self._wrappers.origins(value, variables))
        for pattern in patterns:
            if pattern.kind != "variable":
                for origin in origins:
                    yield Occurrence("result", origin, pattern, pattern)

    def _try(self, node: Node) -> Iterator[Occurrence]:
        tried = sorted({name for part in node.parts for each in part if each.kind == "call" and (name := called(each))})
        for part in node.parts:
            for clause in part.parts if part.kind == "catch" else ():
                for name in tried if len(clause.patterns) > 1 else ():
                    yield Occurrence("caught", name, clause, clause.patterns[1])


def _messages(clause: Node) -> Iterator[Occurrence]:
    for pattern in clause.patterns:
        for each in pattern.parts if pattern.kind == "match" else (pattern,):
            tag = atom_of(each.parts[0]) if each.kind == "tuple" and each.parts else ""
            if tag in _TAGS:
                yield Occurrence("message", tag, each, each)


def _taken(argument: Node, name: str, taken: set[int]) -> Iterator[Occurrence]:
    """What is in the options or names that a function is given."""
    for part in argument:
        if part.kind == "list" and id(part) not in taken:
            taken.add(id(part))
            yield from _options(part, name) if name in _TAKE_OPTIONS else _names(part, name)
    if argument.kind == "atom":
        yield Occurrence("name", argument.text, argument, at=name)


def _options(items: Node, at: str) -> Iterator[Occurrence]:
    found = [(name, value, item) for item in items.parts for name, value in [_option(item)] if name]
    names = frozenset(name for name, _, _ in found)
    if at or names - _COMMON or len(names) > 2:
        for name, value, item in found:
            yield Occurrence("option", name, item, value, at, names)


def _option(item: Node) -> tuple[str, Node | None]:
    """Name and value of an option; an atom is its own value."""
    if item.kind == "tuple" and item.parts:
        name = atom_of(item.parts[0])
        size = 4 if name == "raw" else 2
        if len(item.parts) == size and name in options():
            return name, item.parts[1]
        return "", None
    name = atom_of(item)
    return (name, item) if name in _ALONE else ("", None)


def _names(items: Node, at: str) -> Iterator[Occurrence]:
    for item in items.parts:
        if name := atom_of(item):
            yield Occurrence("name", name, item, at=at)
        elif item.kind == "tuple" and item.parts and (name := atom_of(item.parts[0])):
            yield Occurrence("name", name, item, item, at=at)
