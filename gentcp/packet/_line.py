"""Packet type line: everything up to and including a delimiter, a line feed unless `line_delimiter` says otherwise."""

from __future__ import annotations

from ._family import Limits


class Line:
    """Delivered with its delimiter.  A line over `packet_size` is an error, one over `line_length` is cut."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        size, cut, delimiter, _ = limits
        # Of much that is cut into small pieces only the next one is worth a look.
        found = data.find(delimiter, pos, pos + (cut if cut > size else size + 1) if cut else None)
        length = (len(data) if found < 0 else found + 1) - pos
        if length > size > 0:
            return -1
        if cut and (length > cut or (found < 0 and length == cut)):
            return cut
        return length if found >= 0 else 0

    def packet(self, data: bytes, pos: int, length: int) -> bytes:
        return data[pos : pos + length]

    def patience(self, data: bytes, pos: int, limits: Limits) -> tuple[int, bool]:
        """As much again: then all looks together cost no more than two."""
        have = len(data) - pos
        bounds = [have]
        if limits.packet_size:
            bounds.append(limits.packet_size + 1 - have)
        if limits.line_length:
            bounds.append(limits.line_length - have)
        return (max(1, min(bounds)), True)

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        return limits.delimiter in part
