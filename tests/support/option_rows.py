"""A row of the table of options: what it says of sockets, and what sockets do, as answers to the same questions."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gentcp.erl import ErlangError, gen_tcp, inet
from gentcp.options import VARIES, Behaviour, Option

from .options import GOOD, LOOPBACK6, OTHERS

Term = Any
Answers = dict[str, Term]
FAMILIES: dict[str, int] = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "local": socket.AF_UNIX}
ANYWHERE: dict[str, Term] = {"inet": (127, 0, 0, 1), "inet6": LOOPBACK6, "local": ("local", b"")}
EINVAL = ("error", "einval")
NOTHING: Term = ("ok", [])
BADARG = ("exit", "badarg")
SAMPLES: dict[str, Term] = {
    "bind_to_device": b"lo", "broadcast": True, "debug": True, "fd": 0, "inet6": True, "local_port": 0,
    "multicast_if": (127, 0, 0, 1), "multicast_loop": False, "multicast_ttl": 7, "pktoptions": [("tos", 1)],
    "raw": (1, 9, b"\1\0\0\0"), "start_opts": [("timeout", 7)],
}  # fmt: skip
"""For rows without a value among those of the other tests, or with nothing but the default there."""
GROUPS: dict[str, Term] = {"inet": ((224, 0, 0, 1), (127, 0, 0, 1)), "inet6": ((65282, 0, 0, 0, 0, 0, 0, 1), 0)}


@dataclass(frozen=True)
class Row:
    """One option in one column, for sockets of one family."""

    option: Option
    column: str
    family: str

    @property
    def on(self) -> Behaviour | None:
        """None where the backend does not know it."""
        return self.option.on.get(self.column)

    @property
    def sample(self) -> Term:
        """A value that is not the default, where there is one to be had."""
        name = self.option.name
        if self.option.kind == "membership":
            return GROUPS.get(self.family, GROUPS["inet"])
        values = [SAMPLES[name]] if name in SAMPLES else [*GOOD.get(name, ()), *OTHERS.get(name, ())]
        default = None if self.on is None else self.on.default
        return next((value for value in values if value != default), values[0])

    @property
    def applies(self) -> bool:
        """Whether sockets of this family have it."""
        family = FAMILIES[self.family]
        return family in self.option.families and (self.on is None or family in self.on.families)


# ---- what the row says


def said(row: Row) -> Answers:
    """By question."""
    on, where = row.on, row.option.where
    answers: Answers = {"set": ("ok" if _is_taken(row) else "error", _after(row))}
    if row.applies or (on is not None and on.told == "error"):
        answers["default"] = _default(row)
    for call, letter in (("connect", "c"), ("listen", "l")):
        if letter not in where and row.option.sockopt and row.option.name != "netns":
            answers[call] = BADARG
        elif "s" in where and _changes(row):
            answers[call] = "sample"
    if on is not None and _changes(row):
        family = FAMILIES[row.family]
        system = row.option.system
        handed = system is not None and system.handed_down and row.family != "local"
        answers["inherited"] = "sample" if family in on.inherited or handed else "before"
        answers["inherited late"] = "sample" if family in on.inherited else "before"
    return answers


def _default(row: Row) -> Term:
    on = row.on
    if on is None or on.told == "error":
        return EINVAL
    if on.told == "nothing" or on.default is None:
        return NOTHING
    return "some" if on.default is VARIES else on.default


def _is_taken(row: Row) -> bool:
    """Whether setopts says ok."""
    on, option = row.on, row.option
    if on is None or on.role in ("unsupported", "foreign"):
        return False
    if option.system is not None:
        return not on.reports or (row.applies and not option.system.unbound)
    if on.role == "own":
        return option.name in ("active", "raw") or (option.kind == "membership" and row.applies)
    return row.applies or option.kind != "interface"


def _after(row: Row) -> str:
    """What getopts has of the sample then."""
    unbound = row.option.system is not None and row.option.system.unbound
    return "sample" if _changes(row) and not unbound else "before"


def _changes(row: Row) -> bool:
    """Whether there is a way to change it that getopts tells of."""
    on = row.on
    if on is None or on.told != "value":
        return False
    return on.role in ("kept", "process") or (on.role == "system" and row.applies) or row.option.name == "active"


# ---- what sockets do


def seen(row: Row, backend: str, questions: Iterable[str]) -> Answers:
    """By question, `backend` being one that should do what the column says."""
    with contextlib.ExitStack() as ends:
        sockets = Sockets(row, backend, ends)
        asked: dict[str, Callable[[], Term]] = {
            "default": lambda: sockets.agreed(sockets.defaults()),
            "set": lambda: sockets.agreed(sockets.set()),
            "connect": lambda: sockets.given("connect"),
            "listen": lambda: sockets.given("listen"),
            "inherited": lambda: sockets.inherited(late=False),
            "inherited late": lambda: sockets.inherited(late=True),
        }
        return {question: asked[question]() for question in questions}


class Sockets:
    """Connected and listening ones of a backend, closed at the end."""

    def __init__(self, row: Row, backend: str, ends: contextlib.ExitStack) -> None:
        self._row = row
        self._backend = backend
        self._ends = ends
        self._option = (row.option.name, row.sample)

    @staticmethod
    def agreed(found: Iterator[Term]) -> Term:
        """The answer of both a connected and a listening socket, or the two that they give."""
        connected, listening = found
        return connected if connected == listening else (connected, listening)

    def defaults(self) -> Iterator[Term]:
        """What getopts says of new ones."""
        on = self._row.on
        for sock in self._pair():
            value = self._get(sock)
            told = value not in (NOTHING, EINVAL)
            yield "some" if on is not None and on.default is VARIES and told else value

    def set(self) -> Iterator[Term]:
        """What setopts says, and getopts then."""
        for sock in self._pair():
            before = self._get(sock)
            result = inet.setopts(sock, [self._option])
            yield "ok" if result == "ok" else "error", self._named(self._get(sock), before)

    def given(self, call: str) -> Term:
        """What a socket has that was made with it."""
        before = self._get(self._pair()[call == "listen"])
        try:
            sock = self._pair(**{call: [self._option]})[call == "listen"]
        except ErlangError as error:
            return (error.class_, error.term[0] if isinstance(error.term, tuple) else error.term)
        except Refused as refusal:
            return refusal.args[0]
        return self._named(self._get(sock), before)

    def inherited(self, *, late: bool) -> Term:
        """What an accepted socket has of what was set on its listener, `late`: while the connection waited."""
        before = self._get(self._accepted(self._listen()))
        listener = self._listen(*([self._option] if self._unbound and not late else []))
        if not late:
            inet.setopts(listener, [self._option])
        return self._named(self._get(self._accepted(listener, *([self._option] if late else []))), before)

    def _accepted(self, listener: Term, *late: Term) -> Term:
        self._connect(listener)
        inet.setopts(listener, [*late])
        return self._opened(gen_tcp.accept(listener, 5000))

    @property
    def _unbound(self) -> bool:
        """To be set before the socket has an address, and changed by having one of its own."""
        system = self._row.option.system
        return system is not None and system.unbound and self._row.applies

    def _named(self, value: Term, before: Term) -> Term:
        return "sample" if value == self._told() else "before" if value == before else value

    def _told(self) -> Term:
        """The sample as getopts spells it."""
        name, sample = self._option
        if name in ("recbuf", "sndbuf"):
            return 2 * sample
        if name == "netns":
            return [*sample]
        if name == "bind_to_device" and self._row.column == "socket":
            return [*sample, 0]
        return sample

    def _get(self, sock: Term) -> Term:
        """The value, or what getopts says instead."""
        result = inet.getopts(sock, [self._option[0]])
        return result[1][0][1] if result[0] == "ok" and result[1] else result

    def _pair(self, connect: tuple[Term, ...] | list[Term] = (), listen: tuple[Term, ...] | list[Term] = ()) -> Term:
        """A connected and a listening socket with these options."""
        listener = self._listen(*listen)
        return self._connect(self._listen() if listen else listener, *connect), listener

    def _listen(self, *options: Term) -> Term:
        there = ("ifaddr", "any" if self._unbound else ANYWHERE[self._row.family])
        return self._opened(gen_tcp.listen(0, [*self._start(), there, *options]))

    def _connect(self, listener: Term, *options: Term) -> Term:
        name = inet.sockname(listener)[1]
        address, port = (name, 0) if self._row.family == "local" else name
        return self._opened(gen_tcp.connect(address, port, [*self._start(), *options], 5000))

    def _start(self) -> list[Term]:
        return [("inet_backend", self._backend), self._row.family]

    def _opened(self, result: Term) -> Term:
        if result[0] != "ok":
            raise Refused(result)
        self._ends.callback(gen_tcp.close, result[1])
        return result[1]


class Refused(Exception):
    """connect, listen or accept says so."""
