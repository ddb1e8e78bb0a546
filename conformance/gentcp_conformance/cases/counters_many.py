"""inet:getstat/2 after many packets: averages and deviations of long streams."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Iterable

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Peer, Subject
from ..term import Term
from ._common import joined
from ._ports import is_port
from .inet_counters import stat

GETSTAT = "inet:getstat/2"
EQUAL = (70,) * 90
MIXED = tuple(1 + 37 * n % 1009 for n in range(100))
LARGE_THEN_SMALL = (*(9_000 - 100 * n for n in range(70)), *(1,) * 200)


def framed(sizes: Iterable[int]) -> bytes:
    """Packets of these sizes for {packet, 2}."""
    return b"".join(size.to_bytes(2, "big") + payload(size) for size in sizes)


def received(t: Subject, sock: Term, peer: Peer, sizes: tuple[int, ...]) -> Term:
    """The counters of what is received when all of these have been: those of socket depend on how it was read."""
    peer.send(framed(sizes))
    seen = len(t.messages(len(sizes)))
    return (seen, stat(sock, "recv") if is_port(t, sock) else "reads")


@case(
    "inet/getstat/many-received",
    title="recv_dvi is a running mean: what came early counts, and so does its order",
    means="""recv_dvi adds up, packet by packet, how far each is from the average of that moment, and divides by their
    number. After a beginning of large packets it stays high for long, however alike those are that follow; it is no
    standard deviation. On socket there is no recv_dvi, and recv_cnt counts reads.""",
    source=GETSTAT,
)
def many_received(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("packet", 2), ("active", True))
    return [received(t, sock, peer, sizes) for sizes in (EQUAL, MIXED, EQUAL, LARGE_THEN_SMALL, MIXED[:20])]


@case(
    "inet/getstat/many-of-one-size",
    title="A long run of packets of one size pulls averages and deviation towards it",
    means="""However many packets of one size follow, the counters are those of the whole connection: after two large
    ones and a thousand small ones recv_max still has the large size, and the average is what all came to.""",
    source=GETSTAT,
)
def one_size(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("packet", 2), ("active", True))
    first = received(t, sock, peer, (65_000, 50_000, *(5_000,) * 70))
    return (first, [received(t, sock, peer, (5,) * count) for count in (1, 64, 65, 300)])


@case(
    "inet/getstat/many-sent",
    title="Hundreds of sends: each is counted once, with its header",
    means="""send_cnt, send_oct, send_max and send_avg stay exact however many sends there are, of one size or of
    many, and whatever is asked in between.""",
    source=GETSTAT,
)
def many_sent(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    found: list[Term] = []
    for sizes in (EQUAL, MIXED, (9,) * 70):
        for size in sizes:
            gen_tcp.send(sock, payload(size))
        found.append(stat(sock, "send"))
    peer.drain(0.1)
    return found


@case(
    "packet/length/equal-then-other",
    title="Hundreds of packets of one size at once, and one of another among them",
    means="""Packets that come in one piece are told apart by their own headers, however alike those before were: the
    odd one and its neighbours come out whole.""",
    source="inet:setopts/2, option packet",
)
def equal_then_other(t: Subject) -> Term:
    found: list[Term] = []
    for kind in (2, 4):
        for sizes in ((7,) * 100 + (9,) + (7,) * 60, (0,) * 65 + (1,) + (0,) * 3):
            stream = b"".join(size.to_bytes(kind, "big") + payload(size) for size in sizes)
            found.append((kind, _as_sent(t, kind, sizes, stream)))
    return found


def _as_sent(t: Subject, kind: int, sizes: tuple[int, ...], stream: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(stream)
    passive = [t.catch(gen_tcp.recv, sock, 0, 5000) for _ in sizes[:20]]
    inet.setopts(sock, [("active", True)])
    messages = t.messages(len(sizes) - len(passive))
    got = [packet for _, packet in passive] + [message[2] for message in messages]
    return ("as_sent", got == [payload(size) for size in sizes])
