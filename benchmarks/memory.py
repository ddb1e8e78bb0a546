"""Resident memory of a server for each accepted connection on which nothing happens."""

from __future__ import annotations

import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gentcp.erl import gen_tcp, inet

from . import raw
from .common import BACKENDS, Contestant, Sample, Side, Workload, cpus

CONNECTIONS = 10_000
QUICK_CONNECTIONS = 5_000
SPARE = 200
"""Descriptors for everything else."""
HOSTS = 4
"""Loopback addresses to connect to, each with ports of its own."""


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def more_descriptors(count: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + SPARE, hard), hard))


def _fill(channel: Connection, port: int, accept: Callable[[], Any]) -> None:
    """Accept as many as we are told, keep them, and say the bytes."""
    channel.send(port)
    count = channel.recv()
    more_descriptors(count)
    kept = [accept() for _ in range(50)]  # whatever is made once only is there now
    before = resident()
    kept += [accept() for _ in range(count - len(kept))]
    channel.send((resident() - before) / (count - 50))
    channel.recv()


def serve_raw(channel: Connection) -> None:
    listener, port = raw.listen()
    _fill(channel, port, lambda: listener.accept()[0])


def serve_erlang(channel: Connection, backend: str, active: bool) -> None:
    _, listener = gen_tcp.listen(
        0, [("inet_backend", backend), "binary", ("packet", 4), ("active", active), ("backlog", 1024)]
    )
    _fill(channel, inet.port(listener)[1], lambda: gen_tcp.accept(listener)[1])


def dial(channel: Connection, port: int, count: int) -> None:
    more_descriptors(count)
    kept = [raw.connect(port, f"127.0.0.{1 + number % HOSTS}") for number in range(count)]
    channel.send(len(kept))
    channel.recv()


def connections(seconds: float) -> int:
    """As many as the time allows, and the limit of descriptors."""
    wanted = QUICK_CONNECTIONS if seconds < 0.5 else CONNECTIONS
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - SPARE)


def measure(server: tuple[Any, ...], seconds: float) -> Sample:
    cpu, other = cpus()
    count = connections(seconds)
    with Side(cpu, *server) as serving:
        port = serving.ask()
        serving.tell(count)
        with Side(other, dial, port, count) as dialling:
            dialling.ask()
            size = serving.ask()
            dialling.tell("done")
        serving.tell("done")
    return Sample(size)


def contestants() -> list[Contestant]:
    found = [Contestant("raw", ((serve_raw,),))]
    for backend in BACKENDS:
        for active in (False, True):
            name = f"{backend}, {'active' if active else 'passive'}"
            found.append(Contestant(name, ((serve_erlang, backend, active),), target=6000))
    return found


WORKLOAD = Workload(
    "memory",
    "Idle accepted connections",
    "resident bytes/connection",
    measure,
    contestants(),
    bound=True,
    rounds=1,
)
