"""The options that the socket backend keeps itself."""

from __future__ import annotations

from typing import Any

from gentcp.engine import Settings
from gentcp.options import defaults

_SMALL = 1460
"""Bytes of `buffer` up to which it shows how much is read at a time: in getstat, and in what a framing error drops."""
_LEAST = {2: 2, 4: 4, "asn1": 2, "cdr": 12, "fcgi": 8, "sunrm": 4, "tpkt": 4}
"""Bytes of a packet that there must be to know its length, where that is more than one."""
_LONGEST_TAG = 65536
"""Bytes that an ASN.1 tag may have.  OTP has no limit, and looks at all of them again with each byte that comes."""


class SocketSettings(Settings):
    """Lines are cut where `packet_size` forbids them; one that came whole is an error instead."""

    __slots__ = ("least",)
    counting_packets = False

    def _derive(self) -> None:
        super()._derive()
        self.small_reads = self.raw_chunk < _SMALL
        if self.small_reads:
            self.read_size = self.raw_chunk
        self.least: int = _LEAST.get(self["packet"], 1)

    def line_length(self) -> int:
        size = self["packet_size"]
        return size if isinstance(size, int) and size > 0 else 0

    def reads_exactly(self, size: int) -> bool:
        """Whether the server asks the system for just that many bytes, and not for as much as its buffer takes."""
        buffer = self["buffer"]
        ahead = not isinstance(buffer, int) or size < buffer
        return not (ahead and self["read_ahead"] is True)

    def capacity(self) -> int:
        return _LONGEST_TAG if self["packet"] == "asn1" else 0

    def with_header(self, data: bytes, header: int) -> Any:
        return list(data) if len(data) == header else super().with_header(data, header)


INITIAL = SocketSettings({**defaults("socket"), "start_opts": []})
"""connect and listen say in `start_opts` how long they were allowed to take."""
