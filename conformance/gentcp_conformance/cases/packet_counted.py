"""Streams of the types that others have defined: asn1, cdr, sunrm, fcgi and tpkt."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, close_peer, joined, receive_all, recvs, start
from .decode_counted import HELLO

PACKETS = {kind: data for kind, data in HELLO.items() if kind != "ssl_tls"}
SIZE = "inet:setopts/2, options packet and packet_size"

MISFITS = {
    "asn1": b"\x30\x85\0\0\0\0\5hello",
    "cdr": b"GIOX\1\2\0\0\0\0\0\5hello",
    "fcgi": b"\2\6\0\1\0\5\0\0hello",
    "tpkt": b"\2\0\0\x09hello",
}
"""What can be no packet.  There is no such thing with sunrm."""


@case(
    "packet/counted/received",
    title="Passive: a packet a call, with its header, as a list or as a binary",
    means="""Nothing is taken off, so what arrives can go to a parser for the protocol, or back to the network, as it
    is. Two packets in a segment are two results.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def received(t: Subject) -> Term:
    return [(kind, mode, receive_two(t, kind, mode)) for kind in PACKETS for mode in ("binary", "list")]


def receive_two(t: Subject, kind: str, mode: str) -> Term:
    sock, peer = t.pair(mode, ("packet", kind))
    peer.send(PACKETS[kind] * 2)
    return receive_all(t, sock, 3)


