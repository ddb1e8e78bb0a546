"""gentcp's Erlang face."""

from __future__ import annotations

from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

from . import turns
from .turns import CHUNK


def _options(backend: str, packet: Any = 4, active: bool = False) -> list[Any]:
    return [("inet_backend", backend), "binary", ("packet", packet), ("active", active), ("nodelay", True)]


def _listen(channel: Connection, options: list[Any]) -> Any:
    _, listener = gen_tcp.listen(0, [*options, ("backlog", 4096)])
    channel.send(inet.port(listener)[1])
    return listener


def _accept(channel: Connection, options: list[Any]) -> Any:
    return gen_tcp.accept(_listen(channel, options))[1]


def echo(channel: Connection, backend: str, _count: int) -> None:
    sock = _accept(channel, _options(backend))
    while (got := gen_tcp.recv(sock, 0))[0] == "ok":
        gen_tcp.send(sock, got[1])


def echo_timeout(channel: Connection, backend: str, _count: int) -> None:
    """Each recv with a timeout, which is a system call more."""
    sock = _accept(channel, _options(backend))
    while (got := gen_tcp.recv(sock, 0, 5000))[0] == "ok":
        gen_tcp.send(sock, got[1])


def echo_active(channel: Connection, backend: str, count: int) -> None:
    """One owner of all."""
    listener = _listen(channel, _options(backend, active=True))
    socks = {gen_tcp.accept(listener)[1] for _ in range(count)}
    receive, send = gentcp.receive, gen_tcp.send
    while socks:
        message = receive()
        if message[0] == "tcp":
            send(message[1], message[2])
        elif message[0] == "tcp_closed":
            socks.remove(message[1])


def hold(channel: Connection, backend: str, active: bool, count: int) -> None:
    listener = _listen(channel, _options(backend, active=active))
    kept = [gen_tcp.accept(listener)[1] for _ in range(count)]
    channel.recv()
    del kept


def drive(channel: Connection, backend: str, port: int, seconds: float, size: int) -> None:
    _, sock = gen_tcp.connect("localhost", port, _options(backend))
    turns.drive(channel, seconds, lambda data: gen_tcp.send(sock, data), lambda: gen_tcp.recv(sock, 0)[1], size)
    gen_tcp.close(sock)


def receive(channel: Connection, backend: str, kind: str) -> None:
    sock, count, last = _accept(channel, _options(backend, 4 if kind == "packet" else kind)), 0, b""
    recv = gen_tcp.recv
    while (got := recv(sock, 0))[0] == "ok":
        count += 1
        last = got[1]
    gen_tcp.close(sock)
    channel.send((count, last, monotonic()))


def receive_active(channel: Connection, backend: str, kind: str) -> None:
    sock, count, last = _accept(channel, _options(backend, 4 if kind == "packet" else kind, active=True)), 0, b""
    receive = gentcp.receive
    while (message := receive())[0] == "tcp":
        count += 1
        last = message[2]
    gen_tcp.close(sock)
    channel.send((count, last, monotonic()))


def send(channel: Connection, backend: str, port: int, seconds: float, size: int) -> None:
    _, sock = gen_tcp.connect("localhost", port, _options(backend))
    data, start = turns.payload(size), turns.begin(channel)
    count, _ = turns.for_a_while(lambda: gen_tcp.send(sock, data), seconds)
    gen_tcp.close(sock)
    channel.send((count, start))


def bulk_send(channel: Connection, backend: str, piece: int, port: int, seconds: float) -> None:
    _, sock = gen_tcp.connect("localhost", port, [*_options(backend, "raw"), ("buffer", CHUNK)])
    data, start = bytes(piece), turns.begin(channel)
    count, _ = turns.for_a_while(lambda: gen_tcp.send(sock, data), seconds, batch=10)
    gen_tcp.close(sock)
    channel.send((count * piece, start))


def bulk_receive(channel: Connection, backend: str) -> None:
    sock, count, recv = _accept(channel, [*_options(backend, "raw"), ("buffer", CHUNK)]), 0, gen_tcp.recv
    while (got := recv(sock, 0))[0] == "ok":
        count += len(got[1])
    channel.send((count, monotonic()))


def churn(channel: Connection, backend: str, acceptors: int, _count: int) -> None:
    """Several processes, each accepts a connection and serves it to its end."""
    listener = _listen(channel, _options(backend))

    def serve() -> None:
        while True:
            _, sock = gen_tcp.accept(listener)
            while (got := gen_tcp.recv(sock, 0))[0] == "ok":
                gen_tcp.send(sock, got[1])
            gen_tcp.close(sock)

    for _ in range(acceptors - 1):
        gentcp.spawn(serve)
    serve()


def churn_active(channel: Connection, backend: str, _count: int) -> None:
    """One owner of all; another process accepts and hands over."""
    owner = gentcp.current_process()
    listener = _listen(channel, _options(backend))

    def accept() -> None:
        while True:
            _, sock = gen_tcp.accept(listener)
            gen_tcp.controlling_process(sock, owner)
            inet.setopts(sock, [("active", True)])

    gentcp.spawn(accept)
    while True:
        message = gentcp.receive()
        if message[0] == "tcp":
            gen_tcp.send(message[1], message[2])
