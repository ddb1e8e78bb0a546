"""By hand over blocking sockets: the limit for one connection."""

from __future__ import annotations

import socket
import struct
from multiprocessing.connection import Connection
from time import monotonic
from typing import Protocol

from . import turns
from .turns import CHUNK

_header = struct.Struct(">I")


def listen(backlog: int = 4096) -> tuple[socket.socket, int]:
    """A listener on every loopback address, and its port."""
    listener = socket.create_server(("", 0), backlog=backlog)
    return listener, listener.getsockname()[1]


def connect(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def accept(channel: Connection) -> socket.socket:
    """Say the port and take one connection."""
    listener, port = listen()
    channel.send(port)
    sock, _ = listener.accept()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class Stream(Protocol):
    """A socket, or something that has its methods."""

    def recv(self, size: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> object: ...


class Packets:
    """Blocking recv and sendall of packets on one connection; `recv` gives None at the end."""

    __slots__ = ("_buffer", "_start", "sock")

    def __init__(self, sock: Stream) -> None:
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


class Lines:
    """Blocking recv of lines, without their newline; None at the end."""

    __slots__ = ("_buffer", "_start", "sock")

    def __init__(self, sock: Stream) -> None:
        self.sock = sock
        self._buffer = b""
        self._start = 0

    def recv(self) -> bytes | None:
        while True:
            end = self._buffer.find(b"\n", self._start)
            if end >= 0:
                start, self._start = self._start, end + 1
                return self._buffer[start:end]
            data = self.sock.recv(CHUNK)
            if not data:
                return None
            self._buffer, self._start = self._buffer[self._start :] + data, 0


def echo(channel: Connection, _count: int) -> None:
    packets = Packets(accept(channel))
    while (payload := packets.recv()) is not None:
        packets.send(payload)


def hold(channel: Connection, count: int) -> None:
    listener, port = listen()
    channel.send(port)
    kept = [listener.accept()[0] for _ in range(count)]
    channel.recv()
    del kept


def drive(channel: Connection, port: int, seconds: float, size: int) -> None:
    packets = Packets(connect(port))
    turns.drive(channel, seconds, packets.send, packets.recv, size)


def receive(channel: Connection, kind: str) -> None:
    """Lines by the standard library's buffered reader, which is written in C."""
    if kind == "line":
        _receive_file(channel)
    else:
        receive_by_hand(channel, kind)


def receive_by_hand(channel: Connection, kind: str) -> None:
    sock = accept(channel)
    stream = Packets(sock) if kind == "packet" else Lines(sock)
    count, last = 0, b""
    while (payload := stream.recv()) is not None:
        count += 1
        last = payload
    sock.close()
    channel.send((count, last, monotonic()))


def _receive_file(channel: Connection) -> None:
    with accept(channel) as sock, sock.makefile("rb", CHUNK) as file:
        count, last, readline = 0, b"", file.readline
        while line := readline():
            count += 1
            last = line
    sock.close()
    channel.send((count, last, monotonic()))


def send(channel: Connection, port: int, seconds: float, size: int) -> None:
    sock, data = connect(port), turns.payload(size)
    packets, start = Packets(sock), turns.begin(channel)
    count, _ = turns.for_a_while(lambda: packets.send(data), seconds)
    sock.close()
    channel.send((count, start))


def bulk_send(channel: Connection, piece: int, port: int, seconds: float) -> None:
    sock, data, start = connect(port), bytes(piece), turns.begin(channel)
    count, _ = turns.for_a_while(lambda: sock.sendall(data), seconds, batch=10)
    sock.close()
    channel.send((count * piece, start))


def bulk_receive(channel: Connection) -> None:
    sock, count = accept(channel), 0
    while data := sock.recv(CHUNK):
        count += len(data)
    channel.send((count, monotonic()))


def sink(channel: Connection, pause: float = 0.0) -> None:
    """The other side of `bulk_send`: reads all it can; with a pause it stops for so many seconds every 256 KiB."""
    from time import sleep

    room = bytearray(4 * CHUNK)
    sock, count, rested = accept(channel), 0, 0
    while got := sock.recv_into(room):
        count += got
        if pause and count - rested >= len(room):
            sleep(pause)
            rested = count
    channel.send((count, monotonic()))
