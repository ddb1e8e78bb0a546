"""The same steps with each packet type that has a header or a line end."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, brief, joined, receive_all, recvs, start

SAMPLES: dict[Term, bytes] = {1: b"\5hello", 2: b"\0\5hello", 4: b"\0\0\0\5hello", "line": b"hello\n"}


@case(
    "packet/types/sent",
    title="What send puts on the wire: a header with 1, 2 and 4, the bare data with line and raw",
    means="""Headers are made by send, line ends are not: a line socket whose sender forgets the newline makes its peer
    wait for ever. Add the newline yourself, and never a length.""",
    source=PACKET + "; gen_tcp:send/2",
)
def sent(t: Subject) -> Term:
    return [(kind, sent_with(t, kind)) for kind in ("raw", 0, *SAMPLES)]


def sent_with(t: Subject, kind: Term) -> Term:
    sock, peer = t.pair(("packet", kind))
    return (gen_tcp.send(sock, b"hello"), peer.recv())


@case(
    "packet/types/received-list",
    title="List mode changes the kind of the data and not where packets end",
    means="""A packet is a list of bytes instead of a binary, without its header, and with its newline for line. Only
    the patterns that match the data have to change with the mode.""",
    source=PACKET + "; option mode",
)
def received_list(t: Subject) -> Term:
    return [(kind, receive_sample(t, kind)) for kind in SAMPLES]


def receive_sample(t: Subject, kind: Term) -> Term:
    sock, peer = t.pair("list", ("packet", kind))
    peer.send(SAMPLES[kind])
    return receive_all(t, sock, 2)


@case(
    "packet/types/byte-by-byte",
    title="A waiting recv gets one packet although it comes in segments of a byte",
    means="""How a peer, or the network, cuts the stream does not show. Code that only works when a packet comes in one
    segment was written for raw.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def byte_by_byte(t: Subject) -> Term:
    return [(kind, receive_bytewise(t, kind)) for kind in SAMPLES]


def receive_bytewise(t: Subject, kind: Term) -> Term:
    sock, peer = t.pair(("packet", kind))
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.send_bytewise(SAMPLES[kind])
    return receiver.outcome(5.0)


@case(
    "packet/types/two-at-once",
    title="Two packets in one segment are two results",
    means="""The second packet waits in the buffer for the next recv, which needs no data from the network. A select or
    poll on the descriptor would not tell you of it.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def two_at_once(t: Subject) -> Term:
    return [(kind, receive_two(t, kind)) for kind in SAMPLES]


def receive_two(t: Subject, kind: Term) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(SAMPLES[kind] * 2)
    return [brief(result) for result in receive_all(t, sock, 3)]


@case(
    "packet/types/active",
    title="In active mode a packet is a message, whatever its type",
    means="""Two packets and a half in one segment are two messages; the half makes none until the rest is there. With
    active once the second stays for later.""",
    source=PACKET + "; option active",
)
def active_packets(t: Subject) -> Term:
    return [(kind, deliver_two(t, kind)) for kind in SAMPLES]


def deliver_two(t: Subject, kind: Term) -> Term:
    sample = SAMPLES[kind]
    _, peer = joined(t, "binary", ("active", True), ("packet", kind))
    peer.send(sample * 2 + sample[:3])
    early = t.messages(2)
    peer.send(sample[3:])
    return (early, t.messages(1))


@case(
    "packet/types/over-packet-size",
    title="A packet over packet_size: the connection is gone on inet, the bytes are gone on socket",
    means="""With {packet_size, 4} five bytes are emsgsize for every type. inet has closed the connection; socket keeps
    it, but what it had read is thrown away, so not even raw mode brings it back. There is no way to skip a packet that
    is too long and go on: close.""",
    source=PACKET + " and packet_size",
)
def over_packet_size(t: Subject) -> Term:
    return [(kind, exceed(t, kind)) for kind in SAMPLES]


def exceed(t: Subject, kind: Term) -> Term:
    sock, peer = t.pair(("packet", kind), ("packet_size", 4))
    peer.send(SAMPLES[kind])
    received = receive_all(t, sock, 2)
    done = inet.setopts(sock, [("packet", "raw")])
    return (received, done, receive_all(t, sock, 1), t.catch(gen_tcp.send, sock, b"x"))


@case(
    "packet/types/length-refused",
    title="A length for recv with a packet type set is einval, also a right one",
    means="""With a packet type recv takes 0 only; it does not check the length against the packet, and it does not
    ignore it either (as socket did on OTP 25). A helper that reads N bytes must set raw first. Nothing is lost by the
    error.""",
    source="gen_tcp:recv/3, Length; " + PACKET,
)
def length_refused(t: Subject) -> Term:
    return [(kind, receive_length(t, kind)) for kind in SAMPLES]


def receive_length(t: Subject, kind: Term) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(SAMPLES[kind])
    return recvs(t, sock, (5, 100), (0, 100))


@case(
    "packet/types/read-back",
    title="getopts packet: raw reads back as 0 on inet, as it was set on socket",
    means="""Compare with both names when you look whether a socket is raw. Unknown types are refused with einval and
    leave the type as it is.""",
    source="inet:getopts/2; " + PACKET,
)
def read_back(t: Subject) -> Term:
    sock, _ = t.pair()
    kinds = ("raw", 0, *SAMPLES, 3, 8, -1, "foo")
    return [(kind, inet.setopts(sock, [("packet", kind)]), inet.getopts(sock, ["packet"])) for kind in kinds]


@case(
    "packet/types/refused-at-birth",
    title="connect and listen exit with badarg for a packet type that does not exist",
    means="""The same value that setopts refuses with an error makes these two exit. A packet type from configuration
    takes the calling process down if you do not check it.""",
    source="gen_tcp:connect/4, listen/2; " + PACKET,
)
def refused_at_birth(t: Subject) -> Term:
    port = t.raw_listener().port
    return [(kind, *refused(t, port, ("packet", kind))) for kind in (3, "foo", -1)]


def refused(t: Subject, port: int, option: Term) -> tuple[Term, Term]:
    connected = t.catch(gen_tcp.connect, (127, 0, 0, 1), port, t.options(option), 500)
    return (brief(connected), brief(t.catch(gen_tcp.listen, 0, t.options(option))))
