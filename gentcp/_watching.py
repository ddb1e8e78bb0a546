"""The descriptors that a mailbox polls for its owner, and what is done when the system has none to poll with."""

from __future__ import annotations

import contextlib
import select
import threading
from time import sleep
from typing import Protocol

from ._compiled import mypyc_attr
from ._platform import READ, SLICE, WRITE, Poller, Waker, new_woken_poller


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


@mypyc_attr(allow_interpreted_subclasses=True)
class Watching:
    """The part of a mailbox that polls.  Whoever serves what is ready holds the mailbox's turn."""

    __slots__ = (
        "_bell", "_opening", "_pollees", "_poller", "_poor", "_released", "_stale", "_strays", "_unusual", "_waiting",
    )  # fmt: skip

    def __init__(self) -> None:
        self._opening = threading.RLock()  # a signal handler may come in the middle
        self._waiting = False
        self._released = False
        self._bell: Waker | None = None
        self._poller: Poller | None = None
        self._pollees: dict[int, Pollable] = {}
        self._unusual: dict[int, int] = {}
        """For what those wait who do not wait to read."""
        self._strays: set[int] = set()
        """Those that the poller does not know of."""
        self._stale = False
        """The poller knows of something that it should not."""
        self._poor = False
        """Either of these."""

    def ring(self) -> None:
        """Let receive look again."""
        bell = self._bell  # read once: who ends takes it away
        if bell is not None:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                bell.wake()

    def pump(self, timeout: float) -> None:
        """Serve the watched descriptors that are ready, waiting up to `timeout` seconds (-1: for ever)."""
        poller, pollees = self._poller, self._pollees
        ready = self._poll_poorly(timeout) if poller is None or self._poor else poller.poll(timeout, 256)
        self._waiting = False  # what is posted from here on needs no bell
        for fd, events in ready:
            pollee = pollees.get(fd)
            if pollee is not None:
                pollee.on_ready(events)
            elif self._bell is not None and fd == self._bell.fd:
                self._bell.drain()

    def watch(self, fd: int, pollee: Pollable, events: int = READ) -> None:
        """Have `pollee.on_ready` called when `fd` is ready."""
        poller = self._poller or self._open_poller()
        if self._released:
            return
        if events != READ or self._unusual:
            pollee, events = self._paired(fd, pollee, events)
        self._pollees[fd] = pollee
        if poller is None:
            self._mend(fd)
            return
        try:
            poller.register(fd, events)  # as in `_registered`, without the call
        except (OSError, ValueError):
            if not _registered(poller, fd, events):
                self._mend(fd)
        if poller is not self._poller:
            self._mend(fd)

    def unwatch(self, fd: int, events: int = READ, pollee: Pollable | None = None) -> None:
        """Undo `watch`, if it was for `pollee`; nothing happens if there was none."""
        poller = self._poller  # as in `ring`
        pollees = self._pollees
        if self._unusual and fd in self._unusual and self._parted(fd, events, pollee):
            return
        if fd not in pollees or (pollee is not None and pollees[fd] is not pollee):
            return
        if pollees.pop(fd, None) is None or poller is None:
            return
        try:
            poller.unregister(fd)
        except (OSError, ValueError, KeyError):
            if fd not in self._strays:
                self.renew()

    def _paired(self, fd: int, pollee: Pollable, events: int) -> tuple[Pollable, int]:
        """Who is told when there is somebody already who waits for something else."""
        pair = pair_of(self._pollees.get(fd)).replaced(events, pollee)
        if pair.writer is None:
            return pollee, events
        self._unusual[fd] = pair.events
        return pair, pair.events

    def _parted(self, fd: int, events: int, pollee: Pollable | None) -> bool:
        """Undo `watch` for one of two; False when there is no other."""
        pair = pair_of(self._pollees.get(fd))
        mine = pair.reader if events == READ else pair.writer
        if mine is None or pollee not in (None, mine):
            return True
        rest = pair.replaced(events, None)
        del self._unusual[fd]
        if not rest.events:
            self._pollees[fd] = mine
            return False
        self._pollees[fd] = rest if rest.reader is None else rest.reader
        if rest.reader is None:
            self._unusual[fd] = rest.events
        poller = self._poller
        if poller is None or not _registered(poller, fd, rest.events):
            self._mend(fd)
        return True

    def renew(self) -> None:
        """The poller may poll what was closed behind our back, and cannot be told to stop: there has to be another."""
        self._stale = self._poor = True
        self.ring()

    def poller_fd(self) -> int:
        """A descriptor that is readable when a watched one is; -1 when there is no such thing, or not for now."""
        poller = self._poller or self._open_poller()
        return -1 if poller is None or self._poor else poller.fileno()

    @property
    def polled_poorly(self) -> bool:
        """Whether `poller_fd` does not have all that is watched, for now: `pump` does."""
        return bool(self._pollees) and (self._poor or self._poller is None)

    def _open_poller(self) -> Poller | None:
        """None when the owner's thread is done, and nobody would close it; or when the system has no descriptors."""
        with self._opening:
            if self._poller is None and not self._released:
                with contextlib.suppress(OSError, MemoryError):
                    self._poller, self._bell = new_woken_poller()
            return self._poller

    # ---- polling when the system has no descriptors, or its poller does not do

    def _mend(self, stray: int) -> None:
        """`stray` is watched, and the poller does not know of it."""
        with self._opening:
            self._strays.add(stray)
            self._poor = True
        self.ring()

    def _poll_poorly(self, timeout: float) -> list[tuple[int, int]]:
        """What is ready, not later than in a SLICE.

        With a new poller at once: whoever could not ring its bell before is heard, since the owner looks again.
        """
        poller = self._poller or self._open_poller()
        if self._released:
            return []
        if poller is not None:
            poller = self._repaired(poller)
            if not self._poor:
                return poller.poll(0, 256)
        poll = select.poll()
        for fd in tuple(self._strays):
            poll.register(fd, self._unusual.get(fd, READ))
        if poller is not None:
            poll.register(poller.fileno(), READ)
        wait = SLICE if timeout < 0 else min(timeout, SLICE)
        if self._stale:
            sleep(wait)
        ready = poll.poll(1000 * wait)
        if poller is None:
            return ready
        return [event for event in ready if event[0] != poller.fileno()] + poller.poll(0, 256)

    def _repaired(self, poller: Poller) -> Poller:
        """The poller, or another one, which knows of all that it can."""
        with self._opening:
            if self._stale:
                poller = self._another(poller)
            for fd in tuple(self._strays):
                if fd not in self._pollees or _registered(poller, fd, self._unusual.get(fd, READ)):
                    self._strays.discard(fd)
            self._poor = bool(self._strays or self._stale)
        return poller

    def _another(self, old: Poller) -> Poller:
        bell = self._bell
        try:
            made, self._bell = new_woken_poller()
        except (OSError, MemoryError):
            return old
        self._poller, self._stale = made, False
        self._strays.update(tuple(self._pollees))
        for closable in (old, bell):
            if closable is not None:
                closable.close()
        return made


def _registered(poller: Poller, fd: int, events: int) -> bool:
    """Have `poller` poll `fd`; False when the system does not let it, for now."""
    try:
        poller.register(fd, events)
    except FileExistsError:
        poller.modify(fd, events)
    except (OSError, ValueError):  # no memory for it; or it is closed, which the next look finds out
        return False
    return True
