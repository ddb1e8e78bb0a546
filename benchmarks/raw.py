"""The hand-written programs that gentcp is measured against, and a client for all: packet 4 over plain sockets."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from time import perf_counter

CHUNK = 65536
_header = struct.Struct(">I")


def listen(backlog: int = 1024) -> tuple[socket.socket, int]:
    """A listener on every loopback address, and its port."""
    listener = socket.create_server(("", 0), backlog=backlog)
    return listener, listener.getsockname()[1]


def connect(port: int, host: str = "127.0.0.1") -> socket.socket:
    sock = socket.create_connection((host, port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class Packets:
    """Blocking recv and sendall of packets on one connection; `recv` gives None at the end."""

    __slots__ = ("_buffer", "_start", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = b""
        self._start = 0

    def recv(self) -> bytes | None:
        buffer, start = self._buffer, self._start
        while True:
            if len(buffer) >= start + 4:
                end = start + 4 + _header.unpack_from(buffer, start)[0]
                if len(buffer) >= end:
                    self._buffer, self._start = buffer, end
                    return buffer[start + 4 : end]
            data = self.sock.recv(CHUNK)
            if not data:
                return None
            buffer, start = buffer[start:] + data, 0

    def send(self, payload: bytes) -> None:
        self.sock.sendall(_header.pack(len(payload)) + payload)


def echo_blocking(sock: socket.socket) -> None:
    """Send every packet back until the peer closes."""
    packets = Packets(sock)
    while (payload := packets.recv()) is not None:
        packets.send(payload)


def echo_epoll(socks: list[socket.socket]) -> None:
    """The same for many connections in one epoll loop; a reply that the system does not take whole is not foreseen."""
    poller = select.epoll()
    open_ = {sock.fileno(): sock for sock in socks}
    buffers = dict.fromkeys(open_, b"")
    for fd, sock in open_.items():
        sock.setblocking(False)
        poller.register(fd, select.EPOLLIN)
    while open_:
        for fd, _events in poller.poll():
            sock = open_[fd]
            data = sock.recv(CHUNK)
            if not data:
                poller.unregister(fd)
                open_.pop(fd).close()
                continue
            data, position = buffers[fd] + data, 0
            while len(data) >= position + 4:
                end = position + 4 + _header.unpack_from(data, position)[0]
                if len(data) < end:
                    break
                payload = data[position + 4 : end]
                sock.send(_header.pack(len(payload)) + payload)
                position = end
            buffers[fd] = data[position:]


def count_packets(sock: socket.socket) -> int:
    """Receive packets, one call each, and count them until the peer closes."""
    packets, count = Packets(sock), 0
    while packets.recv() is not None:
        count += 1
    return count


def frame(payload: bytes) -> bytes:
    return _header.pack(len(payload)) + payload


def for_a_while(turn: Callable[[], object], seconds: float, batch: int = 50) -> tuple[int, float]:
    """Repeat `turn` for so long: how often, and in how many seconds."""
    count, start = 0, perf_counter()
    while (spent := perf_counter() - start) < seconds:
        for _ in range(batch):
            turn()
        count += batch
    return count, spent
