"""Packet types 1, 2 and 4: a big-endian unsigned length, then that many bytes."""

from __future__ import annotations

from ._family import LONGEST, Limits


class LengthPrefix:
    """`header` bytes of length in front of each packet; `packet_size` limits the payload."""

    __slots__ = ("_header",)
    marker = False

    def __init__(self, header: int) -> None:
        self._header = header

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        start = pos + self._header
        if len(data) < start:
            return 0
        payload = int.from_bytes(data[pos:start], "big")
        if payload > limits.packet_size > 0 or payload + self._header > LONGEST:
            return -1
        return payload + self._header

    def packet(self, data: bytes, pos: int, length: int) -> bytes:
        return data[pos + self._header : pos + length]
