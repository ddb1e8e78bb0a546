"""The bytes of a fuzzer as a packet type, its limits and what is done with them, and back again for the seeds.

The first four bytes choose the packet type, `packet_size`, the length at which lines are cut (or that a packet of
unknown length must fit) and the delimiter.  Any bytes mean something, so nothing that a fuzzer finds out is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from gentcp.packet import FAMILIES

KINDS: tuple[str | int, ...] = (*FAMILIES, "raw", 0)
SIZES = (0, 1, 2, 3, 4, 8, 16, 40, 100, 1 << 10, 1 << 16, (1 << 31) - 1, 1 << 32)
DELIMITERS = (10, 0, 59, 255)

T = TypeVar("T")


class Given(NamedTuple):
    """What the first four bytes choose."""

    kind: str | int
    packet_size: int = 0
    line_length: int = 0
    delimiter: int = 10


class Source:
    """Takes the bytes one thing after the other; what is not there any more is zero or empty."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def byte(self) -> int:
        """The next one, or 0."""
        return self.piece(1)[0] if self else 0

    def pick(self, choices: Sequence[T]) -> T:
        """One of `choices`."""
        return choices[self.byte() % len(choices)]

    def piece(self, size: int) -> bytes:
        """The next `size` bytes, or fewer."""
        start, self._at = self._at, self._at + size
        return self._data[start : self._at]

    def rest(self) -> bytes:
        """All that is left."""
        return self.piece(len(self._data))

    def given(self) -> Given:
        """What four bytes choose."""
        return Given(self.pick(KINDS), self.pick(SIZES), self.pick(SIZES), self.pick(DELIMITERS))


def chosen(given: Given) -> bytes:
    """The four bytes for it."""
    tables: tuple[Sequence[object], ...] = (KINDS, SIZES, SIZES, DELIMITERS)
    return bytes(table.index(value) for table, value in zip(tables, given, strict=True))
