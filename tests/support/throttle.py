"""A system that takes exactly as many bytes as a test allows, and a driver that runs only when the test says so."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import gentcp
from gentcp.engine import Host, inspection

from . import tamper


class Throttle:
    """Stands before a socket: takes `room` bytes and then would block.  Everything else is the socket's.

    `fd` stands for its descriptor: poll(2) finds it writable as long as there is room, or a failure to be told.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._room = 0
        self._failure = 0
        self._there, self.fd = os.pipe()
        self._pipe = bytes(fcntl.fcntl(self.fd, fcntl.F_SETPIPE_SZ, 1))  # of the smallest size there is
        os.write(self.fd, self._pipe)
        self._full = True
        self._lock = threading.Lock()
        self.gulp: int = 1 << 30
        """Bytes that it takes at a time."""
        self.calls: int = 0
        """How often something was to be written."""
        self.taken = b""

    @property
    def room(self) -> int:
        """Bytes that it would take."""
        return self._room

    @room.setter
    def room(self, size: int) -> None:
        self._room = size
        self._show()

    @property
    def failure(self) -> int:
        """An errno that writing fails with from now on."""
        return self._failure

    @failure.setter
    def failure(self, number: int) -> None:
        self._failure = number
        self._show()

    def _show(self) -> None:
        with self._lock:
            before, self._full = self._full, not self._room and not self._failure
            if self._full and not before:
                os.write(self.fd, self._pipe)
            elif before and not self._full:
                os.read(self._there, len(self._pipe))

    def send(self, data: bytes | memoryview, _flags: int = 0) -> int:
        self.calls += 1
        if self.failure:
            raise OSError(self.failure, "as the test wants it")
        size = min(len(data), self.room, self.gulp)
        if not size:
            raise BlockingIOError(errno.EAGAIN, "no room")
        self.taken += data[:size]
        self.room -= size
        return size

    def close(self) -> None:
        self._sock.close()
        os.close(self.fd)
        os.close(self._there)

    def sendmsg(self, buffers: Iterable[bytes | memoryview], _ancillary: Any = (), flags: int = 0) -> int:
        return self.send(b"".join(buffers), flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def throttle(sock: gentcp.Socket) -> Throttle:
    """Put a throttle before a gentcp socket."""
    throttled = Throttle(inspection.system_socket(sock))
    tamper.put_system_socket(sock, throttled, throttled.fd)
    return throttled


class StillDriver(Host):
    """Remembers who wants to be flushed, and flushes when it is told to."""

    def __init__(self) -> None:
        self.writers: dict[int, Any] = {}
        self.elsewhere: dict[int, Any] = {}

    def flush_later(self, fd: int, writer: Any) -> None:
        self.elsewhere.pop(fd, None)
        self.writers[fd] = writer

    def flush_elsewhere(self, fd: int, writer: Any) -> None:
        self.writers.pop(fd, None)
        self.elsewhere[fd] = writer

    def stop_flushing(self, fd: int, writer: Any) -> None:
        self.elsewhere.pop(fd, None)
        self.writers.pop(fd, None)

    def serve(self, process: gentcp.Process) -> None:
        """Nobody is away for long in these tests."""

    def call_soon(self, function: Callable[[], None]) -> None:
        function()

    def call_at(self, at: float, function: Callable[[], None]) -> Any:
        timer = threading.Timer(at - monotonic(), function)
        timer.daemon = True
        timer.start()
        return timer

    def cancel(self, timer: Any) -> None:
        timer.cancel()

    def turn(self) -> None:
        """As if every descriptor were writable once."""
        for writer in list(self.writers.values()):
            writer.on_writable()
