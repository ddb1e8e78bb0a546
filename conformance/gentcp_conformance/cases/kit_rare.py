"""Rare inputs that a sample of mutants, taken at random, has shown to be missing."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket

from gentcp.erl import gen_tcp, inet, prim_inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import DECODE, brief, buffers_full, close_peer, decode, recvs
from ._options import SETOPTS, put
from ._ports import is_port
from .connect import complete

PASSIVE = ("active", False)


@case(
    "decode/http/short-lines",
    title="A blank behind a line of HTTP that is empty, or has one byte",
    means="""Only a header with something in it goes on in the next line. Behind the empty line, with or without a
    carriage return, the body begins, and that may begin with a blank.""",
    source=DECODE,
)
def short_lines(t: Subject) -> Term:
    lines = (b"\n x\r\n\r\n", b"\r\n x\r\n\r\n", b"a\n x\r\n\r\n", b"ab\n x\r\n\r\n", b"a:\n x\r\n\r\n")
    return [(line, decode(t, "httph_bin", line, ("packet_size", 1))) for line in lines] + [
        (line, decode(t, "httph_bin", line, ("line_length", 100))) for line in lines
    ]


@case(
    "decode/http/bare-newlines",
    title="Lines of HTTP that end with a newline alone, before one that ends with a carriage return too",
    means="""A newline ends a line whether a carriage return is in front of it or not. Who looks for both takes two
    lines for one, and what stands in the second, such as another length, for a part of the first.""",
    source=DECODE,
)
def bare_newlines(t: Subject) -> Term:
    headers = (
        b"A: b\nC: d\r\n\r\n",
        b"Host: x\n\r\n",
        b"Host:x\n\r\n\r\n",
        b"Unusual: b\nC: d\r\n\r\n",
        b"A: \nC: d\r\nE",
    )
    starts = (b"GET / HTTP/1.1\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\nHost: x\r\n\r\n", b"GET /\x0b HTTP/1.1\r\n\r\n")
    return [(line, decode(t, "httph_bin", line)) for line in headers] + [
        (line, decode(t, "http_bin", line)) for line in starts
    ]


@case(
    "decode/asn1/tags",
    title="Tags of ASN.1 in one byte and in several",
    means="""The low five bits of the first byte say which, when all of them are set; a tag of 30 has a byte of its
    own.""",
    source=DECODE,
)
def tags(t: Subject) -> Term:
    firsts = (0x1D, 0x1E, 0x1F, 0x3E, 0x3F, 0x9E, 0xDF)
    return [(first, decode(t, "asn1", bytes([first, 3]) + b"\1\2\3\4")) for first in firsts]


@case(
    "options/raw/no-tuple",
    title="setopts of raw with what is no tuple of three",
    means="""It is einval on both backends, whatever it is, and nothing is set: the level, the number and the value
    are always given together.""",
    source=SETOPTS + ", option raw",
)
def no_tuple(t: Subject) -> Term:
    sock, _ = t.pair()
    return [(value, put(t, sock, ("raw", value))) for value in (5, "x", [6, 1, b"\1\0\0\0"], (6, 1), (), b"abc")]


@case(
    "prim-inet/async-recv/buffered",
    title="async_recv of a packet that is there already",
    means="""The packet came with the one before. The message is sent at once, and a second async_recv waits for
    more.""",
    source="prim_inet:async_recv/3 (undocumented)",
)
def buffered(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    if not is_port(t, sock):
        return "no port"
    peer.send(b"\1a\1b")
    first = recvs(t, sock, (0, 1000))
    asked = brief(t.catch(prim_inet.async_recv, sock, 0, 50))
    told = [(message[0], message[3]) for message in t.messages(1)]
    return (first, asked, told)


@case(
    "ownership/end/linger-zero",
    title="The owner is killed, with linger 0 and more than the system takes",
    means="""With {linger, {true, 0}} what is queued is dropped and the peer gets a reset, as after a close.""",
    source="inet:setopts/2, option linger",
    alone=True,
)
def linger_zero(t: Subject) -> Term:
    listener = t.raw_listener(rcvbuf=65536)
    options = ("binary", PASSIVE, ("sndbuf", 65536), ("linger", (True, 0)), ("send_timeout", 50))
    owner = t.spawn(t.connect, listener.port, *options)
    sock = owner.outcome(5.0)
    peer = t.raw_accept(listener)
    t.catch(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    owner.kill()
    got, end = peer.drain(0.5)
    return ("whole", len(got) == len(payload()), end)


@case(
    "connect/sockaddr/port-edges",
    title="Port 65536, or no port, in an address map",
    means="""inet refuses 65536. socket cuts it to 16 bits, which makes it port 0: any port to listen on, and none to
    connect to.""",
    source="gen_tcp:connect/3, listen/2, option ifaddr",
)
def port_edges(t: Subject) -> Term:
    found: list[Term] = []
    for port in (65536, 1 << 32, "x"):
        address = {"family": "inet", "addr": (127, 0, 0, 1), "port": port}
        listening = t.catch(gen_tcp.listen, 0, t.options(PASSIVE, ("ifaddr", address)))
        found.append((port, listening, t.catch(gen_tcp.connect, address, t.options(PASSIVE), 1000)))
    return found


@case(
    "recv/timeout/far",
    title="Timeouts of more than 32 bits of milliseconds, which is 49 days",
    means="""recv and accept of inet take any number and see 32 bits of it, so that a long time becomes a short one;
    connect takes up to 292 years. socket has timers of 32 bits: more is an error, whose name depends on the size.""",
    source="gen_tcp:recv/3, accept/2, connect/4",
)
def far(t: Subject) -> Term:
    bits32, bits42, bits44 = ((1 << bits) + 5000 for bits in (32, 42, 44))
    times = ((1 << 32) - 1, bits32, bits42, bits44, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, 1 << 70, -1)
    sock, peer = t.pair()
    listener = t.listen(("backlog", 20))
    raw = t.raw_listener(backlog=20)
    found: list[Term] = []
    for time in times:
        peer.send(b"a")
        received = t.catch(gen_tcp.recv, sock, 0, time)
        client = t.raw_connect(t.port(listener))
        accepted = brief(t.catch(gen_tcp.accept, listener, time))
        connected = brief(t.catch(gen_tcp.connect, (127, 0, 0, 1), raw.port, t.options(PASSIVE), time))
        client.close()
        found.append((time, received, accepted, connected))
    return (found, _late(t, (1 << 32) + 50))


def _late(t: Subject, time: int) -> Term:
    port = t.raw_listener(backlog=0).port
    crowd: list[socket.socket] = []
    while complete(port, crowd):
        pass
    late = t.catch(gen_tcp.connect, (127, 0, 0, 1), port, t.options(PASSIVE), time)
    for raw in crowd:
        raw.close()
    return late


@case(
    "options/protocol/edges",
    title="protocol as a number at the edges of 32 bits",
    means="""inet knows tcp and mptcp alone, as the manual says. socket gives any number of 32 bits to the system, and
    fails in its own code for others.""",
    source="gen_tcp:connect/3, option protocol",
)
def protocol_edges(t: Subject) -> Term:
    numbers = (-(1 << 31) - 1, -(1 << 31), -1, 0, 6, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, 1 << 32)
    listener = t.raw_listener()
    return [
        (number, brief(t.catch(gen_tcp.connect, (127, 0, 0, 1), listener.port, t.options(("protocol", number)), 1000)))
        for number in numbers
    ]


@case(
    "connect/local/no-path",
    title="connect with the option local to what is no local address",
    means="""The address is {local, Path}. A pair with another atom, or a path alone, is refused before a socket is
    made.""",
    source="gen_tcp:connect/3, option local",
    needs=("local",),
)
def no_path(t: Subject) -> Term:
    addresses = (("foo", b"/x"), ("local", b"/x", 1), b"/x", "localhost", 5, ("local",), (127, 0, 0, 1))
    return [(there, brief(t.catch(gen_tcp.connect, there, 0, t.options("local"), 100))) for there in addresses]


@case(
    "recv/timeout/zero-and-long",
    title="recv with timeout 0 of something long that is all there",
    means="""One call gets it, however long it is: the timeout is about waiting, and not about reading. That holds for
    packets and for a number of bytes, and when a recv before has had the first bytes in its hands.""",
    source="gen_tcp:recv/3",
)
def zero_and_long(t: Subject) -> Term:
    found: list[Term] = []
    for size in (65532, 65533, 131068, 140000):
        for kind in (4, "raw"):
            for first in (0, 3):
                sock, peer = t.pair(("packet", kind), ("recbuf", 1 << 20))
                data = (size.to_bytes(4, "big") if kind == 4 else b"") + bytes(size)
                peer.send(data[:first])
                length = 0 if kind == 4 else size
                before = t.catch(gen_tcp.recv, sock, length, 0)
                peer.send(data[first:])
                results = [t.catch(gen_tcp.recv, sock, length, 0) for _ in range(2)]
                found.append((size, kind, before, [len(r[1]) if r[0] == "ok" else r for r in results]))
    return found


@case(
    "recv/timeout/zero-and-end",
    title="recv with timeout 0 of a part, with the end of the stream behind it",
    means="""While the length of what is wanted is known inet reads once, and says timeout: the end is for the next
    call. As long as it is not known it reads on, and finds the end at once, as socket always does.""",
    source="gen_tcp:recv/3",
)
def zero_and_end(t: Subject) -> Term:
    found: list[Term] = []
    plans = ((4, 0, b"", b"\0\0\0\5ab"), (4, 0, b"\0\0\0\5a", b"b"), ("raw", 9, b"", b"abc"), ("line", 0, b"", b"abc"))
    for kind, length, first, data in plans:
        sock, peer = t.pair(("packet", kind))
        if first:
            peer.send(first)
            t.catch(gen_tcp.recv, sock, length, 0)
        peer.send(data)
        close_peer(peer)
        found.append((kind, first, recvs(t, sock, *[(length, 0)] * 3)))
    return found


@case(
    "prim-inet/async-recv/lengths",
    title="async_recv of more bytes than there can be",
    means="""The driver takes 31 bits of the number. What is more is as 0: whatever is there.""",
    source="prim_inet:async_recv/3 (undocumented)",
)
def lengths(t: Subject) -> Term:
    found: list[Term] = []
    for length in (2, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32):
        sock, peer = t.pair()
        if not is_port(t, sock):
            return "no port"
        peer.send(b"abc")
        asked = brief(t.catch(prim_inet.async_recv, sock, length, 50))
        found.append((length, asked, [(message[0], message[3]) for message in t.messages(1 if asked == "ok" else 0)]))
    return found


@case(
    "inet/setsockname/ports",
    title="The edges of the port in setsockname and setpeername",
    means="""Any port from 0 to 65535 is taken, and said from then on without a look at the system; what is outside of
    that is einval.""",
    source="inet:setsockname/2, setpeername/2 (undocumented)",
)
def ports(t: Subject) -> Term:
    found: list[Term] = []
    for port in (-1, 0, 1, 65535, 65536):
        sock, _ = t.pair()
        if not is_port(t, sock):
            return "no port"
        name = ((1, 2, 3, 4), port)
        done = [t.catch(call, sock, name) for call in (inet.setsockname, inet.setpeername)]
        found.append((port, done, done[0] == "ok" and inet.sockname(sock), done[1] == "ok" and inet.peername(sock)))
    return found
