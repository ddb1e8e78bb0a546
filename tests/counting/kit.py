"""Connections between gentcp and raw sockets, in the words of one face."""

from __future__ import annotations

import fcntl
import os
import socket
import termios
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self

import gentcp
from gentcp.erl import gen_tcp, inet

LOCALHOST = (127, 0, 0, 1)
BUFFER = 131072
"""What the system takes on each side before somebody reads, for a queue to be needed; it doubles this."""
_ROOM = bytearray(65536)


def unread(fd: int) -> int:
    """Bytes that have arrived and were not read."""
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), "little")


def arrived(fd: int, size: int) -> None:
    """Wait until `size` bytes are there; whoever started us limits the time."""
    while unread(fd) < size:
        os.sched_yield()


def read_exactly(sock: socket.socket, size: int) -> None:
    while size:
        got = sock.recv_into(_ROOM, min(size, len(_ROOM)))
        assert got, "end of file"
        size -= got


class Kit:
    """`face` is "python" or "erlang".  The functions it hands out call that face, and add no call of their own."""

    def __init__(self, backend: str, face: str) -> None:
        self.backend = backend
        self.erlang = face == "erlang"
        self._ends: list[Callable[[], object]] = []

    def _options(self, options: dict[str, Any]) -> list[Any]:
        return [("inet_backend", self.backend), "binary", ("active", False), *options.items()]

    # ---- connections

    def listen(self, **options: Any) -> gentcp.Listener:
        listener: gentcp.Listener = gen_tcp.listen(0, self._options({"ip": LOCALHOST, "backlog": 512, **options}))[1]
        self._ends.append(listener.close)
        return listener

    def pair(self, peers_buffer: int = 0, **options: Any) -> tuple[gentcp.Socket, socket.socket]:
        """A connected socket and its raw peer; `peers_buffer` bytes, if given, wait there to be read."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            if peers_buffer:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, peers_buffer)
            sock: gentcp.Socket = self.connector(server.getsockname()[1], **options)()
            peer = server.accept()[0]
        self._ends += [sock.close, peer.close]
        return sock, peer

    def at_end(self, end: Callable[[], object]) -> None:
        self._ends.append(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for end in reversed(self._ends):
            end()
        self._ends.clear()

    # ---- what is counted

    def connector(self, port: int, **options: Any) -> Callable[[], Any]:
        """Gives the socket itself."""
        if self.erlang:
            given = self._options(options)
            return lambda: gen_tcp.connect(LOCALHOST, port, given, 5000)[1]
        return partial(gentcp.connect, LOCALHOST, port, timeout=5.0, inet_backend=self.backend, **options)

    def acceptor(self, listener: gentcp.Listener) -> Callable[[], Any]:
        return partial(gen_tcp.accept, listener) if self.erlang else listener.accept

    def receiver(self, sock: gentcp.Socket, seconds: int | None = None) -> Callable[[], Any]:
        """With `erlang` it gives `("ok", data)`."""
        if self.erlang:
            return partial(gen_tcp.recv, sock, 0, "infinity" if seconds is None else 1000 * seconds)
        return sock.recv if seconds is None else partial(sock.recv, 0, seconds)

    def sender(self, sock: gentcp.Socket) -> Callable[[bytes], object]:
        return partial(gen_tcp.send, sock) if self.erlang else sock.send

    def closer(self, sock: gentcp.Socket) -> Callable[[], object]:
        return partial(gen_tcp.close, sock) if self.erlang else sock.close

    def wants_one(self, sock: gentcp.Socket) -> Callable[[], object]:
        """`{active, once}`."""
        if self.erlang:
            return partial(inet.setopts, sock, [("active", "once")])
        return partial(sock.setopts, active="once")
