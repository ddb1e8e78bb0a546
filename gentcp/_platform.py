"""What differs between operating systems: wake-ups and pollers.  Linux is first; the rest has a plain fallback."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from typing import Protocol

READ = 1
"""Readable; the value is that of EPOLLIN and POLLIN."""
WRITE = 4
"""Writable; the value is that of EPOLLOUT and POLLOUT."""
LONGEST_POLL = 2.0**31 / 1000 - 1
"""Seconds; the system takes an int of milliseconds.  Whoever waits longer comes back and waits again."""
SLICE = 0.01
"""Seconds; so often somebody looks again who cannot be woken, since the system has no descriptor or memory for that."""


def ready(fd: int, events: int, seconds: float = 0.0) -> bool:
    """Whether the system says so of a descriptor, at this moment or in that time."""
    try:
        poll = select.poll()
        poll.register(fd, events)
        return bool(poll.poll(1000 * seconds))
    except (OSError, MemoryError):  # it cannot, for now
        return False


class Waker:
    """A descriptor that another thread can make readable."""

    __slots__ = ("_lock", "_writer", "fd")

    def __init__(self) -> None:
        # A late wake must not write to a number that is somebody else's by now; a finaliser may come in the middle.
        self._lock = threading.RLock()
        if hasattr(os, "eventfd"):
            self.fd = self._writer = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        else:
            self.fd, self._writer = os.pipe()
            os.set_blocking(self.fd, False)
            os.set_blocking(self._writer, False)

    def wake(self) -> None:
        """Make `fd` readable; nothing happens when it is closed."""
        with self._lock, contextlib.suppress(BlockingIOError):  # it is readable already
            if self._writer >= 0:
                os.write(self._writer, b"\1\0\0\0\0\0\0\0")

    def drain(self) -> None:
        try:
            os.read(self.fd, 4096)
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Close it; the owner waits no more."""
        with self._lock:
            os.close(self.fd)
            if self._writer != self.fd:
                os.close(self._writer)
            self._writer = -1


class Poller(Protocol):
    """The part of `select.epoll` that gentcp uses; level-triggered, timeouts in seconds."""

    def register(self, fd: int, eventmask: int, /) -> None: ...
    def modify(self, fd: int, eventmask: int, /) -> None: ...
    def unregister(self, fd: int, /) -> None: ...
    def poll(self, timeout: float | None = None, maxevents: int = -1, /) -> list[tuple[int, int]]: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class PortablePoller:
    """`Poller` over `select.poll` for systems without epoll.  It cannot be watched itself (`fileno` is -1).

    A registration from another thread wakes the poller, since poll(2) does not see it by itself.
    """

    def __init__(self) -> None:
        self._fds: dict[int, int] = {}
        self._waker = Waker()

    def register(self, fd: int, eventmask: int, /) -> None:
        self._fds[fd] = eventmask
        self._waker.wake()

    modify = register

    def unregister(self, fd: int, /) -> None:
        del self._fds[fd]
        self._waker.wake()

    def poll(self, timeout: float | None = None, maxevents: int = -1, /) -> list[tuple[int, int]]:
        poll = select.poll()
        poll.register(self._waker.fd, READ)
        for fd, mask in list(self._fds.items()):
            poll.register(fd, mask)
        events = poll.poll(None if timeout is None or timeout < 0 else timeout * 1000)
        if any(fd == self._waker.fd for fd, _ in events):
            self._waker.drain()
        return [event for event in events if event[0] != self._waker.fd]

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        self._waker.close()


def new_poller() -> Poller:
    """An epoll where there is one."""
    if hasattr(select, "epoll"):
        return select.epoll()
    return PortablePoller()


def new_woken_poller() -> tuple[Poller, Waker]:
    """A poller, and a waker that it polls.  OSError, with nothing left open, when the system has no descriptors."""
    poller = new_poller()
    try:
        waker = Waker()
    except BaseException:
        poller.close()
        raise
    try:
        poller.register(waker.fd, READ)
    except BaseException:
        poller.close()
        waker.close()
        raise
    return poller, waker


def set_receive_quantum(sock: socket.socket, seconds: int) -> None:
    """Let a blocking recv come back with EAGAIN every so often; 0: never.

    It costs less than a poll before each recv, but a timer that is set and taken back is 0.2 us of one that blocks.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(seconds))


def _timeval(seconds: int) -> bytes:
    return seconds.to_bytes(8, "little") + bytes(8)
