"""One way only, to know: small packets received one call each, and bulk data sent in large pieces."""

from __future__ import annotations

from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet

from . import raw
from .common import BACKENDS, Contestant, Sample, Side, Workload, cpu_seconds, cpus

PIECE = 65536
MESSAGE = 100


# ---- receivers of small packets: packets, seconds, processor seconds


def receive_raw(channel: Connection) -> None:
    listener, port = raw.listen()
    channel.send(port)
    sock, _ = listener.accept()
    start, before = perf_counter(), cpu_seconds()
    count = raw.count_packets(sock)
    channel.send((count, perf_counter() - start, cpu_seconds() - before))


def receive_erlang(channel: Connection, backend: str, active: bool) -> None:
    _, listener = gen_tcp.listen(0, [("inet_backend", backend), "binary", ("packet", 4), ("active", active)])
    channel.send(inet.port(listener)[1])
    _, sock = gen_tcp.accept(listener)
    start, before, count = perf_counter(), cpu_seconds(), 0
    if active:
        while gentcp.receive()[0] == "tcp":
            count += 1
    else:
        while gen_tcp.recv(sock, 0)[0] == "ok":
            count += 1
    channel.send((count, perf_counter() - start, cpu_seconds() - before))


def blast(channel: Connection, port: int, seconds: float) -> None:
    packet = raw.frame(bytes(MESSAGE))
    piece, sock = packet * (PIECE // len(packet)), raw.connect(port)
    raw.for_a_while(lambda: sock.sendall(piece), seconds, batch=1)
    sock.close()
    channel.send("done")


def measure_small(server: tuple[Any, ...], seconds: float) -> Sample:
    cpu, other = cpus()
    with Side(cpu, *server) as serving, Side(other, blast, serving.ask(), seconds) as driving:
        driving.ask()
        count, spent, used = serving.ask()
    return Sample(count / spent, 1e6 * used / count)


# ---- senders of bulk data


def send_raw(channel: Connection, port: int, seconds: float) -> None:
    sock, data = raw.connect(port), bytes(PIECE)
    _send(channel, lambda: sock.sendall(data), seconds)
    sock.close()


def send_erlang(channel: Connection, port: int, seconds: float, backend: str) -> None:
    data = bytes(PIECE)
    _, sock = gen_tcp.connect("localhost", port, [("inet_backend", backend), "binary", ("active", False)])
    _send(channel, lambda: gen_tcp.send(sock, data), seconds)
    gen_tcp.close(sock)


def _send(channel: Connection, turn: Any, seconds: float) -> None:
    before = cpu_seconds()
    count, _ = raw.for_a_while(turn, seconds, batch=10)
    channel.send((count, cpu_seconds() - before))


def sink(channel: Connection) -> None:
    """Read everything: bytes and seconds."""
    listener, port = raw.listen()
    channel.send(port)
    sock, _ = listener.accept()
    room, count, start = bytearray(4 * PIECE), 0, perf_counter()
    while got := sock.recv_into(room):
        count += got
    channel.send((count, perf_counter() - start))


def measure_bulk(sender: tuple[Any, ...], seconds: float) -> Sample:
    cpu, other = cpus()
    with Side(other, sink) as reading, Side(cpu, sender[0], reading.ask(), seconds, *sender[1:]) as sending:
        count, used = sending.ask()
        size, spent = reading.ask()
    return Sample(size / spent / 1e6, 1e6 * used / count)


# ---- the workloads


def receivers() -> list[Contestant]:
    found = [Contestant("raw", ((receive_raw,),))]
    for backend in BACKENDS:
        for active in (False, True):
            name = f"{backend}, {'active' if active else 'passive'}"
            found.append(Contestant(name, ((receive_erlang, backend, active),)))
    return found


def senders() -> list[Contestant]:
    found = [Contestant("raw", ((send_raw,),))]
    found += [Contestant(backend, ((send_erlang, backend),)) for backend in BACKENDS]
    return found


SMALL = Workload("small", "Receiving 100 B packets, packet 4", "messages/s", measure_small, receivers())
BULK = Workload("bulk", "Sending in pieces of 64 KiB", "MB/s", measure_bulk, senders())
