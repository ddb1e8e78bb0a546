"""Sockets of gevent, a greenlet for each connection."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

import gevent.server
import gevent.socket

from . import turns
from .raw_blocking import Lines, Packets
from .turns import CHUNK


def _nodelay(sock: Any) -> Any:
    sock.setsockopt(gevent.socket.IPPROTO_TCP, gevent.socket.TCP_NODELAY, 1)
    return sock


def _serve(channel: Connection, handle: Callable[[Any], None]) -> None:
    """Until we are killed."""
    server = gevent.server.StreamServer(("0.0.0.0", 0), lambda sock, _: handle(_nodelay(sock)), backlog=4096)
    server.start()
    channel.send(server.server_port)
    server.serve_forever()


def _connect(port: int) -> Any:
    return _nodelay(gevent.socket.create_connection(("127.0.0.1", port)))


def echo(channel: Connection, _count: int) -> None:
    def handle(sock: Any) -> None:
        packets = Packets(sock)
        while (payload := packets.recv()) is not None:
            packets.send(payload)

    _serve(channel, handle)


churn = hold = echo


def receive(channel: Connection, kind: str) -> None:
    def handle(sock: Any) -> None:
        stream = Packets(sock) if kind == "packet" else Lines(sock)
        count, last = 0, b""
        while (payload := stream.recv()) is not None:
            count += 1
            last = payload
        sock.close()
        channel.send((count, last, monotonic()))

    _serve(channel, handle)


def bulk_receive(channel: Connection) -> None:
    def handle(sock: Any) -> None:
        count = 0
        while data := sock.recv(CHUNK):
            count += len(data)
        channel.send((count, monotonic()))

    _serve(channel, handle)


def send(channel: Connection, port: int, seconds: float, size: int) -> None:
    sock, data = _connect(port), turns.payload(size)
    packets, start = Packets(sock), turns.begin(channel)
    count, _ = turns.for_a_while(lambda: packets.send(data), seconds)
    sock.close()
    channel.send((count, start))


def bulk_send(channel: Connection, piece: int, port: int, seconds: float) -> None:
    sock, data, start = _connect(port), bytes(piece), turns.begin(channel)
    count, _ = turns.for_a_while(lambda: sock.sendall(data), seconds, batch=10)
    sock.close()
    channel.send((count * piece, start))
