"""The same calls of the owner of a long mailbox and of an empty one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gentcp

from .kit import Kit, arrived
from .meters import bytes_at_a_time, instructions

LONG = 100_000
_WIRE = b"\0\0\0\1x"


def _arrival(kit: Kit, active: Any) -> gentcp.Socket:
    """A socket for which a message is here."""
    sock, peer = kit.pair(packet=4, active=active)
    peer.sendall(_WIRE)
    arrived(sock.fileno(), len(_WIRE))
    return sock


def round_trip(kit: Kit) -> Callable[[], object]:
    sock = _arrival(kit, False)
    return lambda: sock.send(sock.recv())


def delivery(kit: Kit) -> Callable[[], object]:
    """Data becomes a message, and the oldest one is received."""
    me = gentcp.current_process()
    _arrival(kit, True)

    def step() -> None:
        me.pump(0.0)
        gentcp.receive()

    return step


def closing(kit: Kit) -> Callable[[], object]:
    return _arrival(kit, False).close


def closing_active(kit: Kit) -> Callable[[], object]:
    return _arrival(kit, True).close


STEPS = (round_trip, delivery, closing, closing_active)


def _measure(backend: str, make: Callable[[Kit], Callable[[], object]], queued: int) -> tuple[int, int]:
    """Instructions of one step, and bytes of another one, with so many messages in the mailbox."""
    me = gentcp.current_process()
    with Kit(backend, "python") as kit:
        for _ in range(10):
            make(kit)()  # until the interpreter has seen it all
        me.take(lambda _message: True)
        counted, sized = make(kit), make(kit)
        for number in range(queued):
            me.post(("unrelated", number))
        found = instructions(counted), bytes_at_a_time(sized)
        me.take(lambda _message: True)
    return found


def all_of(backend: str) -> dict[str, list[tuple[int, int]]]:
    """For each step what it takes with an empty mailbox, and with a long one."""
    return {make.__name__: [_measure(backend, make, queued) for queued in (0, LONG)] for make in STEPS}