@case(
    "packet/counted/byte-by-byte",
    title="A waiting recv gets one packet although each byte comes alone",
    means="""Headers of 2 to 12 bytes are put together as payloads are. How the network cuts the stream does not
    show.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def byte_by_byte(t: Subject) -> Term:
    return [(kind, receive_bytewise(t, kind, data)) for kind, data in PACKETS.items()]


def receive_bytewise(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.send_bytewise(data)
    return receiver.outcome(5.0)


@case(
    "packet/counted/active-byte-by-byte",
    title="Active: one message for each packet, though each byte comes alone",
    means="""The tag of the messages is tcp, as with raw data. The owner hears nothing of the parts, so it needs a time
    limit of its own for a peer that stops in the middle.""",
    source=PACKET + "; option active",
)
def active_byte_by_byte(t: Subject) -> Term:
    return [(kind, deliver_bytewise(t, kind, data)) for kind, data in PACKETS.items()]


def deliver_bytewise(t: Subject, kind: str, data: bytes) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", kind))
    peer.send_bytewise(data * 2)
    return t.messages(2)


@case(
    "packet/counted/sent",
    title="send adds no header: what you send must be a whole packet already",
    means="""Only 1, 2 and 4 are types for both directions. With these the header is yours to make, and nobody checks
    it; a list of parts is one write.""",
    source=PACKET + "; gen_tcp:send/2",
)
def sent(t: Subject) -> Term:
    return [(kind, send_with(t, kind, data)) for kind, data in PACKETS.items()]


def send_with(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    return (gen_tcp.send(sock, b"hello"), gen_tcp.send(sock, [data[:3], [*data[3:]]]), peer.recv_exact(5 + len(data)))


@case(
    "packet/counted/end-inside",
    title="The stream ends inside a packet: closed, and the fragment is gone",
    means="""A passive recv says closed as if the peer had finished properly, and an active socket tcp_closed. What a
    half packet means must be decided by the protocol.""",
    source=PACKET,
)
def end_inside(t: Subject) -> Term:
    return [(kind, *end_within(t, kind, data[:-2])) for kind, data in PACKETS.items()]


def end_within(t: Subject, kind: str, data: bytes) -> tuple[Term, Term]:
    sock, peer = t.pair(("packet", kind))
    peer.send(data)
    close_peer(peer)
    passive = receive_all(t, sock, 1, 2000)
    _, peer = joined(t, "binary", ("active", True), ("packet", kind))
    peer.send(data)
    peer.close()
    return (passive, t.messages(1))


@case(
    "packet/counted/over-packet-size",
    title="A packet over packet_size is emsgsize as soon as its header is there; inet then closes",
    means="""The announcement is enough, the payload never has to come. On inet the connection is gone; on socket it
    stays, and a program that goes on with recv meets the rest of the packet: close it.""",
    source=SIZE,
)
def over_packet_size(t: Subject) -> Term:
    return [(kind, exceed(t, kind, data)) for kind, data in PACKETS.items()]


def exceed(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind), ("packet_size", 4))
    peer.send(data[:-5])
    return receive_all(t, sock, 2)


@case(
    "packet/counted/gigabytes-refused",
    title="packet_size refuses an announcement of a hundred megabytes by its header alone",
    means="""Without packet_size inet believes any length below 2 GB and makes room for it as it comes; with it the
    attack is over after the header. Set it on every socket that strangers can reach.""",
    source=SIZE,
)
def gigabytes_refused(t: Subject) -> Term:
    heads = {"asn1": b"\x30\x84\7\0\0\0", "cdr": b"GIOP\1\2\0\0\7\0\0\0", "sunrm": b"\x87\0\0\0"}
    return [(kind, announce(t, kind, head)) for kind, head in heads.items()]


def announce(t: Subject, kind: str, head: bytes) -> Term:
    sock, peer = t.pair(("packet", kind), ("packet_size", 65536))
    peer.send(head)
    return receive_all(t, sock, 1, 2000)


@case(
    "packet/counted/no-packet",
    title="What can be no packet is emsgsize, though its size is not the matter",
    means="""The reason is the same as for a packet that is too long, so it does not tell a wrong protocol from a large
    message. inet closes; on socket the connection stays, but what the recv that failed had read is gone. A program that
    guesses protocols must look at the first bytes in raw mode, and set the type then.""",
    source=PACKET,
)
def no_packet(t: Subject) -> Term:
    return [(kind, refuse(t, kind, data)) for kind, data in MISFITS.items()]


def refuse(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(data)
    found = receive_all(t, sock, 2)
    return (found, inet.setopts(sock, [("packet", "raw")]), receive_all(t, sock, 1))


@case(
    "packet/counted/no-packet-active",
    title="Active: what can be no packet is tcp_error emsgsize; tcp_closed follows on inet only",
    means="""Have a clause for tcp_error, and close the socket in it: on inet that does no harm, and on socket the
    connection is still open, and stays so until you do.""",
    source=PACKET + "; option active",
)
def no_packet_active(t: Subject) -> Term:
    return [(kind, deliver_misfit(t, kind, data)) for kind, data in MISFITS.items()]


def deliver_misfit(t: Subject, kind: str, data: bytes) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", kind))
    peer.send(data)
    return t.messages(1)


@case(
    "packet/counted/asn1-long-tag",
    title="asn1: a tag that does not end must fit the buffer on inet, and is waited for on socket",
    means="""packet_size limits the contents and not the tag. inet gives up with emsgsize when its buffer is full;
    socket keeps all of it, and OTP looks at all of it again with each segment.""",
    source=SIZE + " and buffer",
)
def asn1_long_tag(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "asn1"), ("packet_size", 100), ("buffer", 200))
    peer.send(b"\x1f" + b"\xff" * 1000)
    return receive_all(t, sock, 1, 300)


@case(
    "packet/counted/asn1-endless-tag",
    title="asn1: 70000 bytes of a tag are still waited for on OTP's socket",
    means="""packet_size has no say, and nothing ends this but the memory of the machine: set a time limit of your own
    for a packet, and close when it is over.""",
    source=SIZE,
)
def asn1_endless_tag(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "asn1"), ("packet_size", 100))
    receiver = start(t, gen_tcp.recv, sock, 0, 700)
    peer.send(b"\x1f" + b"\xff" * 70000, delivered=False)
    return receiver.outcome(5.0)


@case(
    "packet/counted/fcgi-padding",
    title="fcgi: padding that comes later belongs to the record before it",
    means="""A record is delivered when its padding is there, and not with its content. The padding never shows, neither
    at its end nor in front of the next record.""",
    source=PACKET,
)
def fcgi_padding(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "fcgi"))
    peer.send(b"\1\6\0\1\0\5\3\0hellop")
    early = receive_all(t, sock, 1)
    peer.send(b"ad\1\6\0\1\0\1\1\0xp")
    return (early, receive_all(t, sock, 3))


@case(
    "packet/counted/length-refused",
    title="recv with a length is einval with each of these types",
    means="""A packet type decides how much comes. To read so many bytes set raw first. The refused call takes nothing
    away.""",
    source="gen_tcp:recv/3, Length; " + PACKET,
)
def length_refused(t: Subject) -> Term:
    return [(kind, receive_length(t, kind, data)) for kind, data in PACKETS.items()]


def receive_length(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(data)
    return recvs(t, sock, (len(data), 100), (0, 100))


@case(
    "packet/counted/switch-buffered",
    title="From each type to the next, all in one segment",
    means="""The type counts when a packet is taken out: five protocols in a row need no pause between them.""",
    source=PACKET,
)
def switch_buffered(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"".join(PACKETS.values()))
    found: list[Term] = []
    for kind in PACKETS:
        found += [inet.setopts(sock, [("packet", kind)]), *receive_all(t, sock, 1)]
    return found


@case(
    "packet/counted/switch-inside",
    title="Half a packet, then raw: its header is there again",
    means="""A type that turns out to be wrong costs nothing as long as it only waits: what has come is still there for
    another one.""",
    source=PACKET,
)
def switch_inside(t: Subject) -> Term:
    return [(kind, leave(t, kind, data[:-1])) for kind, data in PACKETS.items()]


def leave(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(data)
    found = receive_all(t, sock, 1)
    return (found, inet.setopts(sock, [("packet", "raw")]), receive_all(t, sock, 1))


@case(
    "packet/counted/header-option",
    title="The option header makes a list of the first bytes of the packet, its header",
    means="""With {header, 4} and sunrm the four bytes of the record mark can be matched one by one, in binary mode. It
    has no say in list mode.""",
    source=PACKET + "; option header",
)
def header_option(t: Subject) -> Term:
    return [(kind, split_header(t, kind, data)) for kind, data in PACKETS.items()]


def split_header(t: Subject, kind: str, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind), ("header", 4))
    peer.send(data)
    return receive_all(t, sock, 1)


@case(
    "packet/counted/deliver-port",
    title="{deliver, port}: packets come as {Socket, {data, Packet}}",
    means="""The form of messages that ports have, for code that served ports before. Where a packet ends does not
    change.""",
    source=PACKET + "; option deliver",
)
def deliver_port(t: Subject) -> Term:
    return [(kind, deliver_as_port(t, kind, data)) for kind, data in PACKETS.items()]


def deliver_as_port(t: Subject, kind: str, data: bytes) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("deliver", "port"), ("packet", kind))
    peer.send(data)
    return t.messages(1)


@case(
    "packet/counted/read-back",
    title="getopts gives the name that was set; ssl_tls reads back as ssl",
    means="""Only raw has two names, and reads back as another one on inet. ssl_tls is there on inet alone.""",
    source="inet:getopts/2; " + PACKET,
)
def read_back(t: Subject) -> Term:
    sock, _ = t.pair()
    kinds = (*PACKETS, "http", "http_bin", "httph", "httph_bin", "ssl_tls")
    return [(kind, inet.setopts(sock, [("packet", kind)]), inet.getopts(sock, ["packet"])) for kind in kinds]
