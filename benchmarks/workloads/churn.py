"""Connect, one packet there and back, close: so many connections a second can be served."""

from __future__ import annotations

from collections.abc import Iterator

from ..load import Load
from ..model import Contestant, Goal, Options, Sample, Workload
from ..peers.roster import GENTCP_ERLANG, RAW_EPOLL, orientation
from ..sides import Program, Side, cpus, spent
from .echo import BASE, SIZE, short_of

AT_A_TIME = 64
ACCEPTORS = 16


def measure(server: Program, options: Options) -> Sample:
    cpu, other = cpus()
    with Side(cpu, server, AT_A_TIME) as serving, Load(
        other, "churn", serving.ask(), AT_A_TIME, SIZE, options.seconds
    ) as load:  # fmt: skip
        load.ready()
        with spent(serving) as used:
            load.go()
            count, time, total = load.result()
    return Sample((count / time, 1e6 * used[0] / total))


def _contestants() -> Iterator[Contestant]:
    yield Contestant(BASE, (RAW_EPOLL.program("churn"),), base=BASE)
    for peer in GENTCP_ERLANG:
        name = peer.name.removesuffix(", Erlang face")
        yield Contestant(f"{name}, active", (peer.program("churn_active"),), (Goal(0.60, BASE),), base=BASE)
        yield Contestant(f"{name}, {ACCEPTORS} acceptors", (peer.program("churn", ACCEPTORS),), base=BASE)
    yield from orientation("churn", base=BASE)


WORKLOADS = (
    Workload(
        "churn",
        f"Connect, one packet of {SIZE} B there and back, close; {AT_A_TIME} at a time",
        ("connections/s", "CPU us/conn"),
        measure,
        list(_contestants()),
        impossible=lambda: short_of(AT_A_TIME),
    ),
)
