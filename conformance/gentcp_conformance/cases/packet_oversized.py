"""Packets that a buffer cannot hold, and what becomes of the connection."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import active, close_peer, recvs

LIMITS = "inet:setopts/2, options packet, packet_size and buffer"
MOST = 0x7FFFFFFB
"""The longest length that fits into a header of four bytes, if nothing else is in the buffer."""

PACKETS: dict[Term, tuple[bytes, bytes]] = {
    4: (b"\0\0\0\2hi", MOST.to_bytes(4, "big")),
    "asn1": (b"\x30\2hi", b"\x30\x84" + (MOST - 2).to_bytes(4, "big")),
    "cdr": (b"GIOP\1\0\0\0\0\0\0\2hi", b"GIOP\1\0\0\0" + (MOST - 8).to_bytes(4, "big")),
    "sunrm": (b"\x80\0\0\2hi", b"\xff\xff\xff\xfb"),
}
"""A whole packet, and the header of one behind it that would fit alone."""


@case(
    "packet/counted/length-and-buffered",
    title="A length that is too much together with what is in the buffer already",
    means="""inet's limit of 2^31 - 1 is for the buffer, not for the packet: earlier packets that came in the same
    segment count. A header that announces nearly that much is emsgsize where it is read behind others. Set
    packet_size, and no such number gets that far.""",
    source=LIMITS,
)
def length_and_buffered(t: Subject) -> Term:
    return [(packet, told(t, packet, whole + header)) for packet, (whole, header) in PACKETS.items()]


def told(t: Subject, packet: Term, data: bytes) -> Term:
    _sock, peer = t.pair(("packet", packet), ("active", True))
    peer.send(data)
    first = t.messages(1)
    close_peer(peer)
    return without_socket(first + t.messages(1, within=0.5))


def without_socket(messages: list[Term]) -> list[Term]:
    return [(message[0], *message[2:]) for message in messages]


SHORT: tuple[tuple[Term, bytes], ...] = (
    (1, b"\2hi\1x"), (2, b"\0\0\0\2hi"), (4, b"\0\0\0\2hi"), ("asn1", b"\0\1\2\3\4\5\6\7"), ("sunrm", b"\x80\0\0\2hi"),
    ("tpkt", b"\3\0\0\6hi"), ("fcgi", b"\1\1\0\1\0\2\0\0hi"), ("cdr", b"GIOP\1\0\0\0\0\0\0\2hi"),
    ("line", b"hello\n"), ("httph", b"A: b\r\n\r\n"), ("http", b"GET / HTTP/1.1\r\n\r\n"),
)  # fmt: skip


@case(
    "packet/buffer/smaller-than-a-header",
    title="{buffer, 1} and a packet type: emsgsize on inet before the header is read",
    means="""inet reads into a buffer of that size, and a header that does not fit is a packet that does not fit. On
    socket buffer is how much is read at a time, and packets are put together from any number of reads. Do not shrink
    buffer below the largest header.""",
    source=LIMITS,
)
def smaller_than_a_header(t: Subject) -> Term:
    return [(packet, [through_one_byte(t, packet, data, mode) for mode in (True, False)]) for packet, data in SHORT]


def through_one_byte(t: Subject, packet: Term, data: bytes, mode: bool) -> Term:
    sock, peer = t.pair(("packet", packet), ("buffer", 1))
    if mode:
        inet.setopts(sock, [("active", True)])
    peer.send(data)
    if not mode:
        return recvs(t, sock, (0, 50), (0, 50))
    return without_socket(t.messages(1))


@case(
    "packet/buffer/shrunk-with-a-line-waiting",
    title="buffer is made smaller while a line waits in the system or in the buffer",
    means="""What has been read already is not cut anew on inet: the buffer that holds it stays. What has not been read
    comes in the new size.""",
    source=LIMITS,
)
def shrunk(t: Subject) -> Term:
    return [shrunk_behind(t, *first) for first in ((), (0,), (30,))]


def shrunk_behind(t: Subject, *first: int) -> Term:
    sock, peer = t.pair(("packet", "line"))
    before = recvs(t, sock, *[(0, timeout) for timeout in first])
    peer.send(b"hello\n" + b"x" * 20)
    done = inet.setopts(sock, [("buffer", 5)])
    return (before, done, recvs(t, sock, (0, 50), (0, 50), (0, 50)))


@case(
    "packet/limit/what-the-peer-sees",
    title="After emsgsize with bytes unread inet's close is a reset; on socket the connection stays",
    means="""The peer that sent too much may not learn why: its system gets a reset, which throws away what it had not
    read yet, an error message of yours included. Where it is to read that, take packets apart yourself.""",
    source=LIMITS + "; gen_tcp:close/1",
)
def what_the_peer_sees(t: Subject) -> Term:
    return [(mode, rest, seen_by_peer(t, mode, rest)) for mode in (True, False) for rest in (0, 100_000)]


def seen_by_peer(t: Subject, mode: bool, rest: int) -> Term:
    sock, peer = t.pair(("packet", 4), ("packet_size", 10), ("active", mode))
    peer.send(b"\0\0\0\x64" + b"x" * rest)
    heard = without_socket(t.messages(1)) if mode else t.catch(gen_tcp.recv, sock, 0, 5000)
    return (heard, peer.recv(0.3), active(t, sock))
