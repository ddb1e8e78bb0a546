"""The interface that every packet type has."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

LONGEST = 0x7FFFFFFF
"""A packet, its header included, that does not fit a signed 32-bit length is invalid on every release."""


class Limits(NamedTuple):
    """What the options of a socket allow a packet to be."""

    packet_size: int = 0
    """Longest payload (of a packet whose header has a length) or longest line in bytes; 0 is no limit."""
    line_length: int = 0
    """Longer lines are delivered in pieces of this size; 0 leaves them whole.  For HTTP it is a `packet_size`."""
    delimiter: int = 10
    """The byte that ends a line."""
    capacity: int = 0
    """Bytes in which a packet must show its length, be it by its end; 0 is no limit."""


class Family(Protocol):
    """One packet type.  Holds no data: the buffer belongs to the caller."""

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        """Length in bytes of the packet that starts at `pos`, header included; it may be more than is there.

        0: more data is needed to tell.  -1: this is not a packet, or one that the limits forbid.
        """
        ...

    def packet(self, data: bytes, pos: int, length: int) -> Any:
        """What is delivered of the packet of `length` bytes at `pos`."""
        ...

    def patience(self, data: bytes, pos: int, limits: Limits) -> tuple[int, bool]:
        """`length` was 0: how many more bytes to wait for, and whether to look earlier at ones that `may_end` it."""
        ...

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        """Whether `part`, coming behind the byte `last`, may complete a packet whose length is not known yet."""
        ...


class Counted:
    """Base of the types whose header has the length of what follows; what is delivered is the whole of it."""

    __slots__ = ()

    def packet(self, data: bytes, pos: int, length: int) -> Any:
        return data[pos : pos + length]

    def patience(self, data: bytes, pos: int, limits: Limits) -> tuple[int, bool]:
        return (0, False)

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        return False


class Verbatim:
    """Packets of another family, as the bytes that they are."""

    __slots__ = ("_family",)

    def __init__(self, family: Family) -> None:
        self._family = family

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        return self._family.length(data, pos, limits)

    def patience(self, data: bytes, pos: int, limits: Limits) -> tuple[int, bool]:
        return self._family.patience(data, pos, limits)

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        return self._family.may_end(part, last, limits)

    def packet(self, data: bytes, pos: int, length: int) -> bytes:
        return data[pos : pos + length]


def whole(header: int, payload: int, limits: Limits) -> int:
    """Length of a packet with these two parts, or -1 when it is too long, or negative."""
    if payload > limits.packet_size > 0 or payload < 0 or header + payload > LONGEST:
        return -1
    return header + payload
