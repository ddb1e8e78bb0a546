"""What a call costs when there are 100,000 messages in the mailbox that it is not about."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Contestant, Goal, Workload
from ..peers.roster import BACKENDS
from ..sides import Program
from . import http

QUEUED = 100_000


def _pair(name: str, work: str, *args: str, goal: bool = True) -> Iterator[Contestant]:
    """With an empty mailbox, and with a full one, whose ratio is to the first."""
    base = f"{name}, 0 queued"
    goals = (Goal(0.90, base),) if goal else ()
    for queued, wanted in ((0, ()), (QUEUED, goals)):
        program = Program("gentcp_mailbox", "run", (work, queued, *args))
        yield Contestant(f"{name}, {queued:,} queued", (program,), wanted, base=base)


def _contestants() -> Iterator[Contestant]:
    for backend in BACKENDS:
        yield from _pair(f"gentcp {backend}, send and recv", "send and recv", backend)
    yield from _pair("gentcp, post and receive", "post and receive")
    yield from _pair("gentcp, selective receive", "post and selective receive", goal=False)


WORKLOADS = (
    Workload(
        "mailbox",
        "Unrelated messages in the mailbox, one process",
        ("turns/CPU s",),
        http.measure,
        list(_contestants()),
        share=0.6,
    ),
)
