"""Resident memory of a server for each accepted connection on which nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic, sleep

from ..load import Load
from ..model import SELDOM, Contestant, Goal, Options, Sample, Workload
from ..peers.roster import GENTCP_ERLANG, RAW, RAW_EPOLL, orientation
from ..sides import PATIENCE, Program, Side, SideFailed, cpus
from .echo import short_of

CONNECTIONS, QUICK = 10_000, 3000
FIRST = 50
"""Connections before it is measured: what is made once only is there then."""
SETTLED = 0.2
"""Seconds for what a server does after it has accepted."""


def measure(server: Program, options: Options) -> Sample:
    cpu, other = cpus()
    count = FIRST + (QUICK if options.quick else CONNECTIONS)
    with Side(cpu, server, count) as serving:
        port = serving.ask()
        idle = serving.descriptors()
        with Load(other, "hold", port, FIRST, count) as load:
            load.ready()
            _wait(serving, idle + FIRST)
            before = serving.resident()
            load.go()
            load.ready()
            _wait(serving, idle + count)
            return Sample(((serving.resident() - before) / (count - FIRST),))


def _wait(serving: Side, descriptors: int) -> None:
    """Until it has accepted them all."""
    deadline = monotonic() + PATIENCE
    while serving.descriptors() < descriptors:
        if monotonic() > deadline:
            raise SideFailed("not all connections were accepted")
        sleep(0.01)
    sleep(SETTLED)


def _contestants() -> Iterator[Contestant]:
    yield Contestant("raw", (RAW.program("hold"),))
    yield Contestant("raw_epoll", (RAW_EPOLL.program("hold"),))
    for peer in GENTCP_ERLANG:
        for active in (False, True):
            name = f"{peer.name.removesuffix(', Erlang face')}, {'active' if active else 'passive'}"
            yield Contestant(name, (peer.program("hold", active),), (Goal(2048, None, at_most=True),) if active else ())
    for one in orientation("hold"):
        yield Contestant(one.name, one.args, needs=one.needs, every=SELDOM)


WORKLOADS = (
    Workload(
        "memory",
        "Idle accepted connections",
        ("bytes/connection",),
        measure,
        list(_contestants()),
        less_is_better=True,
        share=0.2,
        impossible=lambda: short_of(FIRST + CONNECTIONS),
    ),
)
