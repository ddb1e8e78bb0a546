"""Packet type asn1: a value in BER (X.690, section 8.1), that is a tag, a length and contents.

The tag is one byte, or several if the low five bits of the first are set.  The length is one byte below 128, or a count
of length bytes, here of up to four, behind 128 plus that count.  The indefinite form (128 alone) ends with a mark
that only a parser of the contents can find; OTP takes it for a length of 0, and so the contents for the next packet.
"""

from __future__ import annotations

import re

from ._family import Counted, Limits, whole

_LONG_TAG = 0x1F
_LONG_LENGTH = 0x80
_MOST_LENGTH_BYTES = 4
_TAG_END = re.compile(rb"[\x00-\x7f]")


class Ber(Counted):
    """Delivered with tag and length; `packet_size` limits the contents."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        at = _behind_tag(data, pos)
        if at >= len(data):
            return 0
        first = data[at]
        at += 1
        if first < _LONG_LENGTH:
            return whole(at - pos, first, limits)
        size = first - _LONG_LENGTH
        if len(data) < at + size:
            return 0
        if size > _MOST_LENGTH_BYTES:
            return -1
        return whole(at + size - pos, int.from_bytes(data[at : at + size], "big"), limits)

    def patience(self, data: bytes, pos: int, limits: Limits) -> tuple[int, bool]:
        """For a tag that goes on as much again, so that all looks cost no more than two; else what a length lacks."""
        have, at = len(data) - pos, _behind_tag(data, pos)
        in_tag = at >= len(data)
        bounds = [have if in_tag else at + 1 + data[at] - _LONG_LENGTH - len(data)]
        if limits.capacity:
            bounds.append(limits.capacity - have)
        return (max(1, min(bounds)), in_tag)

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        return last < _LONG_LENGTH or _TAG_END.search(part) is not None


def _behind_tag(data: bytes, pos: int) -> int:
    """Where the length starts; the end of the data, or a position behind that, when it has not come yet."""
    if pos >= len(data) or data[pos] & _LONG_TAG != _LONG_TAG:
        return pos + 1
    end = _TAG_END.search(data, pos + 1)
    return end.end() if end is not None else len(data)
