"""What a program begins with: its sockets and the raw ones at their other ends, over each family of addresses."""

from __future__ import annotations

import itertools
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gentcp.erl import application, gen_tcp, inet

from ..peer import Peer
from ..term import Term
from .outcomes import LOCAL, same
from .program import OWN
from .stage import BLOCKED, Lost, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_MS = 5000
_PATIENCE = 8.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Family:
    """A kind of address, as both faces and raw sockets have it."""

    name: str
    host: Term
    raw: socket.AddressFamily
    raw_host: str
    options: tuple[Term, ...] = ()


FAMILIES = {
    "inet": Family("inet", (127, 0, 0, 1), socket.AF_INET, "127.0.0.1"),
    "inet6": Family("inet6", (0, 0, 0, 0, 0, 0, 0, 1), socket.AF_INET6, "::1", ("inet6",)),
    "local": Family("local", None, socket.AF_UNIX, "", ("local",)),
}


class Refused(Exception):
    """A socket could not be opened; the log says why."""


def open_stage(stage: Stage) -> None:
    """Make what the program begins with.  Raises Refused."""
    for key, options in stage.program.environment:
        name = f"inet_default_{key}_options"
        _call(stage, "set_env", application.set_env, "kernel", name, list(options))
    OPENINGS[stage.program.opening](stage)


def close_stage(stage: Stage) -> None:
    """Take back what is of the whole program, not of its sockets."""
    for key, _ in stage.program.environment:
        application.unset_env("kernel", f"inet_default_{key}_options")


def raw_connect(stage: Stage, name: str, listener: str) -> bool:
    """A raw peer of that name, connected to a listener of the subject; False when that is impossible."""
    family, where = FAMILIES[stage.program.family], stage.things[f"address of {listener}"]
    raw = socket.socket(family.raw)
    raw.settimeout(1.0)
    if stage.program.rcvbuf:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, stage.program.rcvbuf)
    try:
        raw.connect(where)
    except OSError:
        raw.close()
        return False
    _add(stage, name, raw)
    return True


def _add(stage: Stage, name: str, raw: socket.socket) -> None:
    if raw.family != socket.AF_UNIX:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stage.peers[name] = Peer(raw)


def _connected(stage: Stage) -> None:
    """`s`, connected to the raw peer `p`."""
    program = stage.program
    family = FAMILIES[program.family]
    listener = socket.socket(family.raw)
    stage.raw.append(listener)
    if program.rcvbuf:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, program.rcvbuf)
    listener.bind(_raw_address(family))
    listener.listen(5)
    listener.settimeout(2.0)
    _connect(stage, _where(family, listener.getsockname()), program.options)
    _add(stage, "p", listener.accept()[0])
    listener.close()


def _accepted(stage: Stage) -> None:
    """`s`, accepted by the listener `l` from the raw peer `p`; the options are the listener's."""
    _listen(stage, stage.program.options)
    if not raw_connect(stage, "p", "l"):
        raise Refused
    _bound(stage, "s", "accept", gen_tcp.accept, stage.things["l"], _PATIENCE_MS)


def _both(stage: Stage) -> None:
    """`s`, connected to `t`, which the listener `l` has accepted."""
    _listen(stage, stage.program.other)
    _connect(stage, _subject_address(stage), stage.program.options)
    _bound(stage, "t", "accept", gen_tcp.accept, stage.things["l"], _PATIENCE_MS)


def _listening(stage: Stage) -> None:
    """The listener `l`, and nobody who has connected."""
    _listen(stage, stage.program.options)


OPENINGS: dict[str, Callable[[Stage], None]] = {
    "connected": _connected,
    "accepted": _accepted,
    "both": _both,
    "listening": _listening,
}


def local_name() -> bytes:
    """A new address in the abstract namespace, which leaves no file behind."""
    return LOCAL + f"{os.getpid()}-{next(_numbers)}".encode()


def _listen(stage: Stage, options: tuple[Term, ...]) -> None:
    family = FAMILIES[stage.program.family]
    address = ("local", local_name()) if family.host is None else family.host
    given = [("inet_backend", stage.backend), *family.options, ("ip", address), *options]
    _bound(stage, "l", "listen", gen_tcp.listen, 0, given)
    if family.host is None:
        stage.things["address of l"] = address[1]
        return
    number = _call(stage, "port", inet.port, stage.things["l"])[1]
    stage.things["address of l"] = (family.raw_host, number)


def _connect(stage: Stage, where: tuple[Term, int], options: tuple[Term, ...]) -> None:
    given = [("inet_backend", stage.backend), *FAMILIES[stage.program.family].options, *options]
    _bound(stage, "s", "connect", gen_tcp.connect, *where, given, _PATIENCE_MS)


def _subject_address(stage: Stage) -> tuple[Term, int]:
    family, where = FAMILIES[stage.program.family], stage.things["address of l"]
    return _where(family, where)


def _where(family: Family, address: Term) -> tuple[Term, int]:
    return (("local", address), 0) if family.host is None else (family.host, address[1])


def _raw_address(family: Family) -> Term:
    return local_name() if family.host is None else (family.raw_host, 0)


def _bound(stage: Stage, name: str, label: str, function: Callable[..., Term], *args: Term) -> None:
    result = _call(stage, label, function, *args)
    match result:
        case ("ok", _):
            stage.bind(name, result)
        case _:
            stage.say(label, result)
            raise Refused


def _call(stage: Stage, label: str, function: Callable[..., Term], *args: Term) -> Term:
    actor = stage.actor(OWN)
    actor.start(label, same, function, *args)
    value = actor.outcome(_PATIENCE)
    actor.looked_at = True
    if value == BLOCKED:
        raise Lost(f"{label} does not return")
    return value
