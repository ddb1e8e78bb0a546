"""Packet framing without I/O: where a packet ends in a stream of bytes, and what is delivered of it.

A packet type is a `Family`.  `decode_packet` is the function of Erlang's `erlang` module; the backends use the
families themselves, on buffers that they fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._asn1 import Ber
from ._cdr import Giop
from ._family import Family as Family
from ._family import Limits as Limits
from ._family import Verbatim as Verbatim
from ._fcgi import FastCgi
from ._http import HeaderLine, StartLine
from ._length import LengthPrefix
from ._line import Line
from ._sunrm import SunRecord
from ._tls import TlsRecord
from ._tpkt import Tpkt

Term = Any

FAMILIES: dict[str | int, Family] = {
    1: LengthPrefix(1), 2: LengthPrefix(2), 4: LengthPrefix(4), "line": Line(),
    "asn1": Ber(), "cdr": Giop(), "sunrm": SunRecord(), "fcgi": FastCgi(), "tpkt": Tpkt(),
    "http": StartLine(list), "http_bin": StartLine(bytes), "httph": HeaderLine(list), "httph_bin": HeaderLine(bytes),
    "ssl_tls": TlsRecord(),
}  # fmt: skip
"""The packet types that have a framing; raw (or 0) has none."""

HEAD_FAMILIES: dict[str | int, Family] = {
    kind: FAMILIES[then]
    for kind, then in {"http": "httph", "http_bin": "httph_bin", "httph": "httph", "httph_bin": "httph_bin"}.items()
}
"""The packet types of HTTP: what a stream goes on with behind a start line."""

TAGS: dict[str | int, str] = {**dict.fromkeys(HEAD_FAMILIES, "http"), "ssl_tls": "ssl_tls"}
"""The packet types whose packets are terms, and the tag of their messages, which for all others is tcp."""

HEADER_BYTES: dict[str | int, int] = {1: 1, 2: 2, 4: 4}
"""The packet types that send puts a header in front of, and its length in bytes."""

RAW: tuple[str | int, ...] = ("raw", 0)


def decode_packet(type_: str | int, data: bytes, options: Mapping[str, int] | None = None) -> tuple[Term, ...]:
    """One packet from the front of `data`.

    Gives `("ok", packet, rest)`, `("more", length | "undefined")` or `("error", "invalid")`; `length` is that of the
    whole packet, header included, as far as it is known.  Options: `packet_size` (longest payload, longest line; 0 is
    no limit), `line_length` (lines are cut to it; 0 does not cut) and `line_delimiter` (a byte).  Source:
    `erlang:decode_packet/3`.  ValueError for a type that does not exist.
    """
    given = options or {}
    limits = Limits(given.get("packet_size", 0), given.get("line_length", 0), given.get("line_delimiter", 10))
    known = type(type_) in (int, str)
    if known and type_ in RAW:
        return ("ok", data, b"") if data else ("more", "undefined")
    family = FAMILIES.get(type_) if known else None
    if family is None:
        raise ValueError(f"type: no packet type {type_!r}; there are raw, {', '.join(map(str, FAMILIES))}")
    length = family.length(data, 0, limits)
    if length < 0:
        return ("error", "invalid")
    if length == 0:
        return ("more", "undefined")
    if length > len(data):
        return ("more", length)
    return ("ok", family.packet(data, 0, length), data[length:])


def frame(type_: str | int, payload: bytes) -> bytes:
    """`payload` as `gen_tcp:send/2` puts it on the wire.  A length that does not fit wraps around, as in OTP."""
    size = HEADER_BYTES.get(type_)
    if not size:
        return payload
    return (len(payload) & ((1 << 8 * size) - 1)).to_bytes(size, "big") + payload
