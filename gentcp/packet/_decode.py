"""Packets of bytes in memory: `erlang:decode_packet/3`, and the same for many packets at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gentcp.terms import copied, is_int

from ._family import Family, Limits
from ._http_heads import whole_head
from ._http_lines import header, plain_start, with_lists
from ._http_names import SPELLINGS
from ._tables import FAMILIES, HEAD_FAMILIES, RAW

Term = Any
Options = Mapping[str, int] | None
Buffer = bytes | bytearray | memoryview

_START, _HEADER = "http_bin", "httph_bin"
_HEADS = {"http": (False, True), "http_bin": (False, False), "httph": (True, True), "httph_bin": (True, False)}
"""Whether it begins with the headers, and whether its strings are lists."""
_NO_LIMITS = Limits()
_NEWLINE = 0x0A
_CONTINUE = (b"", b" ", b"\t")


def decode_packet(type_: str | int, data: Buffer, options: Options = None) -> tuple[Term, ...]:
    """One packet from the front of `data`.

    Gives `("ok", packet, rest)`, `("more", length | "undefined")` or `("error", "invalid")`; `length` is that of the
    whole packet, header included, as far as it is known.  Options: `packet_size` (longest payload, longest line; 0 is
    no limit), `line_length` (lines are cut to it; 0 does not cut) and `line_delimiter` (a byte).  Source:
    `erlang:decode_packet/3`.  ValueError for a type that does not exist, TypeError for what is no data or no mapping.
    """
    if type(data) is not bytes:
        data = copied(data)
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options: expected a mapping, not {type(options).__name__}")
    # The lines of nearly all heads, in one piece, since each call costs as much as all the searching.  By identity:
    # what is equal but not the same goes the long way.
    if type_ is _HEADER and (not options or len(data) <= options.get("packet_size", 0)):
        line, end, rest = data.partition(b"\r\n")
        if line:
            name, _, value = line.partition(b": ")
            try:
                number, usual = SPELLINGS[name]
                # A blank in front of the rest continues the header, and those in front of the value are dropped.
                if value >= b"!" and _NEWLINE not in value and (rest >= b"!" or rest[:1] == b"\r"):
                    return ("ok", ("http_header", number, usual, name, value), rest)
            except KeyError:  # a new name, or no blank behind the colon
                packet = None if _NEWLINE in line or rest[:1] in _CONTINUE else header(line)
                if packet is not None:
                    return ("ok", packet, rest)
        elif end:
            return ("ok", "http_eoh", rest)
    elif type_ is _START and (not options or len(data) <= options.get("packet_size", 0)):
        line, end, rest = data.partition(b"\r\n")
        if end and _NEWLINE not in line and (packet := plain_start(line)):
            return ("ok", packet, rest)
    return _decode(type_, data, options)


def decode_packets(type_: str | int, data: Buffer, options: Options = None) -> tuple[Term, ...]:
    """All packets that are in `data`, each for less than `decode_packet` takes, which also copies the rest every time.

    Gives `("ok", packets, rest)`, a list of at least one packet, each as `decode_packet` gives it, or what that says
    when there is none.  Of HTTP it gives no more than one head: behind a start line it goes on with headers, as a
    stream does, and stops behind http_eoh, since a body may follow, and behind http_error.  So if a head is not all
    there, what comes next is of type httph (httph_bin).  Options and ValueError are those of `decode_packet`.  Source:
    none, OTP has no such function.
    """
    if type(data) is not bytes:
        data = copied(data)
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options: expected a mapping, not {type(options).__name__}")
    if isinstance(type_, str) and type_ in _HEADS:
        started, lists = _HEADS[type_]
        most = options.get("packet_size") or options.get("line_length", 0) if options else 0
        whole = whole_head(data, most, started=started)
        if whole is not None:
            packets, rest = whole
            return ("ok", [with_lists(packet) for packet in packets] if lists else packets, rest)
    return _one_by_one(type_, data, options)


def _one_by_one(type_: str | int, data: bytes, options: Options) -> tuple[Term, ...]:
    family, limits = _family(type_), _limits(options)
    if family is None:
        return ("ok", [data], b"") if data else ("more", "undefined")
    packets: list[Term] = []
    pos = 0
    while 0 < (length := family.length(data, pos, limits)) <= len(data) - pos:
        packet = family.packet(data, pos, length)
        packets.append(packet)
        pos += length
        if type_ in HEAD_FAMILIES:
            if packet == "http_eoh" or packet[0] == "http_error":
                break
            family = HEAD_FAMILIES[type_]
    return ("ok", packets, data[pos:]) if packets else _decode(type_, data, options)


def _decode(type_: str | int, data: bytes, options: Options) -> tuple[Term, ...]:
    """`decode_packet` of anything."""
    family = _family(type_)
    if family is None:
        return ("ok", data, b"") if data else ("more", "undefined")
    length = family.length(data, 0, _limits(options))
    if length < 0:
        return ("error", "invalid")
    if length == 0:
        return ("more", "undefined")
    if length > len(data):
        return ("more", length)
    return ("ok", family.packet(data, 0, length), data[length:])


def _family(type_: str | int) -> Family | None:
    """None for raw.  By type too: what only equals a packet type in Python is none."""
    known = is_int(type_) or isinstance(type_, str)
    if known and type_ in RAW:
        return None
    family = FAMILIES.get(type_) if known else None
    if family is None:
        raise ValueError(f"type: no packet type {type_!r}; there are raw, {', '.join(map(str, FAMILIES))}")
    return family


def _limits(options: Options) -> Limits:
    if not options:
        return _NO_LIMITS
    get = options.get
    return Limits(get("packet_size", 0), get("line_length", 0), get("line_delimiter", 10))
