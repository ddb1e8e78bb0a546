"""Descriptors, readiness and TCP, as Linux has them.

Everything happens between two tasks: nothing in here gives way but the calls in `sockets.py`, which stand for system
calls.  What travels takes the time its link needs; a link that needs none delivers at once, as the loopback does.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent

from .scheduler import Task, World

IN, PRI, OUT, ERR, HUP, NVAL, RDHUP = 1, 2, 4, 8, 16, 32, 0x2000
_ALWAYS = ERR | HUP
RECEIVING, SENDING, BOTH = 1, 2, 3
_RETRIES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds between two attempts to connect to a listener whose queue is full; then the system gives up."""
GIVES_UP = 924.0
"""Seconds after which the system takes a connection for lost."""


def failure(number: int) -> OSError:
    """What a system call raises."""
    return OSError(number, os.strerror(number))


class File:
    """What a descriptor refers to."""

    __slots__ = ("kernel", "references", "waiters", "watchers")

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.references = 0
        self.waiters: list[Task] = []
        self.watchers: list[Epoll] = []

    def mask(self) -> int:
        """What poll(2) says of it."""
        return 0

    def changed(self) -> None:
        """Whoever waits looks again."""
        if self.waiters:
            waiters, self.waiters = self.waiters, []
            for task in waiters:
                self.kernel.world.wake(task)
        for watcher in self.watchers:
            watcher.changed()

    def wait(self, until: float | None, *, again: bool = False) -> None:
        """Until something changes, or until then; see `World.block`."""
        task: Any = getcurrent()
        self.waiters.append(task)
        self.kernel.world.block(until, self, again=again)
        if task in self.waiters:
            self.waiters.remove(task)

    def last_closed(self) -> None:
        """No descriptor refers to it any more."""
        for watcher in tuple(self.watchers):
            watcher.forget(self)


class EventFile(File):
    """eventfd(2)."""

    __slots__ = ("count",)

    def __init__(self, kernel: Kernel, count: int) -> None:
        super().__init__(kernel)
        self.count = count

    def mask(self) -> int:
        return OUT | (IN if self.count else 0)


class Epoll(File):
    """epoll(7), level-triggered."""

    __slots__ = ("entries",)

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.entries: dict[tuple[int, File], int] = {}

    def mask(self) -> int:
        return IN if self.ready() else 0

    def ready(self) -> list[tuple[int, int]]:
        """Descriptors, as they were registered, and what is there."""
        found = []
        for (fd, file), wanted in self.entries.items():
            there = file.mask() & (wanted | _ALWAYS)
            if there:
                found.append((fd, there))
        return found

    def forget(self, file: File) -> None:
        """It is closed."""
        for key in [key for key in self.entries if key[1] is file]:
            del self.entries[key]
        file.watchers.remove(self)

    def last_closed(self) -> None:
        super().last_closed()
        for _, file in self.entries:
            if self in file.watchers:
                file.watchers.remove(self)
        self.entries.clear()


class Link:
    """What is between two ends of a connection."""

    __slots__ = ("delay", "lost", "piece", "stalled")

    def __init__(self, delay: Callable[[], float] | None = None, piece: Callable[[], int] | None = None) -> None:
        self.delay = delay
        """Seconds that something takes; None: none."""
        self.piece = piece
        """Bytes that travel together."""
        self.lost = False


