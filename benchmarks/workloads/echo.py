"""Many connections held by one owner, each with one packet under way; the load generator has the other CPU."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from ..load import Load, compiler
from ..model import Contestant, Goal, Options, Sample, Workload
from ..peers.roster import AIO_GOALS, GENTCP, GENTCP_AIO, GENTCP_ERLANG, RAW_EPOLL, orientation
from ..sides import Program, Side, cpus, spent

SIZE = 64
SPARE = 100
"""Descriptors for everything else."""
BASE = "raw_epoll"


def short_of(connections: int) -> str | None:
    """Why so many are not possible here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if compiler() is None:
        return "there is no C compiler for the load generator"
    if hard != resource.RLIM_INFINITY and connections + SPARE > hard:
        return f"{connections:,} connections are more than {hard:,} descriptors allow"
    return None


def measure(server: Program, connections: int, options: Options) -> Sample:
    cpu, other = cpus()
    seconds = options.seconds * (1 if connections <= 1000 else 1.5)
    with Side(cpu, server, connections) as serving, Load(
        other, "echo", serving.ask(), connections, SIZE, seconds
    ) as load:  # fmt: skip
        load.ready()
        with spent(serving) as used:
            load.go()
            count, time, total = load.result()
    return Sample((count / time, 1e6 * used[0] / total))


def _contestants(connections: int) -> Iterator[Contestant]:
    yield Contestant(BASE, (RAW_EPOLL.program("echo"), connections), base=BASE)
    for peer in (*GENTCP, *GENTCP_ERLANG):
        program = peer.program("echo_active")
        yield Contestant(f"{peer.name}, active", (program, connections), (Goal(0.90, BASE),), base=BASE)
    for peer, wanted in zip(GENTCP_AIO, AIO_GOALS, strict=True):
        yield Contestant(peer.name, (peer.program("echo"), connections), wanted, base=BASE, needs=peer.needs)
        active = (peer.program("echo_active"), connections)
        yield Contestant(f"{peer.name}, active", active, base=BASE, needs=peer.needs)
    for one in orientation("echo"):
        yield Contestant(one.name, (*one.args, connections), base=BASE, needs=one.needs, every=one.every)


def _workload(connections: int) -> Workload:
    return Workload(
        f"echo-{connections}",
        f"Echo, {connections:,} connections held by one owner, {SIZE} B, packet 4",
        ("messages/s", "CPU us/msg"),
        measure,
        list(_contestants(connections)),
        share=1.0 if connections <= 1000 else 0.5,
        impossible=lambda: short_of(connections),
    )


WORKLOADS = tuple(_workload(connections) for connections in (100, 1000, 5000, 10_000))
