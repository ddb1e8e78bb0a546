"""Terms of a run as Erlang source text: identities get variables, long data a short expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp.erl import ImproperList
from gentcp.terms import Opaque
from gentcp_conformance.data import payload
from gentcp_conformance.peer import Peer, RawListener
from gentcp_conformance.term import Term, normalise, notation

from .sizes import queued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Binaries up to this size stand in full.
SHOWN = 40
# Larger ones in results are what the kernel happened to take: their size is not always the same.
_LARGEST = 65536
_LONGEST_RESULT = 400
# More equal elements than this are written as such.
_REPEATED = 8
# Runs of one byte up to this size are not worth an expression of their own.
_SHORT_RUN = 24
_PAYLOAD = payload(64)[:8]

# A variable or expression inside a term is an atom of this shape until the term is text.
_MARK = re.compile(r"'\$((?:[^'\\]|\\.)*?)\$'")
_EPHEMERAL = range(1024, 65536)
_PORT_FUNCTIONS = frozenset({"gen_tcp:connect", "inet:port", "inet:sockname", "inet:peername", "inet:info"})


@dataclass
class Names:
    """Names in the order of their first appearance: S, S2 for sockets, L for listeners, Port, Ref, P2."""

    backend: str
    lanes: Mapping[gentcp.Process, int]

    def __post_init__(self) -> None:
        self._names: list[tuple[Any, str]] = []
        self._counts: dict[str, int] = {}
        self._ports: dict[int, str] = {}
        self._paths: dict[bytes, str] = {}

    def name(self, thing: Any, stem: str) -> str:
        """The variable for an object, the same for the same object."""
        for known, name in self._names:
            if known is thing:
                return name
        name = self._fresh(stem)
        self._names.append((thing, name))
        return name

    def known(self, thing: Any) -> bool:
        """Whether an object has its name already."""
        return any(known is thing for known, _ in self._names)

    def port(self, number: int) -> str:
        """The variable for a port number."""
        if number not in self._ports:
            self._ports[number] = self._fresh("Port")
        return self._ports[number]

    def path(self, path: str) -> str:
        """The variable for a path, which stands for it as an atom, a binary and a string."""
        if path.encode() not in self._paths:
            self._paths[path.encode()] = self._fresh("Path")
        return self._paths[path.encode()]

    def argument(self, term: Term, verb: str = "") -> str:
        """An argument as Erlang that can be evaluated; Data(N) is N bytes of the case's payload."""
        return self._text(term, verb in _PORT_FUNCTIONS, _binary_expression)

    def result(self, term: Term, verb: str = "") -> str:
        """A result, long data by its size."""
        binary = _binary_rest if verb == "gen_tcp:send" else _binary_size
        text = self._text(term, verb in _PORT_FUNCTIONS, binary)
        return text if len(text) <= _LONGEST_RESULT else text[:_LONGEST_RESULT] + "..."

    def _fresh(self, stem: str) -> str:
        number = self._counts[stem] = self._counts.get(stem, 0) + 1
        return stem if number == 1 else f"{stem}{number}"

    def _text(self, term: Term, ports: bool, binary: Callable[[bytes], Term]) -> str:
        try:
            text = notation(normalise(self._named(term, ports, binary)))
        except TypeError:
            return "Opaque"
        return _MARK.sub(lambda found: _unescape(found[1]), text)

    def _named(self, term: Term, ports: bool, binary: Callable[[bytes], Term]) -> Term:
        match term:
            case bool() | float() | None:
                return term
            case int():
                known = term in self._ports or (ports and term in _EPHEMERAL)
                return _mark(self.port(term)) if known else term
            case str():
                return _mark(self._paths[term.encode()]) if term.encode() in self._paths else term
            case bytes():
                path = self._paths.get(term)
                return _mark(f"list_to_binary({path})") if path else binary(term)
            case ("send_pend", int(count)) if count:
                return ("send_pend", _mark(queued(count)) if count >= 1000 else count)
            case ("fd", int()):
                return ("fd", _mark("Fd"))
            case ("inet_backend", self.backend):
                return ("inet_backend", _mark("Backend"))
            case tuple():
                return tuple(self._named(item, ports, binary) for item in term)
            case list():
                return self._list(term, ports, binary)
            case dict():
                return _mark(self._map(term, ports, binary))
            case ImproperList():
                items = [self._named(item, ports, binary) for item in term.items]
                return ImproperList(items, self._named(term.tail, ports, binary))
            case _:
                return _mark(self._identity(term))

    def _list(self, items: list[Term], ports: bool, binary: Callable[[bytes], Term]) -> Term:
        string = all(type(item) is int and 0 <= item < 256 for item in items)
        if string and bytes(items) in self._paths:
            return _mark(self._paths[bytes(items)])
        if len(items) > SHOWN and string:
            return _mark(f"binary_to_list(Data({len(items)}))")
        if len(items) > _REPEATED and all(item == items[0] for item in items):
            return _mark(f"lists:duplicate({len(items)},{self._text(items[0], ports, binary)})")
        return [self._named(item, ports, binary) for item in items]

    def _map(self, term: dict[Term, Term], ports: bool, binary: Callable[[bytes], Term]) -> str:
        pairs = ((self._text(key, ports, binary), self._text(value, ports, binary)) for key, value in term.items())
        return f"#{{{', '.join(f'{key} => {value}' for key, value in sorted(pairs))}}}"

    def _identity(self, thing: Any) -> str:
        if isinstance(thing, gentcp.Process):
            lane = self.lanes.get(thing)
            return f"P{lane}" if lane else self.name(thing, "Pid")
        for kind, stem in _STEMS:
            if isinstance(thing, kind):
                return self.name(thing, stem)
        return self.name(thing, thing.kind.capitalize()) if isinstance(thing, Opaque) else "Opaque"