class Stream(File):
    """A TCP socket."""

    __slots__ = (
        "accepting", "backlog", "blocking", "bound", "done", "error", "family", "fin_in", "fin_out", "in_progress",
        "inp", "link", "local", "options", "orphan", "out", "peer", "receive_room", "receive_time", "received",
        "remote", "send_room", "shut",
        "state", "travels", "was_reset", "wire",
    )  # fmt: skip

    def __init__(self, kernel: Kernel, family: int) -> None:
        super().__init__(kernel)
        self.family = family
        self.state = "closed"
        """Or listening, connecting, connected."""
        self.inp = bytearray()
        self.out = bytearray()
        self.wire = bytearray()
        """All that was ever written."""
        self.received = 0
        """Bytes that have ever come."""
        self.was_reset = False
        self.error = 0
        self.shut = 0
        self.done = False
        """The peer has sent its last byte, and it has come."""
        self.fin_in = False
        self.fin_out = 0
        """1: behind what is to be sent; 2: it has come."""
        self.orphan = False
        self.in_progress = False
        """Its connect has not been told yet how that ended."""
        self.peer: Stream | None = None
        self.link: Link | None = None
        self.travels = False
        self.blocking = True
        self.local: tuple[Any, ...] = ("0.0.0.0", 0)
        self.remote: tuple[Any, ...] | None = None
        self.bound = False
        self.accepting: list[Stream] = []
        self.backlog = 0
        self.send_room = kernel.send_room
        self.receive_room = kernel.receive_room
        self.receive_time: float | None = None
        self.options: dict[tuple[int, int], Any] = {}

    # ---- readiness

    def mask(self) -> int:
        state = self.state
        if state == "listening":
            return IN | 0x40 if self.accepting else 0
        found = 0
        shut = self.shut
        if shut == BOTH or state == "closed":
            found |= HUP
        if shut & RECEIVING:
            found |= IN | RDHUP
        if state != "connecting":
            if self.inp:
                found |= IN
            if shut & SENDING or self.writable():
                found |= OUT
        if self.error:
            found |= ERR
        return found

    def writable(self) -> bool:
        """Linux says so while a third of the room is free, and takes data until there is none."""
        return 3 * len(self.out) <= 2 * self.send_room

    # ---- what the peer does

    def send_away(self) -> None:
        """Have what is to be sent travel."""
        while self._has_way():
            link = self.link
            assert link is not None
            if link.delay is not None:
                self.travels = True
                world = self.kernel.world
                world.at(world.now + link.delay(), self._arrives)
                return
            self._arrive()

    def _has_way(self) -> bool:
        """Whether something is to be sent, and the peer has room."""
        link, peer = self.link, self.peer
        if link is None or peer is None or self.travels or not (self.out or self.fin_out == 1):
            return False
        if link.lost:
            if self.out:
                self._give_up_later()
            return False
        return not self.out or len(peer.inp) < peer.receive_room or peer.orphan

    def _give_up_later(self) -> None:
        world = self.kernel.world
        size = len(self.wire)
        world.at(world.now + GIVES_UP, lambda: self._give_up(size))

    def _give_up(self, size: int) -> None:
        if self.link is not None and self.link.lost and self.out and len(self.wire) >= size:
            self.reset(errno.ETIMEDOUT)

    def _arrives(self) -> None:
        self.travels = False
        if self._has_way():
            self._arrive()
            self.send_away()

    def _arrive(self) -> None:
        link, peer = self.link, self.peer
        assert link is not None
        assert peer is not None
        if self.out:
            if peer.orphan or (peer.shut & RECEIVING and peer.fin_out):
                self._rejected(peer)
                return
            room = peer.receive_room - len(peer.inp)
            if room > 0:
                size = min(room, len(self.out)) if link.piece is None else min(room, len(self.out), link.piece())
                full = not self.writable()
                peer.inp += self.out[:size]
                peer.received += size
                del self.out[:size]
                peer.changed()
                if full and self.writable():
                    self.changed()
        if self.fin_out == 1 and not self.out:
            self.fin_out = 2
            peer.take_fin()
            self._end_if_over()
            if self.orphan:
                self.changed()

    def _rejected(self, peer: Stream) -> None:
        """Data for a socket that will not be read: it answers with a reset, and is gone."""
        peer.reset(errno.ECONNRESET)
        self.hurt(errno.ECONNRESET)

    def take_fin(self) -> None:
        if self.state != "connected":
            return
        self.fin_in = self.done = True
        self.shut |= RECEIVING
        self._end_if_over()
        self.changed()

    def _end_if_over(self) -> None:
        if self.fin_in and self.fin_out == 2 and self.state == "connected":
            self.state, self.shut = "closed", BOTH
            self.changed()

    def hurt(self, number: int) -> None:
        """A reset has come."""
        if self.state == "connected" and number == errno.ECONNRESET and self.fin_in:
            number = errno.EPIPE
        self.reset(number)

    def reset(self, number: int) -> None:
        """The connection is no more."""
        if self.state not in ("connected", "connecting"):
            return
        self.error = number
        self.was_reset = True
        self.state, self.shut = "closed", BOTH
        self.out.clear()
        self.changed()

    def send_reset(self) -> None:
        """To the peer; it comes when the link has let it through."""
        link, peer = self.link, self.peer
        self.out.clear()
        if link is None or peer is None or link.lost:
            return
        if link.delay is None:
            peer.hurt(errno.ECONNRESET)
        else:
            world = self.kernel.world
            world.at(world.now + link.delay(), lambda: None if link.lost else peer.hurt(errno.ECONNRESET))

    def last_closed(self) -> None:
        super().last_closed()
        state, self.orphan = self.state, True
        if state == "listening":
            self.kernel.listening.pop(self.local[1], None)
            for child in self.accepting:
                child.orphan = True
                child.send_reset()
                child.reset(errno.ECONNRESET)
            self.accepting.clear()
        elif state == "connecting":
            self.state = "closed"
        elif state == "connected":
            if self.inp or self.lingers() == 0:
                self.inp.clear()
                self.send_reset()
                self.reset(errno.ECONNRESET)
            else:
                self.shut = BOTH
                self.fin_out = self.fin_out or 1
                self.send_away()
        self.inp.clear()

    def lingers(self) -> int | None:
        """Seconds of SO_LINGER; None when it is off."""
        raw = self.options.get((1, 13))
        if not raw or raw[:4] == bytes(4):
            return None
        return int.from_bytes(raw[4:8], "little")

    # ---- connecting

    def begin_connect(self, port: int) -> None:
        """A SYN is on its way."""
        self.state = "connecting"
        kernel = self.kernel
        self.link = kernel.new_link()
        if not self.bound:
            self.local, self.bound = ("127.0.0.1", kernel.free_port()), True
        self.remote = ("127.0.0.1", port)
        self._knock(port, 0)

    def _knock(self, port: int, attempt: int) -> None:
        link, world = self.link, self.kernel.world
        assert link is not None
        if link.delay is None:
            self._knocked(port, attempt)
        else:
            world.at(world.now + link.delay(), lambda: self._knocked(port, attempt))

    def _knocked(self, port: int, attempt: int) -> None:
        link, world = self.link, self.kernel.world
        assert link is not None
        if self.state != "connecting":
            return
        listener = self.kernel.listening.get(port)
        if not link.lost and listener is None:
            self.reset(errno.ECONNREFUSED)
        elif not link.lost and listener is not None and len(listener.accepting) <= listener.backlog:
            self._meet(listener, link)
        elif attempt < len(_RETRIES):
            world.at(world.now + _RETRIES[attempt], lambda: self._knock(port, attempt + 1))
        else:
            self.reset(errno.ETIMEDOUT)

    def _meet(self, listener: Stream, link: Link) -> None:
        child = Stream(self.kernel, listener.family)
        child.state = self.state = "connected"
        child.local, child.remote, child.bound = ("127.0.0.1", listener.local[1]), self.local, True
        child.link = link
        child.peer, self.peer = self, child
        child.options = dict(listener.options)
        child.receive_room, child.send_room = listener.receive_room, listener.send_room
        self.kernel.connections.append((self, child))
        listener.accepting.append(child)
        listener.changed()
        self.changed()


