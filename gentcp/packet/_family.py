"""The interface that every packet type has."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

LONGEST = 0x7FFFFFFF
"""A packet, its header included, that does not fit a signed 32-bit length is invalid on every release."""


class Limits(NamedTuple):
    """What the options of a socket allow a packet to be."""

    packet_size: int = 0
    """Longest payload (of a length-prefixed packet) or longest line in bytes; 0 is no limit."""
    line_length: int = 0
    """Longer lines are delivered in pieces of this size; 0 leaves them whole."""
    delimiter: int = 10
    """The byte that ends a line."""


class Family(Protocol):
    """One packet type.  Holds no data: the buffer belongs to the caller."""

    marker: bool
    """True when a packet ends with `limits.delimiter`, so that data without that byte completes none."""

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        """Length in bytes of the packet that starts at `pos`, header included; it may be more than is there.

        0: more data is needed to tell.  -1: this is not a packet, or one that the limits forbid.
        """
        ...

    def packet(self, data: bytes, pos: int, length: int) -> Any:
        """What is delivered of the packet of `length` bytes at `pos`."""
        ...
