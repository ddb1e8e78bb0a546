"""The receiver alone: messages of a peer that has framed them before and never pauses, one a call or in batches."""

from __future__ import annotations

from collections.abc import Iterator

from ..load import Load
from ..model import Contestant, Goal, Options, Sample, Workload
from ..peers.roster import GENTCP, GENTCP_ERLANG, RAW, orientation
from ..peers.turns import LINE, PACKET, payload
from ..sides import Program, Side, SideFailed, cpus, spent
from .echo import short_of


def measure(server: Program, kind: str, options: Options) -> Sample:
    cpu, other = cpus()
    size = PACKET if kind == "packet" else LINE
    with Side(cpu, server, kind) as serving, Load(
        other, "blast", serving.ask(), kind, size, options.seconds
    ) as load:  # fmt: skip
        load.ready()
        with spent(serving) as used:
            load.go()
            received, last, _ = serving.ask()
            count, time, _ = load.result()
    expected = payload(size) if kind == "packet" else payload(size)[:-1]
    if received != count or last.rstrip(b"\n") != expected:
        raise SideFailed(f"{received:,} messages of {count:,} were received, the last one {last!r}")
    return Sample((count / time, 1e6 * used[0] / count))


def _contestants(kind: str, goal: float) -> Iterator[Contestant]:
    yield Contestant("raw", (RAW.program("receive"), kind))
    if kind == "line":
        yield Contestant("raw, all in Python", (RAW.program("receive_by_hand"), kind))
    for peer in (*GENTCP, *GENTCP_ERLANG):
        yield Contestant(peer.name, (peer.program("receive"), kind), (Goal(goal),))
    for peer in GENTCP:
        batch = (peer.program("receive_batch"), kind)
        yield Contestant(f"{peer.name}, recv_many", batch, (Goal(0.90),), needs=("gentcp:Socket.recv_many",))
        yield Contestant(f"{peer.name}, active", (peer.program("receive_active"), kind))
    for one in orientation("receive"):
        yield Contestant(one.name, (*one.args, kind), needs=one.needs, every=one.every)


def _workload(kind: str, what: str, goal: float) -> Workload:
    return Workload(
        f"receiver-{kind}",
        f"Receiver alone, {what}, from a peer that never pauses",
        ("messages/s", "CPU us/msg"),
        measure,
        list(_contestants(kind, goal)),
        digits=(0, 3),
        impossible=lambda: short_of(1),
    )


WORKLOADS = (
    _workload("packet", f"{PACKET} B, packet 4", 0.70),
    _workload("line", f"lines of {LINE} B", 0.60),
)
