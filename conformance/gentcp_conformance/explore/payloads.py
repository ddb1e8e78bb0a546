"""What a peer sends: packets of each type, good ones, cut ones and bad ones, and bytes that are none."""

from __future__ import annotations

from ..term import Term
from .draw import Draw

PACKETS: tuple[Term, ...] = (
    "raw", 1, 2, 4, "line", "http", "http_bin", "httph", "httph_bin", "asn1", "sunrm", "cdr", "fcgi", "tpkt",
    "ssl_tls", 0,
)  # fmt: skip

_HTTP = (
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /x HTTP/1.0\r\n", b"Host: b\r\nX-Y: z\r\n", b"HTTP/1.1 200 OK\r\n",
    b"\r\n", b"bad\r\n", b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\nbody", b"GET", b"POST * HTTP/1.1\nA:b\n\n",
    b"GET http://h:8/p HTTP/1.1\r\n", b"A: b\r\n\tc", b"HTTP/9 1\r\n",
)  # fmt: skip

_TYPED: dict[Term, tuple[bytes, ...]] = {
    "http": _HTTP,
    "http_bin": _HTTP,
    "httph": _HTTP,
    "httph_bin": _HTTP,
    "asn1": (b"\x30\x03abc", b"\x30\x03ab", b"\x30\x81\x02ab\x04\x01z", b"\x1f\x81\x01\x02hi", b"\x30\x80\x00\x00"),
    "sunrm": (b"\x80\x00\x00\x04abcd", b"\x00\x00\x00\x02ab\x80\x00\x00\x01c", b"\x80\x00"),
    "fcgi": (b"\x01\x01\x00\x01\x00\x04\x02\x00abcdpp", b"\x02\x01\x00\x01\x00\x04\x02\x00abcdpp", b"\x01\x01\x00"),
    "tpkt": (b"\x03\x00\x00\x08abcd", b"\x02\x00\x00\x08abcd", b"\x03\x00\x00\x03", b"\x03\x00"),
    "cdr": (
        b"GIOP\x01\x00\x01\x00\x03\x00\x00\x00abc",
        b"GIOP\x01\x00\x00\x00\x00\x00\x00\x02ab",
        b"GIOX\x01\x00\x00\x00\x00\x00\x00\x02ab",
        b"GIOP",
    ),
    "ssl_tls": (
        b"\x16\x03\x01\x00\x04abcd",
        b"\x17\x03\x03\x00\x02ab\x15\x03\x03\x00\x02cd",
        b"\x16\x03",
        b"\x80\x2eab",
    ),
}

_ANY = (
    b"a", b"abc", b"hello\n", b"\x00\x01x", b"\x00\x00\x00\x02hi", bytes(range(20)), b"x" * 300, b"\x05abcdefgh",
    b"0123456789" * 10,
)  # fmt: skip


def payload(draw: Draw, packet: Term) -> bytes:
    """Bytes for a socket with that packet type; now and then they have nothing to do with it."""
    if draw.chance(0.7):
        if packet in (1, 2, 4):
            return _counted(draw, packet)
        if packet == "line":
            return b"".join(_line(draw) for _ in range(draw.number(1, 3))) or b"x"
        if packet in _TYPED:
            return draw.pick(_TYPED[packet])
    return draw.pick(_ANY)


def _counted(draw: Draw, width: int) -> bytes:
    found = b""
    for _ in range(draw.number(1, 3)):
        data = draw.data(draw.pick((0, 1, 3, 7, 30)))
        found += len(data).to_bytes(width, "big") + data
    return found[: draw.pick((len(found), len(found), max(1, len(found) - 2), 1))]


def _line(draw: Draw) -> bytes:
    words = bytes(draw.pick(b"abc xyz") for _ in range(draw.number(0, 20)))
    return words + draw.pick((b"\n", b"\r\n", b"", b"\n"))
