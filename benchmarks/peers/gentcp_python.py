"""gentcp's Python face."""

from __future__ import annotations

from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, Literal

import gentcp

from . import turns
from .turns import CHUNK

Packet = Literal["raw", 4, "line"]


def _listen(channel: Connection, backend: str, packet: Packet = 4, active: bool = False) -> gentcp.Listener:
    listener = gentcp.listen(
        inet_backend=backend, packet=packet, active=active, nodelay=True, backlog=4096, buffer=CHUNK
    )
    channel.send(listener.port)
    return listener


def _connect(port: int, backend: str, packet: Packet = 4) -> gentcp.Socket:
    return gentcp.connect("localhost", port, inet_backend=backend, packet=packet, nodelay=True, buffer=CHUNK)


def _packet(kind: str) -> Packet:
    return 4 if kind == "packet" else "line"


def echo(channel: Connection, backend: str, _count: int) -> None:
    with _listen(channel, backend).accept() as sock:
        for packet in sock:
            sock.send(packet)


def echo_active(channel: Connection, backend: str, count: int) -> None:
    """One owner of all."""
    listener = _listen(channel, backend, active=True)
    socks = {listener.accept() for _ in range(count)}
    receive = gentcp.receive
    while socks:
        match receive():
            case ("tcp", sock, data):
                sock.send(data)
            case ("tcp_closed", sock):
                socks.remove(sock)
            case other:
                raise RuntimeError(f"not foreseen: {other}")


def drive(channel: Connection, backend: str, port: int, seconds: float, size: int) -> None:
    with _connect(port, backend) as sock:
        turns.drive(channel, seconds, sock.send, sock.recv, size)


def receive(channel: Connection, backend: str, kind: str) -> None:
    count, last = 0, b""
    with _listen(channel, backend, _packet(kind)).accept() as sock:
        for packet in sock:
            count += 1
            last = packet
    channel.send((count, last, monotonic()))


def receive_batch(channel: Connection, backend: str, kind: str) -> None:
    """All packets that are there, in one list."""
    count, last = 0, b""
    with _listen(channel, backend, _packet(kind)).accept() as connected:
        sock: Any = connected
        while True:
            try:
                packets = sock.recv_many()
            except gentcp.Closed:
                break
            for packet in packets:
                count += 1
                last = packet
    channel.send((count, last, monotonic()))


def receive_active(channel: Connection, backend: str, kind: str) -> None:
    count, last, receive = 0, b"", gentcp.receive
    with _listen(channel, backend, _packet(kind), active=True).accept():
        while (message := receive())[0] == "tcp":
            count += 1
            last = message[2]
    channel.send((count, last, monotonic()))


def send(channel: Connection, backend: str, port: int, seconds: float, size: int) -> None:
    data = turns.payload(size)
    with _connect(port, backend) as sock:
        start = turns.begin(channel)
        count, _ = turns.for_a_while(lambda: sock.send(data), seconds)
    channel.send((count, start))


def bulk_send(channel: Connection, backend: str, piece: int, port: int, seconds: float) -> None:
    data = bytes(piece)
    with _connect(port, backend, "raw") as sock:
        start = turns.begin(channel)
        count, _ = turns.for_a_while(lambda: sock.send(data), seconds, batch=10)
    channel.send((count * piece, start))


def bulk_receive(channel: Connection, backend: str) -> None:
    count = 0
    with _listen(channel, backend, "raw").accept() as sock:
        for data in sock:
            count += len(data)
    channel.send((count, monotonic()))
