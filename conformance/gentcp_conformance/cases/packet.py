"""Packet types 1, 2 and 4: limits, the end of the stream, changing the type on the way, and the option header."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, close_peer, joined, receive_all, recvs, set_active

HEADER = "inet:setopts/2, option header"
PACKET_SIZE = "inet:setopts/2, options packet and packet_size"


def after_header(t: Subject, length: int, calls: int, *options: Term) -> Term:
    """What recv gives after a header of packet 4 that announces `length` bytes, of which three come."""
    sock, peer = t.pair(("packet", 4), *options)
    peer.send(length.to_bytes(4, "big") + b"abc")
    return (length, receive_all(t, sock, calls))


@case(
    "packet/limit/two-gigabytes",
    title="A header of 2 GB or more is emsgsize on both, and ends the connection on inet",
    means="""packet 4 has a 32 bit header, but lengths of 2^31 - 1 and more are refused at once. After emsgsize inet
    has closed the socket and answers enotconn; socket is still open and waits. Close it yourself in both cases. Do
    not count on this to find out garbage: the letters of an HTTP request make a header of 1.2 GB, which inet waits
    for unless you set packet_size.""",
    source=PACKET,
)
def two_gigabytes(t: Subject) -> Term:
    return [after_header(t, length, 2) for length in (0xFFFFFFFF, 0x80000000, 0x7FFFFFFF)]


@case(
    "packet/limit/default",
    title="No packet_size set: no limit on inet, 64 MB on socket",
    means="""The default of packet_size is 0 (no limit) on inet and 67108864 on socket. A client that announces 100 MB
    is waited for on inet, where it costs you the memory if it really sends them, and refused with emsgsize on socket.
    Set packet_size to what your protocol allows, on both.""",
    source=PACKET_SIZE,
    contradicts="That packets of type 4 are limited to 2 GB. On socket the default limit is 64 MB.",
)
def limit_default(t: Subject) -> Term:
    return [after_header(t, length, 2) for length in (67108860, 67108864, 67108865, 100_000_000)]


@case(
    "packet/limit/none",
    title="{packet_size, 0} lifts the limit on both",
    means="""With an explicit 0 the socket backend waits for more than 64 MB just like inet. That is the setting for
    equal behaviour if you do want huge packets; any other program should set a limit.""",
    source=PACKET_SIZE,
)
def limit_none(t: Subject) -> Term:
    return [after_header(t, length, 1, ("packet_size", 0)) for length in (67108864, 67108865)]


@case(
    "packet/limit/set-in-mid-packet",
    title="packet_size applies to a packet that is half received",
    means="""Lowering the limit while a packet is under way refuses that packet when its rest arrives. Do not change
    the limit between authentication and the next request if a request may be in the buffer already.""",
    source=PACKET_SIZE,
)
def set_in_mid_packet(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\x0aabc")
    first = gen_tcp.recv(sock, 0, 50)
    done = inet.setopts(sock, [("packet_size", 4)])
    peer.send(b"defghij")
    return (first, done, receive_all(t, sock, 1))


@case(
    "packet/end/complete",
    title="A complete packet in front of the end of file is delivered",
    means="""The peer may send its last packet and close at once; it arrives, then closed. The error of the call after
    that is enotconn or einval, by backend.""",
    source=PACKET,
)
def end_complete(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\3abc")
    close_peer(peer)
    return receive_all(t, sock, 3)


@case(
    "packet/end/torn",
    title="A packet cut off by the end of file leaves no trace",
    means="""An active socket reports only tcp_closed when the stream ends inside a packet: no error, no fragment.
    Whether the peer finished properly must be part of the protocol (a goodbye message, a count).""",
    source=PACKET,
)
def end_torn(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", 4))
    peer.send(b"\0\0\0\x0aabc")
    peer.close()
    return t.messages(1)


@case(
    "packet/switch/header-comes-back",
    title="Half a packet, then raw: the header bytes are there again",
    means="""If a packet does not complete you can turn to raw and read what there is: header first, then the part of
    the body. Nothing of an unfinished packet is consumed, so a protocol detector may try packet 4 and fall back.""",
    source=PACKET,
)
def header_comes_back(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\6abc")
    first = gen_tcp.recv(sock, 0, 100)
    done = inet.setopts(sock, [("packet", "raw")])
    return (first, done, recvs(t, sock, (4, 100), (3, 100)))


@case(
    "packet/switch/line-to-raw",
    title="line for the head, raw for the body: what was read ahead is not lost",
    means="""A head in lines followed by a body of known length can be read by changing the type in between, although
    head and body came in one segment. The type applies from the next byte that has not been handed out.""",
    source=PACKET,
)
def line_to_raw(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"head\nbody-bytes")
    head = receive_all(t, sock, 1, 500)
    done = inet.setopts(sock, [("packet", "raw")])
    return (head, done, recvs(t, sock, (4, 500), (0, 500)))


@case(
    "packet/switch/raw-to-packet-2",
    title="A raw preamble, then packet 2: framing starts right behind it",
    means="""The other way round works too: read a fixed preamble in raw mode, set packet 2, and the bytes behind it
    are taken for headers and packets even if they were read together with the preamble.""",
    source=PACKET,
)
def raw_to_packet_2(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc\0\2hi\0\3foo")
    preamble = recvs(t, sock, (3, 500))
    done = inet.setopts(sock, [("packet", 2)])
    return (preamble, done, receive_all(t, sock, 3))


@case(
    "packet/switch/active-half-line",
    title="Active socket with half a line, then raw: delivered at once on inet, with the next data on socket",
    means="""Turning to raw makes the half line a message on its own. inet sends it immediately; socket keeps it until
    more data arrives, and then sends both. A protocol that switches and waits for its peer, which in turn waits for
    an answer, hangs on the socket backend.""",
    source=PACKET + "; option active",
)
def active_half_line(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True), ("packet", "line"))
    peer.send(b"abc")
    before = t.messages()
    done = inet.setopts(sock, [("packet", "raw")])
    switched = before + t.messages()
    peer.send(b"d")
    return (done, switched, t.messages(1))


@case(
    "packet/header/short-data",
    title="{header, 2} and less data than that: a plain list on inet, OTP's socket dies of it",
    means="""{header, N} splits off the first N bytes as a list, with the rest as a binary tail. With exactly N bytes
    the tail is an empty binary on inet, and the result a proper list on socket. With fewer, OTP's socket backend
    crashes the process behind the socket: recv exits and the connection is gone, so a peer that sends one byte can
    bring it down. gentcp gives the plain list on both. Match headers in the binary instead.""",
    source=HEADER,
    contradicts="""That header N gives N list elements and a binary as the tail. On socket exactly N bytes are a proper
    list, and fewer end the connection.""",
)
def header_short_data(t: Subject) -> Term:
    return [with_header(t, data) for data in (b"abcdef", b"ab", b"a")]


def with_header(t: Subject, data: bytes) -> Term:
    sock, peer = t.pair(("header", 2))
    peer.send(data)
    received = receive_all(t, sock, 1, 500)
    set_active(t, sock, "once")
    peer.send(data, delivered=False)
    return (data, received, t.messages())


@case(
    "packet/header/packet-4",
    title="{header, 2} with packet 4: a short packet ends the connection on OTP's socket",
    means="""The option counts within the packet, behind the four bytes of length. Packets of one byte and of none are
    plain lists on inet; OTP's socket backend crashes at the first of them, and what was behind it is lost. gentcp
    delivers all three packets on both.""",
    source=HEADER + "; option packet",
    contradicts="""That header N gives N list elements and a binary as the tail. On socket fewer bytes than that end the
    connection.""",
)
def header_packet_4(t: Subject) -> Term:
    sock, peer = t.pair(("header", 2), ("packet", 4))
    peer.send(b"\0\0\0\5hello" + b"\0\0\0\1x" + b"\0\0\0\0")
    return receive_all(t, sock, 3)