class Kernel:
    """The descriptors of the process, and who listens."""

    def __init__(self, world: World, *, send_room: int = 4096, receive_room: int = 4096, lowest: int = 3) -> None:
        self.world = world
        self.send_room = send_room
        self.receive_room = receive_room
        self.overshoot = 0
        """Bytes that the system may take over the room it has."""
        self.lowest = lowest
        self.files: dict[int, File] = {}
        self.listening: dict[int, Stream] = {}
        self.connections: list[tuple[Stream, Stream]] = []
        self.new_link: Callable[[], Link] = Link
        self.on_write: Callable[..., None] | None = None
        """Called with the stream before something is written, and `told`: whether poll says that it may be."""
        self._next_port = 40000
        self._highest = lowest

    def forget(self) -> None:
        """All of it, since most of it refers to something else in it."""
        for pair in self.connections:
            for stream in pair:
                stream.peer = stream.link = None
                stream.watchers.clear()
                stream.waiters.clear()
        self.on_write = None
        self.new_link = Link
        self.files.clear()
        self.connections.clear()

    def open(self, file: File) -> int:
        """The lowest free number for it."""
        files = self.files
        fd = self.lowest
        while fd in files:
            fd += 1
        files[fd] = file
        file.references += 1
        return fd

    def file(self, fd: int) -> File:
        """EBADF when there is none."""
        found = self.files.get(fd)
        if found is None:
            raise failure(errno.EBADF)
        return found

    def close(self, fd: int) -> None:
        """Let the number go, and with the last one the file."""
        file = self.file(fd)
        del self.files[fd]
        file.references -= 1
        if not file.references:
            file.last_closed()

    def free_port(self) -> int:
        self._next_port += 1
        return self._next_port
