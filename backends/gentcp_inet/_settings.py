"""The driver options of the inet backend: defaults, and how they influence each other."""

from __future__ import annotations

from typing import Any, Self

from gentcp.engine import Settings
from gentcp.options import behaviours, defaults, names
from gentcp.packet import Limits, Verbatim

_ON = behaviours("inet")
_SMALL = 1460
_HEADERS = {0: 0, 1: 1, 2: 2, 4: 4, "sunrm": 4, "asn1": 2, "ssl_tls": 5, "cdr": 12, "fcgi": 8, "tpkt": 4}
"""Bytes of a header, by packet type; what has none is read byte by byte if nothing may be read ahead."""
_LONGEST_HEADER = 65536  # that of ASN.1 has no end in OTP
_MOST = (1 << 31) - 1
_CONSTANT = names("inet", "constant")
_OWN = {name: value for name, value in defaults("inet").items() if not _ON[name].inherited}
"""Those that an accepted socket has not from its listener."""
_PACKET_NAMES = {"raw": 0, "ssl": "ssl_tls"}


class InetSettings(Settings):
    """Lines and other packets of unknown length must fit `buffer`; longer lines are cut."""

    __slots__ = ("buffer", "header", "high", "low", "small")

    def line_length(self) -> int:
        return int(self["buffer"])

    def capacity(self) -> int:
        return max(int(self["buffer"]), int(self["packet_size"]))

    def _derive(self) -> None:
        super()._derive()
        if self.family is not None and self.parsed and self["deliver"] == "port":
            self.family, self.parsed = Verbatim(self.family), False
        self.buffer: int = self["buffer"]
        self.header: int = 0 if self["read_ahead"] else _HEADERS.get(self["packet"], 1)
        """Bytes to read before the length of a packet is known, where nothing may be read ahead; else 0."""
        self.limits = self.limits_in(self.buffer)
        self.small: bool = self.buffer < _SMALL or self.header > 0
        """How much is read shows: see `_input.py`."""
        if self.small:
            self.read_size = min(self.raw_chunk, self.header or self.raw_chunk)
            if self.family is not None:
                self.take = None
        self.high = self["high_watermark"]
        self.low = self["low_watermark"]

    def limits_in(self, room: int) -> Limits:
        """What packets may be in a buffer of this size."""
        size = self["packet_size"]
        if self.header and self["packet"] in _HEADERS:
            room = max(room, _LONGEST_HEADER)  # the driver asks for the header alone, and makes room for that
        limits = self.limits._replace(line_length=room, capacity=max(room, size), packet_size=max(size, 0))
        if self["packet"] == "line" and size >= room:
            return limits._replace(packet_size=0)  # a line never gets so long before it is cut
        return limits

    def set(self, name: str, value: Any) -> Self | None:
        """A copy with the option changed, and with it what depends on it; None when the driver refuses it."""
        changed = self
        if name in _CONSTANT:
            return self
        if name in ("high_watermark", "low_watermark"):
            value = max(value, 0)
        if name == "packet":
            value = _PACKET_NAMES.get(value, value)
        elif name == "buffer":
            value = max(value, 1)
            changed = changed.changed("buffer_set", True)
        elif name == "high_watermark" and changed["low_watermark"] > value:
            changed = changed.changed("low_watermark", value)
        elif name == "low_watermark" and changed["high_watermark"] < value:
            changed = changed.changed("high_watermark", value)
        elif name in ("high_msgq_watermark", "low_msgq_watermark"):
            return self._queue_limits(name, value)
        elif name == "netns":
            value = value.partition(b"\0")[0]
        return changed.changed(name, value)

    def _queue_limits(self, name: str, value: int) -> Self | None:
        """Unsigned sizes; the largest means none and cannot be set, and more than fits an int reads as its maximum."""
        if value in (0, -1):
            return None
        value = value if value > 0 else _MOST
        low, high = self["low_msgq_watermark"], self["high_msgq_watermark"]
        low, high = (value, max(high, value)) if name == "low_msgq_watermark" else (min(low, value), value)
        return self.changed("low_msgq_watermark", low).changed("high_msgq_watermark", high)

    def inherited(self) -> Self:
        """What an accepted socket starts with: the listener's, but for those that the driver does not copy."""
        plain = self.changed("buffer_set", False) if self._values["buffer_set"] else self
        for name, value in _OWN.items():
            if plain[name] != value:
                plain = plain.changed(name, value)
        return plain

    def recbuf_changed(self, size: int) -> Self:
        """A larger `recbuf` takes `buffer` along unless that was set."""
        if self["buffer_set"] or size <= self["buffer"]:
            return self
        return self.changed("buffer", size)


INITIAL = InetSettings({**defaults("inet"), "buffer_set": False})
"""`buffer_set` says whether setopts has set `buffer`."""
