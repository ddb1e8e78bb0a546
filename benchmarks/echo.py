"""One owner echoes 100 active connections, packet 4, 64 B.

The load generator is the same for everybody and has the other CPU.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

from . import load, raw
from .common import BACKENDS, Contestant, Sample, Side, Workload, cpu_seconds, cpus

CONNECTIONS = 100
SIZE = 64


def serve_epoll(channel: Connection) -> None:
    listener, port = raw.listen()
    channel.send(port)
    socks = [listener.accept()[0] for _ in range(CONNECTIONS)]
    before = cpu_seconds()
    raw.echo_epoll(socks)
    channel.send(cpu_seconds() - before)


def serve_erlang(channel: Connection, backend: str) -> None:
    options = [("inet_backend", backend), "binary", ("packet", 4), ("active", True), ("nodelay", True)]
    _, listener = gen_tcp.listen(0, [*options, ("backlog", 1024)])
    channel.send(inet.port(listener)[1])
    socks = {gen_tcp.accept(listener)[1] for _ in range(CONNECTIONS)}
    before = cpu_seconds()
    while socks:
        message = gentcp.receive()
        if message[0] == "tcp":
            gen_tcp.send(message[1], message[2])
        elif message[0] == "tcp_closed":
            socks.remove(message[1])
    channel.send(cpu_seconds() - before)


def serve_python(channel: Connection, backend: str) -> None:
    listener = gentcp.listen(inet_backend=backend, packet=4, active=True, nodelay=True, backlog=1024)
    channel.send(listener.port)
    socks = {listener.accept() for _ in range(CONNECTIONS)}
    before = cpu_seconds()
    while socks:
        match gentcp.receive():
            case ("tcp", sock, data):
                sock.send(data)
            case ("tcp_closed", sock):
                socks.remove(sock)
            case other:
                raise RuntimeError(f"not foreseen: {other}")
    channel.send(cpu_seconds() - before)


def measure(server: tuple[Any, ...], seconds: float) -> Sample:
    cpu, other = cpus()
    with Side(cpu, *server) as serving:
        count, spent, total = load.run(other, serving.ask(), CONNECTIONS, SIZE, seconds)
        return Sample(count / spent, 1e6 * serving.ask() / total)


def contestants() -> list[Contestant]:
    base = "epoll loop"
    return [
        Contestant(base, ((serve_epoll,),), base),
        *(
            Contestant(f"{backend}, {face} face", ((serve, backend),), base, target=0.70)
            for face, serve in (("Erlang", serve_erlang), ("Python", serve_python))
            for backend in BACKENDS
        ),
    ]


WORKLOAD = Workload(
    "echo", "Active echo of 100 connections by one owner, packet 4, 64 B", "messages/s", measure, contestants()
)
