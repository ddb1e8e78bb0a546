"""The options that a backend keeps itself, with what the hot paths need derived from them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, ClassVar, Self, cast

from gentcp.packet import FAMILIES, HEAD_FAMILIES, HEADER_BYTES, LONGEST, TAGS, Family, LengthPrefix, Limits, Line
from gentcp.terms import ImproperList

from .framing import Take, quick_form

Term = Any
CHUNK = 65536
"""Bytes asked for at a time.  glibc maps and unmaps memory for every recv of 128 KiB or more."""
TOO_LONG = struct.error
"""What `Settings.pack` raises."""

_LONGEST = 1 << 50  # milliseconds; more than anybody waits, and exact as a float


_SIMPLE = frozenset({int, str, bool, bytes})
"""Types whose values are the same wherever they are equal, and stay so."""


class Settings:
    """Values by option name.  Shared by sockets until one of them changes it: `changed` returns another."""

    __slots__ = (
        "_latest", "_values", "as_bytes", "counts_packets", "delay_send", "family", "head", "http_family", "limits",
        "longest", "mark", "most", "pack", "parsed", "plain", "raw_chunk", "read_size", "send_timeout", "small_reads",
        "tag", "take", "unpack",
    )  # fmt: skip

    def __init__(self, values: dict[str, Term]) -> None:
        self._values = values
        self._latest: tuple[str, Term, Settings] | None = None
        """What was changed last, and the result: a program opens many sockets with the same options."""
        self._derive()

    def __getitem__(self, name: str) -> Term:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def changed(self, name: str, value: Term) -> Self:
        """These settings with one value changed."""
        latest = self._latest
        if latest is not None and latest[0] == name and type(latest[1]) is type(value) and latest[1] == value:
            return cast("Self", latest[2])
        made = type(self)({**self._values, name: value})
        if type(value) in _SIMPLE:
            self._latest = (name, value, made)
        return made

    def line_length(self) -> int:
        """0: lines are delivered whole.  Backends that cut them say otherwise."""
        return 0

    def capacity(self) -> int:
        """See `Limits.capacity`; 0: no limit."""
        return 0

    counting_packets: ClassVar[bool] = True

    def _derive(self) -> None:
        self.counts_packets: bool = self.counting_packets
        """`getstat` counts what is delivered, not what is read."""
        self.small_reads: bool = False
        """It shows how much is read at a time."""
        values = self._values
        kind = values["packet"]
        self.family: Family | None = FAMILIES.get(kind)
        self.http_family: Family | None = HEAD_FAMILIES.get(kind)
        self.tag: str = TAGS.get(kind, "tcp")
        self.parsed: bool = kind in TAGS
        self.head: int = HEADER_BYTES.get(kind, 0)
        self.longest: int = (1 << 8 * self.head) - 1
        self.pack: Callable[[int], bytes] | None = self.family.pack if isinstance(self.family, LengthPrefix) else None
        """Makes the header of a packet, where there is one; TOO_LONG for a length that does not fit."""
        size, delimiter = values["packet_size"], values["line_delimiter"]
        self.limits: Limits = Limits(
            size if isinstance(size, int) and size > 0 else 0,
            self.line_length(),
            delimiter & 255 if isinstance(delimiter, int) else 10,
            self.capacity(),
        )
        self.raw_chunk: int = min(max(values["buffer"], 1), 65536) if isinstance(values["buffer"], int) else 8192
        self.read_size: int = self.raw_chunk if self.family is None else CHUNK
        """Bytes to ask the system for, when nothing is there and no length is wanted."""
        timeout = values["send_timeout"]
        limited = isinstance(timeout, int) and timeout >= 0
        self.send_timeout: float | None = min(timeout, _LONGEST) / 1000 if limited else None
        self.delay_send: bool = values.get("delay_send") is True
        self.as_bytes: bool = values["mode"] == "binary" and not values["header"]
        self.plain: bool = values["deliver"] != "port" and self.tag != "ssl_tls"
        self._derive_quick()

    def _derive_quick(self) -> None:
        """What tells a packet from other bytes quickly, where packets are delivered as they are."""
        self.unpack: Callable[[bytes, int], tuple[int]] | None = None
        """Reads the length in front of a packet, where packets have one and are delivered as they are; else None."""
        self.mark: bytes = b""
        """Ends a packet, where packets are lines and are delivered as they are."""
        self.most: int = self.limits.packet_size or LONGEST - self.head
        """Bytes of the longest payload behind such a length, or of the longest line that is delivered whole."""
        if isinstance(self.family, LengthPrefix) and self.as_bytes:
            self.unpack = self.family.unpack
        elif isinstance(self.family, Line) and self.as_bytes:
            self.mark = bytes((self.limits.delimiter,))
            self.most = min(self.most, self.limits.line_length or LONGEST)
        self.take: Take | None = quick_form(self)
        """Tells a packet from other bytes, where packets are delivered as they are; see `framing`."""

    def framed(self, data: bytes) -> bytes:
        """`data` behind the header of the packet type.  A length that does not fit wraps around, as in OTP."""
        head = self.head
        return (len(data) & self.longest).to_bytes(head, "big") + data if head else data

    def message(self, term: Term, data: Term) -> Term:
        """What the owner gets of the socket `term`, `data` being as `shape` left it."""
        if self._values["deliver"] == "port":
            return (term, ("data", data))
        return data if self.tag == "ssl_tls" else (self.tag, term, data)

    def shape(self, data: Any) -> Term:
        """`data` as `mode` and `header` want it delivered."""
        if self.as_bytes or not isinstance(data, bytes):
            return data
        header = self._values["header"]
        if self._values["mode"] != "binary":
            return list(data)
        if not isinstance(header, int) or header <= 0:
            return data
        return self.with_header(data, header)

    def with_header(self, data: bytes, header: int) -> Term:
        """`{header, N}`: the first N bytes as a list whose tail is the rest as a binary."""
        if len(data) < header:
            return list(data)
        return ImproperList(list(data[:header]), data[header:])
