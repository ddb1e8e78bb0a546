"""Streams of HTTP that end or go too far, and what other options make of one."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import close_peer, joined, receive_all, recvs
from .packet_http import GET, HEAD, HTTP, lines

SIZE = "inet:setopts/2, options packet and packet_size"


def delivered(t: Subject, kind: str, data: bytes, count: int, *options: Term) -> list[Term]:
    """Messages for `data` in one segment."""
    _, peer = joined(t, "binary", ("active", True), ("packet", kind), *options)
    peer.send(data)
    return t.messages(count)


@case(
    "packet/http/end-inside",
    title="The stream ends within a line: closed; a header that only lacked its next byte is lost, too",
    means="""The last header of a head without its empty line is complete to the eye, and is never delivered. A peer
    that closes instead of sending the empty line has not sent a head.""",
    source=HTTP,
)
def end_inside(t: Subject) -> Term:
    ends = (b"GET / HT", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n")
    return [(data, *end_within(t, data)) for data in ends]


def end_within(t: Subject, data: bytes) -> tuple[Term, Term]:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(data)
    close_peer(peer)
    passive = receive_all(t, sock, 2, 2000)
    _, peer = joined(t, "binary", ("active", True), ("packet", "http_bin"))
    peer.send(data)
    peer.close()
    return (passive, t.messages(2 if b"\n" in data else 1))


@case(
    "packet/http/long-header",
    title="A header of 20000 bytes: emsgsize on inet, where a line must fit the buffer; whole on socket",
    means="""Cookies grow. On inet a line is limited by the larger of buffer and packet_size, 9216 bytes by default, and
    the connection is closed when one is longer: set packet_size to what you are willing to take. On socket the default
    is 64 MB: set it there, too, for the opposite reason.""",
    source=SIZE + " and buffer",
)
def long_header(t: Subject) -> Term:
    sizes = ((), (("packet_size", 30000),), (("packet_size", 10000),))
    return [(*size, [shortened(line) for line in receive_long(t, *size)]) for size in sizes]


def receive_long(t: Subject, *options: Term) -> list[Term]:
    sock, peer = t.pair(("packet", "http_bin"), *options)
    peer.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 20000 + b"\r\n\r\n")
    return receive_all(t, sock, 3, 500)


def shortened(result: Term) -> Term:
    match result:
        case ("ok", ("http_header", number, name, _, value)):
            return ("ok", number, name, len(value))
        case _:
            return result


@case(
    "packet/http/over-packet-size",
    title="A line over packet_size: emsgsize; then inet has closed, and socket has lost the line or refuses it again",
    means="""It counts for the request line, and for a header with its folds, each with its line end. On inet the
    connection is gone and nobody can be told 414 or 431; on socket you can still send. There the line is gone, too, if
    the recv that failed had read it, and refused again by each recv if one before had: close after the answer.""",
    source=SIZE,
)
def over_packet_size(t: Subject) -> Term:
    heads = (
        b"GET /aaaaaaaaaaaa HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nA: bbbbbbbbbbbbbbbbb\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    )
    return [exceed(t, data) for data in heads]


def exceed(t: Subject, data: bytes) -> Term:
    sock, peer = t.pair(("packet", "http_bin"), ("packet_size", 20))
    peer.send(data)
    return (receive_all(t, sock, 3), t.catch(gen_tcp.send, sock, b"HTTP/1.1 431 \r\n\r\n"))


@case(
    "packet/http/endless-line",
    title="A line that has no end is emsgsize when packet_size bytes of it are there",
    means="""Nothing more has to come. Without packet_size inet stops at its buffer and socket at 64 MB, so a stranger
    can make you keep that much for each connection.""",
    source=SIZE,
)
def endless_line(t: Subject) -> Term:
    return [(kind, lines(t, kind, b"A" * 100, 1, ("packet_size", 100))) for kind in ("http_bin", "httph_bin")]


@case(
    "packet/http/over-packet-size-active",
    title="Active: tcp_error emsgsize; tcp_closed follows on inet only",
    means="""The tag is tcp_error and not http, and on socket it is the last that you hear although the connection is
    open: close it.""",
    source=SIZE + "; option active",
)
def over_packet_size_active(t: Subject) -> Term:
    return delivered(t, "http_bin", b"GET /aaaaaaaaaaaa HTTP/1.1\r\n", 1, ("packet_size", 20))


@case(
    "packet/http/deliver-port",
    title="{deliver, port}: inet gives the lines as they came, socket the terms",
    means="""On inet {S, {data, Line}} has the bytes of the line, in the socket's mode, and nothing is taken apart; on
    socket it has the packet. Either way the state goes on: do not use the two options together.""",
    source=HTTP + "; option deliver",
)
def deliver_port(t: Subject) -> Term:
    return delivered(t, "http_bin", HEAD, 4, ("deliver", "port"))


@case(
    "packet/http/header-option",
    title="The option header has no say in what http delivers",
    means="""It is for packets that are bytes. It counts again when the socket is raw, so a body may come in two parts,
    a list and a binary.""",
    source=HTTP + "; option header",
)
def header_option(t: Subject) -> Term:
    return lines(t, "http_bin", b"GET / HTTP/1.1\r\n", 1, ("header", 2))


@case(
    "packet/http/sent",
    title="send in mode http sends what you give it",
    means="""The types are for reading only. Write the whole response yourself; iodata is one write.""",
    source=HTTP + "; gen_tcp:send/2",
)
def sent(t: Subject) -> Term:
    return [(kind, send_with(t, kind)) for kind in ("http", "http_bin", "httph", "httph_bin")]


def send_with(t: Subject, kind: str) -> Term:
    sock, peer = t.pair(("packet", kind))
    return (gen_tcp.send(sock, [b"HTTP/1.1 200 OK\r\n", [13, 10]]), peer.recv_exact(19))


@case(
    "packet/http/length-refused",
    title="recv with a length is einval in mode http",
    means="""Set raw before you read a body of known length, and http again behind it. The refused call has taken
    nothing: the next recv gives the line.""",
    source="gen_tcp:recv/3, Length; " + HTTP,
)
def length_refused(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "http_bin"))
    peer.send(GET)
    return recvs(t, sock, (3, 100), (0, 100), (0, 100))
