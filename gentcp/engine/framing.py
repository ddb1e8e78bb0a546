"""Is what came from the system exactly one packet?  No I/O.

`packet_of` is the definition; `Settings.unframe`, made here, is the same for packets that are delivered as they are, and
quick.  Most reads bring one packet, and then nothing has to be buffered.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gentcp.packet import LengthPrefix, Line

if TYPE_CHECKING:
    from .settings import Settings

Unframe = Callable[[bytes], bytes | None]
"""The payload of the packet that the bytes are; None if they are not one."""


def packet_of(data: bytes, settings: Settings) -> Any:
    """The packet that `data` is, without header; None if it is none, several, or a part of one, or has to be parsed."""
    family = settings.family
    if family is None:
        return data or None
    if not data or settings.parsed or family.length(data, 0, settings.limits) != len(data):
        return None
    return family.packet(data, 0, len(data))


def quick_form(settings: Settings) -> Unframe | None:
    """`packet_of` for these settings; None where packets are changed before they are delivered, or are complicated."""
    family = settings.family
    if not settings.as_bytes:
        return None
    if family is None:
        return _raw
    if isinstance(family, LengthPrefix):
        return _counted(family.unpack, settings.head, settings.most)
    return _line(settings.mark, settings.most) if isinstance(family, Line) else None


def _raw(data: bytes) -> bytes | None:
    return data or None


def _counted(unpack: Callable[[bytes, int], tuple[int]], head: int, most: int) -> Unframe:
    def unframe(data: bytes) -> bytes | None:
        try:
            return data[head:] if unpack(data, 0)[0] == len(data) - head <= most else None
        except struct.error:  # not even the length is all there
            return None

    return unframe


def _line(mark: bytes, most: int) -> Unframe:
    def unframe(data: bytes) -> bytes | None:
        return data if data and data.find(mark) + 1 == len(data) <= most else None

    return unframe
