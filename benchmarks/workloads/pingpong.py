"""One connection, one packet there and back, packet 4, both sides on one CPU.

On one CPU, since waking another one takes longer on a virtual machine than everything that is measured here.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Contestant, Goal, Options, Sample, Workload
from ..peers.roster import (
    AIO_GOALS,
    GENTCP,
    GENTCP_AIO,
    GENTCP_ERLANG,
    RAW,
    RAW_EPOLL,
    UVLOOP,
    UVLOOP_STREAMS,
    orientation,
)
from ..sides import Program, Side, cpus, spent


def measure(server: Program, client: Program, size: int, options: Options) -> Sample:
    cpu, _ = cpus()
    with Side(cpu, server, 1) as serving, Side(cpu, client, serving.ask(), options.seconds, size) as driving:
        driving.ask()
        with spent(serving, driving) as used:
            driving.tell("go")
            count, seconds = driving.ask()
    return Sample((count / seconds, *(1e6 * time / count for time in used)))


def _contestants(size: int, goal: float) -> Iterator[Contestant]:
    """First who serves a raw client, then who is on both sides."""
    client, goals = RAW.program("drive"), (Goal(goal),)
    yield Contestant("raw", (RAW.program("echo"), client, size))
    for peer in (*GENTCP, *GENTCP_ERLANG):
        yield Contestant(peer.name, (peer.program("echo"), client, size), goals)
    for peer in GENTCP_ERLANG:
        yield Contestant(f"{peer.name}, timeout", (peer.program("echo_timeout"), client, size))
    for peer in GENTCP:
        yield Contestant(f"{peer.name}, active", (peer.program("echo_active"), client, size))
    yield Contestant("raw_epoll", (RAW_EPOLL.program("echo"), client, size))
    for one in orientation("echo"):
        yield Contestant(one.name, (*one.args, client, size), needs=one.needs, every=one.every)
    for peer, wanted in zip(GENTCP_AIO, AIO_GOALS, strict=True):
        yield Contestant(peer.name, (peer.program("echo"), client, size), wanted, needs=peer.needs)
    for peer in (*GENTCP, *GENTCP_ERLANG, *GENTCP_AIO, UVLOOP, UVLOOP_STREAMS):
        both = (peer.program("echo"), peer.program("drive"), size)
        yield Contestant(f"{peer.name}, both ends", both, () if peer.needs else goals, needs=peer.needs)


def _workload(name: str, size: int, goal: float) -> Workload:
    return Workload(
        name,
        f"Ping-pong, one connection, {size:,} B, packet 4, one CPU",
        ("round trips/s", "CPU us/msg server", "CPU us/msg client"),
        measure,
        list(_contestants(size, goal)),
    )


WORKLOADS = (_workload("pingpong", 64, 0.92), _workload("pingpong-4k", 4096, 0.88))
