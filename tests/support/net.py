"""Connections of one backend for one test, and the end of all of them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any

import gentcp
from gentcp.engine import WRITE, inspection
from gentcp.erl import ErlangError, gen_tcp, inet

from .leaks import open_poller
from .peer import Peer, stuck
from .waiting import Task, eventually

LOCALHOST = (127, 0, 0, 1)
BUFFER = 65536
"""Both buffers of a stalled pair: without a limit loopback swallows megabytes."""
_WAITING: dict[str, Callable[[gentcp.Socket | gentcp.Listener], int]] = {
    "recv": inspection.receivers,
    "accept": inspection.acceptors,
    "send": inspection.senders,
    "close": lambda sock: len(inspection.suspended(sock)),
}
"""How many processes wait in a call."""


def mailbox() -> list[Any]:
    """The messages of the calling process, in order; they stay where they are."""
    seen: list[Any] = []

    def look(message: Any) -> bool:
        seen.append(message)
        return False

    gentcp.current_process().take(look)
    return seen


def catch(function: Callable[..., Any], *args: Any) -> Any:
    """The result, or `("exception", class, term)`."""
    try:
        return function(*args)
    except ErlangError as error:
        return ("exception", error.class_, error.term)


class Net:
    """Makes sockets of a backend and raw peers; `close` ends everything it made."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._ends: list[Callable[[], object]] = []

    def __repr__(self) -> str:
        return f"Net({self.backend!r})"

    def options(self, *options: Any) -> list[Any]:
        """Passive and binary unless said otherwise."""
        return [("inet_backend", self.backend), "binary", ("active", False), *options]

    # ---- gentcp's side

    def listen(self, *options: Any) -> gentcp.Listener:
        listener: gentcp.Listener = self.ok(gen_tcp.listen(0, self.options(("ip", LOCALHOST), *options)))
        return listener

    def connect(self, port: int, *options: Any) -> gentcp.Socket:
        sock: gentcp.Socket = self.ok(gen_tcp.connect(LOCALHOST, port, self.options(*options), 5000))
        return sock

    def ok(self, result: Any) -> Any:
        """The socket in `result`, closed at the end of the test."""
        assert result[0] == "ok", result
        sock = result[1]
        self._ends.append(lambda: self._close(sock))
        return sock

    @staticmethod
    def _close(sock: gentcp.Socket | gentcp.Listener) -> None:
        if not isinstance(sock, gentcp.Listener) and sock.fileno() >= 0:
            inet.setopts(sock, [("linger", (True, 0))])  # whatever a test queued, nobody waits for it
        gen_tcp.close(sock)

    def pair(self, *options: Any) -> tuple[gentcp.Socket, Peer]:
        """A connected socket and its raw peer."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            sock = self.connect(server.getsockname()[1], *options)
            return sock, self.peer(server.accept()[0])

    def stalled(self, *options: Any) -> tuple[gentcp.Socket, Peer]:
        """As `pair`, with small buffers and a peer that does not read until it is told."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            sock = self.connect(server.getsockname()[1], ("sndbuf", BUFFER), *options)
            return sock, self.peer(server.accept()[0])

    def full(self, sock: gentcp.Socket) -> None:
        """Wait until the system takes no more data on this socket: the peer's window is closed."""
        eventually(lambda: stuck(sock.fileno()))

    def accepted(self, *options: Any) -> tuple[gentcp.Socket, Peer]:
        """A socket that a listener with these options accepted, and its raw peer."""
        listener = self.listen(*options)
        peer = self.dial(listener)
        return self.ok(gen_tcp.accept(listener, 5000)), peer

    # ---- the raw side

    def peer(self, sock: socket.socket) -> Peer:
        peer = Peer(sock)
        self._ends.append(peer.close)
        return peer

    def dial(self, listener: gentcp.Listener) -> Peer:
        """A raw connection to a listener."""
        return self.peer(socket.create_connection(("127.0.0.1", inet.port(listener)[1]), 5.0))

    # ---- processes and messages

    def spawn(self, function: Callable[..., object], *args: Any) -> Task:
        task = Task(function, *args)
        self._ends.append(task.end)
        return task

    def blocked(self, sock: gentcp.Socket | gentcp.Listener, call: str, *args: Any) -> Task:
        """A process blocked in `gen_tcp.call(sock, *args)`."""
        waiting = _WAITING[call]
        before = waiting(sock)

        def begin() -> object:
            open_poller()
            return getattr(gen_tcp, call)(sock, *args)

        task = self.spawn(begin)
        eventually(lambda: waiting(sock) > before or task.done)
        return task

    def blocked_writer(self, sock: gentcp.Socket, data: bytes) -> Task:
        """As `blocked` in send, by a process that has waited before: the first time it looks once too often."""

        def send() -> object:
            gentcp.current_process().wait_fd(sock.fileno(), WRITE, 0.0)
            return gen_tcp.send(sock, data)

        before = inspection.senders(sock)
        task = self.spawn(send)
        eventually(lambda: inspection.senders(sock) > before or task.done)
        return task

    def close(self) -> None:
        for end in reversed(self._ends):
            with contextlib.suppress(OSError):
                end()
        self._ends.clear()
