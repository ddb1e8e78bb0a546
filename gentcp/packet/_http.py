"""Packet types http, http_bin, httph and httph_bin: the lines of an HTTP head one by one.

http and http_bin begin with a start line; behind one a stream goes on with the headers (httph, httph_bin) up to the
empty line.  That is the business of whoever reads the stream: a family knows one kind of line.
"""

from __future__ import annotations

from typing import Any

from ._family import Limits
from ._http_lines import BLANKS, header_line, start_line, with_lists

_NEWLINE = 0x0A
_EMPTY = (b"\n", b"\r\n")
_PATIENT = 3
"""Bytes from which on they cannot be the beginning of an empty line."""


class _Lines:
    """What both kinds have in common.  Lines over `packet_size` (or, that being 0, `line_length`) are errors."""

    __slots__ = ("_lists",)

    def __init__(self, *, lists: bool = False) -> None:
        self._lists = lists

    def patience(self, data: bytes, pos: int, limits: Limits) -> tuple[int, bool]:
        """As much again: then all looks together cost no more than two."""
        have = len(data) - pos
        bounds = [have] if have >= _PATIENT else [1]
        most = limits.packet_size or limits.line_length
        bounds += [limit - have for limit in (most, limits.capacity) if limit]
        return (max(1, min(bounds)), True)


class StartLine(_Lines):
    """A request line or a status line."""

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        size, cut, _, _ = limits
        most = size or cut
        found = data.find(_NEWLINE, pos)
        if found < 0:
            return -1 if len(data) - pos >= most > 0 else 0
        length = found + 1 - pos
        return -1 if length > most > 0 and not _is_empty(data, pos) else length

    def packet(self, data: bytes, pos: int, length: int) -> Any:
        term = start_line(data[pos : pos + length])
        return with_lists(term) if self._lists else term

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        return _NEWLINE in part


class HeaderLine(_Lines):
    """A header with the lines that continue it, or the empty line.

    A header is whole when the first byte behind it is there: a blank continues it.
    """

    __slots__ = ()

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        size, cut, _, capacity = limits
        most, last = size or cut, len(data) - 1
        found = data.find(_NEWLINE, pos)
        while pos + 1 < found < last and data[found + 1] in BLANKS:
            found = data.find(_NEWLINE, found + 1)
        if found < 0:
            return -1 if last + 1 - pos >= most > 0 else 0
        length = found + 1 - pos
        if found == last and _is_empty(data, pos):
            return length
        if length > most > 0 or length >= capacity > 0:  # the byte behind must have room too
            return -1
        return length if found < last else 0

    def packet(self, data: bytes, pos: int, length: int) -> Any:
        term = header_line(data[pos : pos + length])
        return with_lists(term) if self._lists else term

    def may_end(self, part: bytes, last: int, limits: Limits) -> bool:
        if last == _NEWLINE and part[0] not in BLANKS:
            return True
        continued = part.count(b"\n ") + part.count(b"\n\t") + part.endswith(b"\n")
        return part.count(b"\n") > continued


def _is_empty(data: bytes, pos: int) -> bool:
    """Is an empty line all there is?"""
    return len(data) - pos <= 2 and data[pos:] in _EMPTY