_STEMS: tuple[tuple[Any, str], ...] = (
    (gentcp.Socket, "S"),
    (gentcp.Listener, "L"),
    (gentcp.Ref, "Ref"),
    (Peer, "Peer"),
    (RawListener, "Raw"),
)


def _mark(text: str) -> str:
    return f"${text}$"


def _unescape(text: str) -> str:
    return text.replace("\\'", "'").replace("\\\\", "\\")


def _binary_rest(data: bytes) -> Term:
    return data if len(data) <= SHOWN else _mark("<<...>>")


def _binary_size(data: bytes) -> Term:
    if len(data) <= SHOWN:
        return data
    if len(data) > _LARGEST and len(data) % 1024:
        return _mark("<<...>>")
    return _mark(f"<<{len(data)} bytes>>")


def _binary_expression(data: bytes) -> Term:
    if len(data) <= SHOWN:
        return data
    start = data.find(_PAYLOAD)
    if 0 <= start <= SHOWN and payload(len(data) - start) == data[start:]:
        rest = f"Data({len(data) - start})"
        return _mark(f"<<{_segments(data[:start])},({rest})/binary>>" if start else rest)
    segments = list(_runs(data))
    if len(segments) == 1 and segments[0].startswith("("):
        return _mark(segments[0][1:].removesuffix(")/binary"))
    text = f"<<{','.join(segments)}>>"
    return _mark(text if len(text) <= 2 * SHOWN else f"Data({len(data)})")


def _runs(data: bytes) -> Iterator[str]:
    """Segments of a binary, long runs of one byte as an expression."""
    plain = 0
    for found in re.finditer(rb"(?s)(.)\1{%d,}" % _SHORT_RUN, data):
        if found.start() > plain:
            yield _segments(data[plain : found.start()])
        yield f"(binary:copy({notation(found[1])},{len(found[0])}))/binary"
        plain = found.end()
    if plain < len(data):
        yield _segments(data[plain:])


def _segments(data: bytes) -> str:
    return notation(data)[2:-2]
