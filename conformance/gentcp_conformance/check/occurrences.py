"""What a file does with sockets: calls, options, results that are matched, messages, names that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from gentcp_conformance.coverage import inventory

from .flow import Origins, Variables, Wrappers, called, is_socket, sockets_of
from .tree import Node, Source, atom_of

What = Literal["call", "option", "result", "message", "name", "caught", "address"]

_TAGS = frozenset({
    "tcp", "tcp_closed", "tcp_error", "tcp_passive", "inet_reply", "inet_async", "$socket", "EXIT", "DOWN", "http",
    "ssl_tls",
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

_COUNTERS = frozenset({
    "recv_oct", "recv_cnt", "recv_max", "recv_avg", "recv_dvi", "send_oct", "send_cnt", "send_max", "send_avg",
    "send_pend",
})  # fmt: skip
_GETSTAT, _SETOPTS = "inet:getstat/2", "inet:setopts/2"
_COMPARED = frozenset({"erlang:=:=", "erlang:==", "erlang:in", "erlang:orelse"})

_PATHS = ("path", "sock", "file", "addr", "host")
_PACKETS = frozenset({"line", "http", "http_bin", "httph", "httph_bin", "ssl_tls", "asn1", "sunrm", "tpkt", "fcgi"})
_SPAWN = frozenset({
    "erlang:spawn", "erlang:spawn_link", "erlang:spawn_monitor", "spawn", "spawn_link", "spawn_monitor", "Task:async",
    "Task:start", "Task:start_link", "proc_lib:spawn", "proc_lib:spawn_link",
})  # fmt: skip
"""Functions whose argument a new process does."""
_ALONE = frozenset({"binary", "list", "inet", "inet6", "local"})
"""Options without a value."""


@dataclass(frozen=True)
class Occurrence:
    """Something that a rule may be about.

    - `call`: `name` is "gen_tcp:send/2", `value` a tuple of the arguments, in which a variable that a guard
      says is an atom is none any more, `on_socket` whether one of them is seen to
      be a socket, and `spawned` whether the call stands in what a new process is to do.
    - `option`: the name of an option that is set; `value` is its value, and `at` the function it is given to, if that
      can be seen.  `beside` has the names of the options in the same list.
    - `result`: the function whose result is matched with `value`; `asserted` if any other result raises.
    - `message`: the first atom of a message; `value` is the pattern, `on_socket` as with calls, and `flushed` whether
      it is received only if it is there already, by `after 0`.
    - `name`: what is asked for `at` inet:getopts/2 and the like.
    - `caught`: the function in a try, and the reason that is caught as `value`.
    - `address`: "local", for `{local, Path}`.

    `function` has that in which a call or result stands, such as "init/1".
    """

    what: What
    name: str
    node: Node
    value: Node | None = None
    at: str = ""
    beside: frozenset[str] = frozenset()
    on_socket: bool = False
    asserted: bool = False
    spawned: bool = False
    flushed: bool = False
    function: str = ""


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
    """What is known inside one clause.

    `taken` are the lists that are no options, or whose place has been seen; `spawned` are calls in new processes, and
    `flushing` the clauses of a receive that does not wait.
    """

    function: str = ""
    variables: Variables = field(default_factory=dict[str, Origins])
    sockets: frozenset[str] = frozenset()
    atoms: frozenset[str] = frozenset()
    taken: set[int] = field(default_factory=set[int])
    spawned: set[int] = field(default_factory=set[int])
    flushing: set[int] = field(default_factory=set[int])


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
            within = _Within()
            if clauses:
                within = _Within(clause.text, self._wrappers.variables(clause), sockets_of(nodes), _atoms(clause))
            for node in nodes:
                yield from self._node(node, within)

    def _node(self, node: Node, within: _Within) -> Iterator[Occurrence]:
        match node.kind:
            case "call":
                yield from self._call(node, within)
            case "case":
                yield from self._case(node, within)
            case "match":
                within.taken.update(_lists(node.parts[:1]))
                yield from self._results(node.parts[1], [node.parts[0]], within, asserted=node.text != "<-")
            case "tuple" if len(node.parts) == 2 and atom_of(node.parts[0]) == "local" and _is_path(node.parts[1]):
                yield Occurrence("address", "local", node, node)
            case "clause":
                within.taken.update(_lists(node.patterns))
                yield from _messages(node, flushed=id(node) in within.flushing)
            case "receive" if _does_not_wait(node):
                within.flushing.update(id(part) for part in node.parts)
            case "list":
                if id(node) not in within.taken:
                    yield from _options(node, "")
                    yield from _counters(node)
            case "other" if node.text == "try":
                yield from self._try(node)
            case "function":
                yield Occurrence("call", node.text, node, on_socket=True)
            case _:
                pass

    def _call(self, node: Node, within: _Within) -> Iterator[Occurrence]:
        name = called(node)
        if node.text in _SPAWN:
            within.spawned.update(id(each) for each in node if each.kind == "call")
        if not name:
            yield from self._given_on(node, within.variables)
            yield from _set_alone(node)
            yield from _given_elsewhere(node, within.taken)
            return
        on_socket = any(is_socket(part, within.sockets) for part in node.parts)
        yield Occurrence(
            "call", name, node, _tuple_of(node, within.atoms), on_socket=on_socket, spawned=id(node) in within.spawned,
            function=within.function,
        )  # fmt: skip
        if node.text in _COMPARED:
            yield from _asked(node)
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

    def _case(self, node: Node, within: _Within) -> Iterator[Occurrence]:
        for clause in node.parts[1:]:
            if clause.kind == "clause":
                yield from self._results(node.parts[0], clause.patterns[:1], within)

    def _results(
        self, value: Node, patterns: Iterable[Node], within: _Within, *, asserted: bool = False
    ) -> Iterator[Occurrence]:
        origins = sorted(self._wrappers.origins(value, within.variables))
        for pattern in patterns:
            if pattern.kind != "variable":
                for origin in origins:
                    yield Occurrence("result", origin, pattern, pattern, asserted=asserted, function=within.function)

    def _try(self, node: Node) -> Iterator[Occurrence]:
        tried = sorted({name for part in node.parts for each in part if each.kind == "call" and (name := called(each))})
        for part in node.parts:
            for clause in part.parts if part.kind == "catch" else ():
                for reason in clause.patterns[1:2]:
                    yield from (Occurrence("caught", name, clause, reason) for name in tried)


def _does_not_wait(receive: Node) -> bool:
    """Whether it ends in `after 0`."""
    last = receive.parts[-1] if receive.parts else receive
    times = last.patterns if last.kind == "clause" else last.parts
    return bool(times) and times[0].kind == "number" and times[0].text == "0"


def _is_path(node: Node) -> bool:
    """Names of processes are `{local, Name}`, too."""
    words = "".join(each.text.lower() for each in node)
    return node.kind == "string" or any(word in words for word in _PATHS)


def _messages(clause: Node, *, flushed: bool) -> Iterator[Occurrence]:
    for pattern in clause.patterns:
        for each in pattern.parts if pattern.kind == "match" else (pattern,):
            if each.kind == "tuple" and each.parts:
                on_socket = any("sock" in part.text.lower() for part in each.parts if part.kind == "variable")
                for tag in _tags(each.parts[0], clause.guards):
                    yield Occurrence("message", tag, each, _tagged(each, tag), on_socket=on_socket, flushed=flushed)


def _tags(first: Node, guards: Node) -> Iterator[str]:
    """The atom that a message begins with, or the atoms that a guard compares its first variable to."""
    if first.kind == "atom" and first.text in _TAGS:
        yield first.text
    elif first.kind == "variable":
        for node in guards:
            if node.kind == "call" and node.text in _COMPARED and node.parts[0].text == first.text:
                yield from (part.text for part in node.parts[1] if part.kind == "atom" and part.text in _TAGS)


def _tagged(message: Node, tag: str) -> Node:
    first = message.parts[0]
    if first.kind == "atom":
        return message
    return Node(
        "tuple", "", (Node("atom", tag, (), first.line, first.column), *message.parts[1:]), first.line, first.column
    )


def _lists(patterns: Iterable[Node]) -> Iterator[int]:
    return (id(each) for pattern in patterns for each in pattern if each.kind == "list")


def _tuple_of(call: Node, atoms: frozenset[str]) -> Node:
    parts = tuple(
        Node("other", "atom", (), part.line, part.column) if part.kind == "variable" and part.text in atoms else part
        for part in call.parts
    )
    return Node("tuple", "", parts, call.line, call.column)


def _atoms(clause: Node) -> frozenset[str]:
    """The variables that its guards say are atoms."""
    tests = [each for each in clause.guards if each.kind == "call" and each.text == "erlang:is_atom"]
    return frozenset(part.text for test in tests for part in test.parts)


def _set_alone(call: Node) -> Iterator[Occurrence]:
    """`set_option_default(Options, send_timeout, 30000)`, `Keyword.put(options, :nodelay, true)`."""
    words = call.text.lower()
    if ("opt" in words or words.startswith(("keyword:put", "lists:key"))) and "get" not in words:
        for name, value in zip(call.parts, call.parts[1:], strict=False):
            if atom_of(name) in options() - _COMMON:
                yield Occurrence("option", name.text, name, value)


def _given_elsewhere(call: Node, taken: set[int]) -> Iterator[Occurrence]:
    """Functions that are called getstat or setopts, of any module."""
    name = call.text.rpartition(":")[2]
    at = _GETSTAT if name.startswith("getstat") else _SETOPTS if name == "setopts" else ""
    for argument in call.parts[1:] if at else ():
        yield from _taken(argument, at, taken)


def _asked(comparison: Node) -> Iterator[Occurrence]:
    """`Name =:= send_pend`."""
    for part in comparison.parts:
        if part.kind == "atom" and part.text in _COUNTERS:
            yield Occurrence("name", part.text, part)


def _counters(items: Node) -> Iterator[Occurrence]:
    """A list of names that is kept for a call elsewhere."""
    names = [item for item in items.parts if atom_of(item) in _COUNTERS]
    if len(names) > 1:
        yield from (Occurrence("name", item.text, item) for item in names)


def _taken(argument: Node, name: str, taken: set[int]) -> Iterator[Occurrence]:
    """What is in the options or names that a function is given."""
    for part in argument:
        if part.kind == "list" and id(part) not in taken:
            taken.add(id(part))
            yield from _options(part, name) if name in _TAKE_OPTIONS else _names(part, name)
    if argument.kind == "atom":
        yield Occurrence("name", argument.text, argument, at=name)


def given(arguments: Sequence[Node], name: str) -> Iterator[Occurrence]:
    """The options or names in the arguments of a call of a function such as "gen_tcp:connect/3"."""
    place = _TAKE_OPTIONS.get(name, _TAKE_NAMES.get(name))
    if place is not None and place < len(arguments):
        yield from _taken(arguments[place], name, set())


def _options(items: Node, at: str) -> Iterator[Occurrence]:
    found = [(name, value, item) for item in items.parts for name, value in [_option(item)] if name]
    names = frozenset(name for name, _, _ in found)
    both_families = names.issuperset({"inet", "inet6"}) and len(items.parts) > len(names)
    packet_type = any(_is_packet_type(name, value) for name, value, _ in found)
    if at or names - _COMMON or len(names) > 2 or both_families or packet_type:
        for name, value, item in found:
            yield Occurrence("option", name, item, value, at, names)


def _is_packet_type(name: str, value: Node | None) -> bool:
    return name == "packet" and value is not None and value.text in _PACKETS


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
