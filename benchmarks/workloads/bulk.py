"""Bytes one way, mostly in pieces of 64 KiB: the contestant sends to a raw sink, or a slow one, or receives."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Contestant, Goal, Options, Sample, Workload
from ..peers.roster import GENTCP, RAW, orientation
from ..peers.turns import CHUNK
from ..sides import Program, Side, SideFailed, cpus, spent

GIB = float(1 << 30)
PAUSE = 0.0005
"""Seconds that the slow reader takes after each 256 KiB."""
LARGE = 4 << 20
"""More than the system takes at once from a sender that is ahead: what is left over waits in the sender's own queue."""


def measure(sender: Program, receiver: Program, measured: int, options: Options) -> Sample:
    """`measured` is 0 when the sender has the CPU of what is measured, 1 when the receiver has."""
    pair = cpus()
    with Side(pair[1 - measured], receiver) as taking:
        port = taking.ask()
        with Side(pair[measured], sender, port, options.seconds) as sending:
            sending.ask()
            with spent(sending, taking) as used:
                sending.tell("go")
                count, start = sending.ask()
                received, stop = taking.ask()
    if received != count:
        raise SideFailed(f"{received:,} bytes of {count:,} were received")
    return Sample((count / (stop - start) / 1e6, *(GIB * time / count for time in used)))


def _goals(column: int) -> tuple[Goal, ...]:
    return Goal(0.95), Goal(1.10, column=column, at_most=True)


def _senders(piece: int, pause: float = 0.0) -> Iterator[Contestant]:
    sink = RAW.program("sink", pause)
    yield Contestant("raw", (RAW.program("bulk_send", piece), sink, 0))
    for peer in GENTCP:
        yield Contestant(peer.name, (peer.program("bulk_send", piece), sink, 0), _goals(1))
    for one in orientation("bulk_send", piece):
        yield Contestant(one.name, (*one.args, sink, 0), needs=one.needs, every=one.every)


def _receivers() -> Iterator[Contestant]:
    source = RAW.program("bulk_send", CHUNK)
    yield Contestant("raw", (source, RAW.program("bulk_receive"), 1))
    for peer in GENTCP:
        yield Contestant(peer.name, (source, peer.program("bulk_receive"), 1), _goals(2))
    for one in orientation("bulk_receive"):
        yield Contestant(one.name, (source, *one.args, 1), needs=one.needs, every=one.every)


def _workload(name: str, title: str, contestants: Iterator[Contestant], share: float = 1.0) -> Workload:
    columns = ("MB/s", "CPU s/GiB sender", "CPU s/GiB receiver")
    return Workload(name, title, columns, measure, list(contestants), digits=(0, 3, 3), share=share)


WORKLOADS = (
    _workload("bulk-send", "Sending pieces of 64 KiB to a raw sink", _senders(CHUNK)),
    _workload("bulk-receive", "Receiving 64 KiB at a time from a raw sender", _receivers()),
    _workload("bulk-slow", "Sending pieces of 4 MiB to a sink that pauses", _senders(LARGE, PAUSE), share=0.6),
)
