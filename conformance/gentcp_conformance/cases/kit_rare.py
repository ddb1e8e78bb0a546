"""Rare inputs that a sample of mutants, taken at random, has shown to be missing."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, prim_inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import DECODE, brief, buffers_full, decode, recvs
from ._options import SETOPTS, put
from ._ports import is_port

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
