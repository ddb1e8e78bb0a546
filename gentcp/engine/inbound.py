"""The bytes that were received and not yet delivered, and how packets are cut from them.  No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gentcp.abc import CutAhead
from gentcp.packet import Family, Limits

from .counters import Counters


class Nothing:
    """The type of NOTHING."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


SHALLOW, DEEP = 16, 256
"""Packets that are cut ahead, at first and in the end.  They cost memory, and time if they have to be put back."""

_START_LINES = ("http_request", "http_response")

SMALL, PILE = 1024, 65536
"""Pieces up to the one size are collected in piles up to the other: a piece of its own costs 41 bytes more."""

_NONE: list[bytes] = []
_NO_SIZES: list[int] = []

NOTHING: Final = Nothing()
"""No whole packet is there yet."""


class FramingError(Exception):
    """The stream has something that is no packet, or one that is too long (`emsgsize`)."""


class Inbound(CutAhead):
    """A buffer that joins what it is fed only when a packet may be complete, so that long packets cost one copy.

    Packets may have been cut ahead.  Until `settle` those in `ready` are still in `buf` as well, and may be cut in
    another way; whoever takes one from the end of `ready` (`list.pop`, one step of the interpreter) has it.  That
    needs no lock.  All else does, and settles first.
    """

    __slots__ = (
        "_ahead_to", "_counters", "_extra", "_known", "_open", "_overhead", "_parts", "_seen", "_sizes", "_want",
        "buf", "depth", "in_head", "pos", "taken",
    )  # fmt: skip

    def __init__(self) -> None:
        self.ready: list[Any] = _NONE
        self.buf: bytes = b""
        """Empty exactly when there is nothing; what else it holds is our business,"""
        self.pos: int = 0
        """and that of `Quick`: where in `buf` the next packet starts."""
        self.depth: int = SHALLOW
        """So many packets are to be cut ahead: the more, the longer nobody has wanted anything else."""
        self._ahead_to = 0  # where those end
        self._sizes: list[int] = _NO_SIZES  # of those, and of the ones that were taken from there
        self._overhead = 0  # of each
        self._counters: Counters | None = None  # which count them when they are taken
        self.in_head: bool = False
        """The stream is between a start line of HTTP and the empty line behind the headers."""
        self.taken: int = 0
        """Length of the packet taken last, header included."""
        self._parts: list[bytes | bytearray] | None = None
        self._extra = 0  # bytes in those,
        self._seen = 0  # and how many of them have been looked at, if the length of the packet is not known
        self._want = 0  # look for a packet again only when so many more bytes are there,
        self._known = False  # and is that what the packet lacks, or only what there must be to know its length?
        self._open = False  # or, as its length is not known, when what comes may be its end

    def __len__(self) -> int:
        taken = self._sizes[: len(self._sizes) - len(self.ready)]
        return len(self.buf) - self.pos - sum(taken) - len(taken) * self._overhead + self._extra

    def feed(self, data: bytes) -> None:
        """Append what was received."""
        if not self.buf:
            self.buf = data
        else:
            if self._parts is None:
                self._parts = []
            self._extra += len(data)
            if len(data) > SMALL:
                self._parts.append(data)
            else:
                self._pile(self._parts, data)

    def _pile(self, parts: list[bytes | bytearray], data: bytes) -> None:
        pile = parts[-1] if parts else None
        if isinstance(pile, bytearray) and len(pile) < PILE:
            pile += data
        else:
            parts.append(bytearray(data))

    def lay_out(
        self, packets: list[bytes], sizes: list[int], end: int, overhead: int, counters: Counters | None
    ) -> bytes:
        """Take the first of the next packets in `buf` and make the others ready; `overhead` stands before each."""
        if len(packets) == 1:
            self.advance(end)
            if counters is not None:
                counters.add(sizes[0] + overhead)
            return packets[0]
        self._sizes, self._overhead, self._counters = sizes, overhead, counters
        self._ahead_to = end
        packets.reverse()
        first = packets.pop()
        self.ready = packets  # from here on others may take them
        return first

    def settle(self) -> None:
        """Nothing is ready any more: what was is the front of the buffer again."""
        sizes, ready = self._sizes, self.ready
        if not sizes:
            return
        left = 0
        while ready:
            try:
                ready.pop(0)  # the last one, so that those who take the others meanwhile have the first
            except IndexError:
                break  # another thread has it
            left += 1
        if self._counters is not None:
            self._counters.add_all(sizes[: len(sizes) - left] if left else sizes, self._overhead)
        self.ready, self._sizes = _NONE, _NO_SIZES
        if left:
            self.depth = SHALLOW
            del sizes[len(sizes) - left :]
            self.pos += sum(sizes) + len(sizes) * self._overhead
        else:
            self.depth = min(2 * self.depth, DEEP)
            self.advance(self._ahead_to)

    def advance(self, pos: int) -> None:
        """What is before `pos` has been taken."""
        self.pos, self._want = pos, 0
        if pos == len(self.buf):
            self.buf, self.pos = b"", 0
            if self._parts is not None:
                self._join()

    def push_back(self, data: bytes) -> None:
        """Put `data` in front (`gen_tcp:unrecv/2`)."""
        if self._sizes:
            self.settle()
        self._join()
        self.buf, self.pos = data + self.buf[self.pos :], 0
        self._want, self._known, self._open = 0, False, False

    def clear(self) -> None:
        """Drop everything."""
        if self._sizes:
            self.settle()
        self.buf, self.pos, self._parts = b"", 0, None
        self._extra = self._seen = self._want = 0

    def cut(self, count: int) -> None:
        """Drop `count` bytes from the end."""
        if self._sizes:
            self.settle()
        self._join()
        kept = self.buf[self.pos : len(self.buf) - count]
        self.clear()
        self.buf = kept

    def lacking(self) -> int:
        """Bytes that are missing from the packet in front, if it has been looked at and its length is known; else 0."""
        return max(self._want - self._extra, 0) if self._known else 0

    def retry(self) -> None:
        """The packet options have changed: what did not make a packet may make one now."""
        if self._sizes:
            self.settle()
        self._want = 0

    def take(self, family: Family, limits: Limits) -> Any:
        """One packet, or NOTHING.  FramingError when there will never be one."""
        if self._sizes:
            self.settle()
        if self._want > self._extra and not self._may_end(family, limits):
            return NOTHING
        if self._parts is not None:
            self._join()
        buf, pos = self.buf, self.pos
        if not buf:
            return NOTHING
        length = family.length(buf, pos, limits)
        have = len(buf) - pos
        if 0 < length <= have:
            self._skip(length)
            return family.packet(buf, pos, length)
        if length < 0 or (not length and have >= limits.capacity > 0):
            self._want = 0
            raise FramingError
        self._known = length > 0
        if length:
            self._want, self._open = length - have, False
        else:
            self._want, self._open = family.patience(buf, pos, limits)
        return NOTHING

    def family_ahead(self, family: Family, head: Family | None) -> Family:
        """That of the next packet; `head` cuts headers of HTTP.  Looking for these alone makes what comes headers."""
        if head is None:
            return family
        self.in_head = self.in_head or (head is family and bool(self))
        return head if self.in_head else family

    def noted(self, packet: Any) -> Any:
        """`packet`, which is one of HTTP, or NOTHING; it decides what comes next."""
        if packet == "http_eoh":
            self.in_head = False
        elif packet is not NOTHING and packet[0] in _START_LINES:
            self.in_head = True
        return packet

    def take_bytes(self, length: int) -> Any:
        """Exactly `length` bytes, or NOTHING."""
        if self._sizes:
            self.settle()
        if len(self) < length:
            return NOTHING
        if len(self.buf) - self.pos < length:
            self._join()
        data = self.buf[self.pos : self.pos + length]
        self._skip(length)
        return data

    def until(self, step: int) -> int:
        """Bytes up to where a read would have ended, had what was read at once been read in steps of that size."""
        return step - self.pos % step

    def take_available(self, most: int) -> Any:
        """Up to `most` bytes, or NOTHING when there are none."""
        have = len(self)
        return self.take_bytes(min(have, most)) if have else NOTHING

    def _may_end(self, family: Family, limits: Limits) -> bool:
        """Whether what came since the last look may be the end of a packet of unknown length."""
        if not self._open:
            return False
        for before, part in self._unseen():
            if family.may_end(part, before, limits):
                return True
        self._seen = self._extra
        return False

    def _unseen(self) -> Iterator[tuple[int, bytes]]:
        """What has come since the last look, in parts, each with the byte before it."""
        parts = self._parts or []
        index, new = len(parts), self._extra - self._seen
        while new > 0:
            index -= 1
            new -= len(parts[index])
        before, start = parts[index - 1] if index else self.buf, -new
        for part in parts[index:]:
            yield (part[start - 1] if start else before[-1]), bytes(part[start:])
            before, start = part, 0

    def _skip(self, length: int) -> None:
        self.taken = length
        self.advance(self.pos + length)

    def _join(self) -> None:
        if self._parts is not None:
            self.buf = b"".join([self.buf[self.pos :], *self._parts])
            self.pos, self._parts, self._extra, self._seen = 0, None, 0, 0
