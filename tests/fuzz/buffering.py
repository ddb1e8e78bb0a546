"""`Inbound` fed in pieces, with its packet type changed and bytes taken and put back in between.

What it gives is what its family finds in a plain string of the same bytes.  What it may cost is counted: bytes that a
family looks at, and bytes that are joined, a few for each byte that comes in and for each change of the rules.  What
it may keep is bounded by `packet_size` and one piece, as soon as it says that there is no packet.
"""

from __future__ import annotations

from typing import Any

from gentcp.packet import FAMILIES, Family, Limits

from ..support.parts import NOTHING, FramingError, Inbound
from .programs import Given, Source, chosen

FEED, MANY, SWITCH, BYTES, AVAILABLE, BACK, CUT, CLEAR = range(8)
"""What a byte asks for: its low three bits, modulo 8; its other bits are how much of that."""

_MOST = 1 << 15
"""Bytes that one program may feed."""
_COMPARED = 1 << 10
"""Beyond so many bytes looking at all of them again would take too long."""
_HEADER = 12
_TAG = 1 << 16


class Metered:
    """A family that counts what it looks at."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self.packet, self.patience, self.may_end = family.packet, family.patience, family.may_end
        self.looked = 0

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        found, have = self._family.length(data, pos, limits), len(data) - pos
        self.looked += found if 0 < found <= have else min(have, found) if found > 0 else have
        return found


class Buffer:
    """An `Inbound` with a plain string of the same bytes, and the account of its costs."""

    def __init__(self, given: Given) -> None:
        self.inbound = Inbound()
        self.plain = bytearray()
        self.fed = self.spent = self.allowed = self.largest = 0
        self.rule(given)

    def rule(self, given: Given) -> None:
        """Other limits, and another packet type, from here on."""
        self.family = Metered(FAMILIES[given.kind if given.kind in FAMILIES else "line"])
        capacity = max(given.line_length, given.packet_size) if given.line_length else 0
        if given.kind == "asn1":
            capacity = capacity or _TAG
        self.limits = Limits(given.packet_size, given.line_length, given.delimiter, capacity)
        self.inbound.retry()
        self.again()

    def again(self) -> None:
        """The next look may be at everything, all of which is joined for it."""
        self.allowed += 2 * len(self.inbound) + _HEADER

    def feed(self, data: bytes) -> None:
        """Then everything that can be taken is."""
        if not data or self.fed + len(data) > _MOST:
            return
        self.fed += len(data)
        self.largest = max(self.largest, len(data))
        self.allowed += 6 * len(data) + _HEADER
        self.inbound.feed(data)
        self.plain += data
        while self.take():
            pass

    def take(self) -> bool:
        """Take a packet; whether there was one."""
        before, looked = self.inbound.buf, self.family.looked
        length = self.expected()
        try:
            packet = self.inbound.take(self.family, self.limits)
        except FramingError:
            assert length in (-1, None)
            self.clear()
            return False
        finally:
            self.spent += self.family.looked - looked
            self.spent += len(self.inbound.buf) if self.inbound.buf is not before else 0
        if packet is NOTHING:
            assert length in (0, None)
            assert not self.limits.packet_size or len(self.inbound) <= self.bound()
            return False
        if length is not None:
            assert length == self.inbound.taken
            assert packet == self.family.packet(bytes(self.plain), 0, length)
        del self.plain[: self.inbound.taken]
        return True

    def expected(self) -> int | None:
        """The length of the packet that must come now; 0 if none may come, -1 for an error, None if unknown."""
        if len(self.plain) > _COMPARED:
            return None
        counted = self.family.looked
        length = self.family.length(bytes(self.plain), 0, self.limits) if self.plain else 0
        self.family.looked = counted
        if not length and len(self.plain) >= self.limits.capacity > 0:
            return -1
        return length if length <= len(self.plain) else 0

    def bound(self) -> int:
        """What may be kept while there is no packet."""
        return max(self.limits.packet_size + _HEADER, self.limits.capacity) + self.largest

    def remove(self, data: Any) -> None:
        """`data` was taken from the front."""
        if data is not NOTHING:
            assert self.plain.startswith(data)
            del self.plain[: len(data)]
            self.again()

    def put_back(self, data: bytes) -> None:
        """In front of all others."""
        self.inbound.push_back(data)
        self.plain[:0] = data
        self.again()

    def cut(self, count: int) -> None:
        """Drop bytes from the end."""
        kept = max(0, len(self.plain) - count)
        self.inbound.cut(len(self.plain) - kept)
        del self.plain[kept:]
        self.again()

    def clear(self) -> None:
        """Drop everything."""
        self.inbound.clear()
        self.plain.clear()


def seed(given: Given, pieces: list[bytes]) -> bytes:
    """The input that feeds these pieces."""
    program = chosen(given)
    for piece in pieces:
        for start in range(0, len(piece), 32):
            part = piece[start : start + 32]
            program += bytes([(len(part) - 1) << 3 | FEED]) + part
    return program


def switch(given: Given) -> bytes:
    """The piece of an input that changes the packet type."""
    return bytes([SWITCH]) + chosen(given)


def run(program: bytes) -> None:
    """What the bytes ask for, step by step, and then the account."""
    source = Source(program)
    buffer = Buffer(source.given())
    while source:
        _step(buffer, source)
        assert len(buffer.inbound) == len(buffer.plain)
    assert buffer.spent <= buffer.allowed, (buffer.spent, buffer.allowed)


def _step(buffer: Buffer, source: Source) -> None:
    asked = source.byte()
    action, much = asked & 7, asked >> 3
    if action == FEED:
        buffer.feed(source.piece(much + 1))
    elif action == MANY:
        buffer.feed(source.piece(much + 1) * (1 << source.byte() % 11))
    elif action == SWITCH:
        buffer.rule(source.given())
        buffer.take()
    elif action == BYTES:
        buffer.remove(buffer.inbound.take_bytes(much + 1))
    elif action == AVAILABLE:
        buffer.remove(buffer.inbound.take_available(much + 1))
    elif action == BACK:
        buffer.put_back(source.piece(much))
    elif action == CUT:
        buffer.cut(much)
    else:
        buffer.clear()
