"""One connection, one packet of 64 B there and back, passive on both sides, both on one CPU.

On one CPU, since waking another one takes longer on a virtual machine than everything that is measured here.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

from . import raw
from .common import BACKENDS, Contestant, Sample, Side, Workload, cpu_seconds, cpus

PAYLOAD = bytes(64)
WARM_UP = 0.2
"""Of the measured time; not counted."""


def _options(backend: str) -> list[Any]:
    return [("inet_backend", backend), "binary", ("packet", 4), ("active", False), ("nodelay", True)]


# ---- servers: say the port, serve one connection, say the processor time it took


def serve_raw(channel: Connection) -> None:
    listener, port = raw.listen()
    channel.send(port)
    sock, _ = listener.accept()
    before = cpu_seconds()
    raw.echo_blocking(sock)
    channel.send(cpu_seconds() - before)


def serve_erlang(channel: Connection, backend: str, timeout: int | str = "infinity") -> None:
    _, listener = gen_tcp.listen(0, _options(backend))
    channel.send(inet.port(listener)[1])
    _, sock = gen_tcp.accept(listener)
    before = cpu_seconds()
    while (got := gen_tcp.recv(sock, 0, timeout))[0] == "ok":
        gen_tcp.send(sock, got[1])
    channel.send(cpu_seconds() - before)


def serve_python(channel: Connection, backend: str) -> None:
    with gentcp.listen(inet_backend=backend, packet=4, nodelay=True) as listener:
        channel.send(listener.port)
        with listener.accept() as sock:
            before = cpu_seconds()
            for packet in sock:
                sock.send(packet)
            channel.send(cpu_seconds() - before)


# ---- clients: round trips, and the seconds they took


def drive_raw(channel: Connection, port: int, seconds: float) -> None:
    packets = raw.Packets(raw.connect(port))

    def turn() -> None:
        packets.send(PAYLOAD)
        packets.recv()

    _drive(channel, turn, seconds)


def drive_erlang(channel: Connection, port: int, seconds: float, backend: str) -> None:
    _, sock = gen_tcp.connect("localhost", port, _options(backend))

    def turn() -> None:
        gen_tcp.send(sock, PAYLOAD)
        gen_tcp.recv(sock, 0)

    _drive(channel, turn, seconds)
    gen_tcp.close(sock)


def drive_python(channel: Connection, port: int, seconds: float, backend: str) -> None:
    with gentcp.connect("localhost", port, inet_backend=backend, packet=4, nodelay=True) as sock:

        def turn() -> None:
            sock.send(PAYLOAD)
            sock.recv()

        _drive(channel, turn, seconds)


def _drive(channel: Connection, turn: Any, seconds: float) -> None:
    warm, _ = raw.for_a_while(turn, WARM_UP * seconds)
    count, spent = raw.for_a_while(turn, seconds)
    channel.send((count, spent, warm + count))


# ---- the workload


def measure(server: tuple[Any, ...], client: tuple[Any, ...], seconds: float) -> Sample:
    cpu, _ = cpus()
    with Side(cpu, *server) as serving:
        with Side(cpu, client[0], serving.ask(), seconds, *client[1:]) as driving:
            count, spent, total = driving.ask()
        return Sample(count / spent, 1e6 * serving.ask() / total)


def contestants() -> list[Contestant]:
    faces = (("Erlang", serve_erlang, drive_erlang), ("Python", serve_python, drive_python))
    return [
        Contestant("raw", ((serve_raw,), (drive_raw,))),
        *(
            Contestant(f"{backend}, {face} face", ((serve, backend), (drive_raw,)), target=0.80)
            for face, serve, _ in faces
            for backend in BACKENDS
        ),
        *(
            Contestant(f"{backend}, recv with a timeout", ((serve_erlang, backend, 5000), (drive_raw,)))
            for backend in BACKENDS
        ),
        *(
            Contestant(f"{backend}, {face} face, both ends", ((serve, backend), (drive, backend)))
            for face, serve, drive in faces
            for backend in BACKENDS
        ),
    ]


WORKLOAD = Workload("pingpong", "Passive ping-pong, packet 4, 64 B, one CPU", "round trips/s", measure, contestants())
