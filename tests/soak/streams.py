"""What is sent: a stream that follows from a number, so that whoever receives it knows what must come, and where.

A stream is a long random text, begun somewhere.  The sizes of its packets follow from the position, too, so that a
packet that was cut or joined is found out as well.
"""

from __future__ import annotations

import random
from typing import Final

PACKETS: Final[tuple[str | int, ...]] = ("raw", 1, 2, 4, "line")
_LONGEST: Final = {"raw": 16_000, 1: 255, 2: 8_000, 4: 20_000, "line": 1_000}
"""Payload bytes.  A line must fit the smallest buffer of the `inet` backend, which would cut it."""
_LENGTH: Final = 1_000_003
"""Bytes until a stream begins again; a prime."""
_SPREAD: Final = 2_654_435_761

_dice = random.Random(0)
_TEXT: Final = bytes(_dice.choices([byte for byte in range(256) if byte != 10], k=_LENGTH)) * 2
_SIZES: Final = {
    packet: [int(longest ** _dice.random()) for _ in range(1009)] for packet, longest in _LONGEST.items()
}  # fmt: skip


class Corrupt(Exception):
    """What came is not what was sent."""


class Stream:
    """One direction of a connection with this packet type; it is asked by position, in payload bytes."""

    __slots__ = ("_packet", "_shift", "_sizes")

    def __init__(self, number: int, packet: str | int) -> None:
        self._shift = number * _SPREAD % _LENGTH
        self._packet = packet
        self._sizes = _SIZES[packet]

    def size(self, position: int) -> int:
        """Payload bytes of the packet that begins there."""
        return self._sizes[(self._shift + position) % len(self._sizes)]

    def packet(self, position: int) -> bytes:
        """What to send there: with packet type line it ends with a newline, which does not count."""
        data = self._text(position, self.size(position))
        return data + b"\n" if self._packet == "line" else data

    def follow(self, position: int, data: bytes) -> int:
        """The position behind `data`, which came there.  Corrupt if it is anything else than what was sent."""
        if self._packet == "line":
            if not data.endswith(b"\n"):
                raise Corrupt(f"a line without its end at {position}, {len(data)} bytes")
            data = data[:-1]
        if self._packet != "raw" and len(data) != self.size(position):
            raise Corrupt(f"a packet of {len(data)} bytes at {position}, not {self.size(position)}")
        if data != self._text(position, len(data)):
            raise Corrupt(f"other bytes than were sent among the {len(data)} at {position}; {self._where(data)}")
        return position + len(data)

    def _text(self, position: int, size: int) -> bytes:
        start = (self._shift + position) % _LENGTH
        return _TEXT[start : start + size]

    def _where(self, data: bytes) -> str:
        """What helps to find out what has happened to them."""
        found = _TEXT.find(data[:16]) if len(data) >= 16 else -1
        return "they are of no stream" if found < 0 else f"they belong at {(found - self._shift) % _LENGTH}"
