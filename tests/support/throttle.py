"""A system that takes exactly as many bytes as a test allows, and a driver that runs only when the test says so."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable
from typing import Any

import gentcp


class Throttle:
    """Stands before a socket: takes `room` bytes and then would block.  Everything else is the socket's."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.room = 0
        self.taken = b""
        self.failure = 0
        """An errno that writing fails with from now on."""

    def send(self, data: bytes | memoryview, _flags: int = 0) -> int:
        if self.failure:
            raise OSError(self.failure, "as the test wants it")
        size = min(len(data), self.room)
        if not size:
            raise BlockingIOError(errno.EAGAIN, "no room")
        self.taken += data[:size]
        self.room -= size
        return size

    def sendmsg(self, buffers: Iterable[bytes | memoryview], _ancillary: Any = (), flags: int = 0) -> int:
        return self.send(b"".join(buffers), flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def throttle(sock: gentcp.Socket) -> Throttle:
    """Put a throttle before a gentcp socket."""
    handle: Any = sock.handle
    throttled = Throttle(handle.sock)
    handle.sock = throttled
    return throttled


class StillDriver:
    """Remembers who wants to be flushed, and flushes when it is told to."""

    def __init__(self) -> None:
        self.writers: dict[int, Any] = {}

    def flush_later(self, fd: int, writer: Any) -> None:
        self.writers[fd] = writer

    def stop_flushing(self, fd: int) -> None:
        self.writers.pop(fd, None)

    def serve(self, _process: gentcp.Process) -> None:
        """Nobody is away for long in these tests."""

    def call_soon(self, function: Callable[[], None]) -> None:
        function()

    def turn(self) -> None:
        """As if every descriptor were writable once."""
        for writer in list(self.writers.values()):
            writer.on_writable()
