"""recv at its edges: lengths past 31 bits, several who wait, and what is read before a header is there."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import recvs, start
from ._ports import is_port

RECV = "gen_tcp:recv/3"


@case(
    "recv/length/beyond-31-bits",
    title="Lengths past 31 bits: the driver of inet takes 32, and sees the larger half as 0",
    means="""recv(Socket, 16#80000000) is as recv(Socket, 0) on inet, and 2^32 + 3 is 3; from 64 MB and one byte up to
    there it is enomem. On socket it waits for as many bytes as it says. Do not take a length from the wire without a
    look at it.""",
    source=RECV,
)
def beyond(t: Subject) -> Term:
    lengths = ((1 << 26) + 1, (1 << 31) - 1, 1 << 31, (1 << 31) + 5, (1 << 32) - 1, 1 << 32, (1 << 32) + 3)
    found: list[Term] = []
    for length in lengths:
        sock, peer = t.pair()
        peer.send(b"hello")
        found.append((length, recvs(t, sock, (length, 100), (0, 100))))
    return found


@case(
    "recv/header/shorter",
    title="With {header, N} raw data of fewer bytes than N come as they are",
    means="""Raw data shorter than the header come as a list of what is there: the option cuts what is delivered, and
    does not wait for more. Read by length if you need all of it: on the socket backend of OTP data that are shorter
    end the connection with a crash.""",
    source="inet:setopts/2, option header",
)
def header(t: Subject) -> Term:
    log: list[Term] = []
    for part in (b"a", b"ab", b"abc", b"abcde"):
        sock, peer = t.pair(("header", 3))
        if len(part) < 3 and not is_port(t, sock):
            continue  # it crashes the process behind the socket
        peer.send(part)
        log.append(t.catch(gen_tcp.recv, sock, 0, 1000))
    return log


@case(
    "recv/pending/packets-in-turn",
    title="Three that wait for packets, which come one by one",
    means="""On inet there is one reader, and the others are told ealready. On socket each packet goes to the one who
    has waited longest, also when a packet comes in two parts.""",
    source=RECV,
)
def in_turn(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    readers = [start(t, gen_tcp.recv, sock, 0) for _ in range(3)]
    for part in (b"\0\1a", b"\0\2b", b"b\0\3ccc"):
        peer.send(part)
        t.messages(0)
    return [reader.outcome(2.0 if number == 0 else 0.3) for number, reader in enumerate(readers)]


@case(
    "recv/pending/timed-in-turn",
    title="Of those who wait one gives up: the next one takes over at once, with what is there",
    means="""A timeout of the first does not disturb the line: the data go to the second, whose own time has begun
    when it became the first.""",
    source=RECV,
)
def timed_in_turn(t: Subject) -> Term:
    sock, peer = t.pair()
    first = start(t, gen_tcp.recv, sock, 5, 600)
    second = start(t, gen_tcp.recv, sock, 3, 5000)
    third = start(t, gen_tcp.recv, sock, 2, 5000)
    peer.send(b"abcd")
    results = [task.outcome(3.0) for task in (first, second)]
    peer.send(b"ef")
    return (results, third.outcome(3.0), recvs(t, sock, (0, 100)))
