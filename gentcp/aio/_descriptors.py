"""What the loop is told of one descriptor, and who wants to know of it."""

from __future__ import annotations

import asyncio
import errno
from typing import Protocol

from gentcp._platform import READ, SLICE, WRITE
from gentcp._watching import Pollable
from gentcp.engine import Flushable

from ._parked import Parked

_FOR_NOW = (errno.ENOMEM, errno.ENOSPC)


class Dispatching(Protocol):
    """What it needs of its host."""

    loop: asyncio.AbstractEventLoop

    def dispatch(self, pollee: Pollable, events: int) -> None:
        """Tell it, and let the tasks go on that it woke."""


class Flush:
    """Polls for a writer of the engine."""

    __slots__ = ("writer",)

    def __init__(self, writer: Flushable) -> None:
        self.writer: Flushable = writer

    def on_ready(self, events: int) -> None:
        self.writer.on_writable()


class Descriptor:
    """It stays registered with the loop until an event comes that nobody wants.

    `reader` and `writer` are set in any thread; all else is the loop's thread's.
    """

    __slots__ = ("_again", "_fd", "_host", "polled", "reader", "writer")

    def __init__(self, host: Dispatching, fd: int) -> None:
        self._host = host
        self._fd = fd
        self._again: asyncio.Handle | None = None
        self.reader: Pollable | None = None
        self.writer: Pollable | None = None
        self.polled: int = 0

    def wanted(self, events: int) -> bool:
        """Whether somebody wants to know of `events`, READ or WRITE."""
        return (self.reader if events == READ else self.writer) is not None

    def poll(self, events: int) -> None:
        """Have the loop poll for `events`."""
        loop = self._host.loop
        if self.polled & events or loop.is_closed():
            return
        try:
            self._add(loop, events)
        except FileNotFoundError:  # the descriptor that had this number was closed behind the loop's back
            loop.remove_reader(self._fd)
            loop.remove_writer(self._fd)
            self.polled = 0
            self._add(loop, events)
        except OSError as error:
            self._look_later(loop, events, error.errno or 0)
            return
        self.polled |= events

    def _look_later(self, loop: asyncio.AbstractEventLoop, events: int, number: int) -> None:
        """The loop cannot poll it: for want of memory, then it will; or never, and whoever wants it finds out why."""
        if self._again is not None:
            self._again.cancel()
        if number in _FOR_NOW:
            self._again = loop.call_later(SLICE, self._poll_wanted)
        else:
            self._again = loop.call_soon(self._readable if events == READ else self._writable)

    def _poll_wanted(self) -> None:
        for events in (READ, WRITE):
            if self.wanted(events):
                self.poll(events)

    def _add(self, loop: asyncio.AbstractEventLoop, events: int) -> None:
        if events == READ:
            loop.add_reader(self._fd, self._readable)
        else:
            loop.add_writer(self._fd, self._writable)

    def stop(self, events: int) -> None:
        """Undo `poll`, unless somebody wants to know again by now."""
        loop = self._host.loop
        if self.polled & events and not loop.is_closed():
            (loop.remove_reader if events == READ else loop.remove_writer)(self._fd)
        self.polled &= ~events
        if self.wanted(events):
            self.poll(events)

    def forget(self) -> None:
        """The loop polls it no more."""
        polled, self.polled, loop = self.polled, 0, self._host.loop
        if self._again is not None:
            self._again.cancel()
        if loop.is_closed():
            return
        if polled & READ:
            loop.remove_reader(self._fd)
        if polled & WRITE:
            loop.remove_writer(self._fd)

    def _readable(self) -> None:
        reader = self.reader
        if reader is None:
            self.stop(READ)
        elif reader.__class__ is Parked:
            reader.on_ready(READ)
        else:
            self._host.dispatch(reader, READ)

    def _writable(self) -> None:
        if self.writer is None:
            self.stop(WRITE)
        else:
            self._host.dispatch(self.writer, WRITE)
