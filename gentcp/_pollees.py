"""Whom a poller tells that a descriptor is ready."""

from __future__ import annotations

from typing import Protocol

from ._platform import READ, WRITE


class Pollable(Protocol):
    """Something a mailbox watches on behalf of its owner."""

    def on_ready(self, events: int) -> None:
        """The descriptor is ready (or broken).  Called with the mailbox's turn held; must not block."""


class Pair:
    """One that waits for data, if any, and one that waits for room, on the same descriptor: a poller has it once."""

    __slots__ = ("reader", "writer")

    def __init__(self, reader: Pollable | None, writer: Pollable | None) -> None:
        self.reader: Pollable | None = reader
        self.writer: Pollable | None = writer

    @property
    def events(self) -> int:
        """What they wait for."""
        return (READ if self.reader is not None else 0) | (WRITE if self.writer is not None else 0)

    def replaced(self, events: int, pollee: Pollable | None) -> Pair:
        """The same with another one for `events`."""
        return Pair(pollee, self.writer) if events == READ else Pair(self.reader, pollee)

    def on_ready(self, events: int) -> None:
        """Tell whom it concerns; both, when the descriptor is broken."""
        broken = events & ~(READ | WRITE)
        reader, writer = self.reader, self.writer
        if reader is not None and events & READ | broken:
            reader.on_ready(events)
        if writer is not None and events & WRITE | broken:
            writer.on_ready(events)


def pair_of(found: Pollable | None) -> Pair:
    """Who waits there now, as a pair."""
    return found if isinstance(found, Pair) else Pair(found, None)
