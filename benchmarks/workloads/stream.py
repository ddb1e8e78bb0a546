"""Messages one way, one send each, each received as a message; both sides on one CPU, both the contestant's."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import SELDOM, Contestant, Goal, Options, Sample, Workload
from ..peers.roster import GENTCP, GENTCP_ERLANG, OTHERS, RAW, UVLOOP
from ..peers.turns import PACKET, payload
from ..sides import Program, Side, SideFailed, cpus, spent


def measure(sender: Program, receiver: Program, options: Options) -> Sample:
    cpu, _ = cpus()
    with Side(cpu, receiver, "packet") as taking:
        port = taking.ask()
        with Side(cpu, sender, port, options.seconds, PACKET) as sending:
            sending.ask()
            with spent(taking, sending) as used:
                sending.tell("go")
                count, start = sending.ask()
                received, last, stop = taking.ask()
    if received != count or last != payload(PACKET):
        raise SideFailed(f"{received:,} messages of {count:,} were received, the last one {last!r}")
    return Sample((count / (stop - start), *(1e6 * time / count for time in used)))


def _contestants() -> Iterator[Contestant]:
    for peer in (RAW, *GENTCP, *GENTCP_ERLANG, UVLOOP, *OTHERS):
        goals = (Goal(0.90),) if peer in (*GENTCP, *GENTCP_ERLANG) else ()
        programs = (peer.program("send"), peer.program("receive"))
        yield Contestant(peer.name, programs, goals, needs=peer.needs, every=SELDOM if peer in OTHERS else 1)
    for peer in GENTCP:
        yield Contestant(f"{peer.name}, active", (peer.program("send"), peer.program("receive_active")))


WORKLOADS = (
    Workload(
        "stream",
        f"Stream of {PACKET} B messages, one send each, packet 4, one CPU",
        ("messages/s", "CPU us/msg receiver", "CPU us/msg sender"),
        measure,
        list(_contestants()),
        digits=(0, 2, 2),
    ),
)
