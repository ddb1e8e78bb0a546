"""Is what came from the system exactly one packet?  No I/O.

Most reads bring one packet, and then nothing has to be buffered.  `Settings.take`, made here, is what `Inbound` would
take of these bytes, if that is all of them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

from gentcp.packet import Family

from .counters import Counters

Take = Callable[[bytes, Counters], bytes | None]
"""The payload of the packet that the bytes are, which has been counted; None if they are not one."""


class Framing(Protocol):
    """What of `Settings` says where packets end."""

    as_bytes: bool
    family: Family | None
    head: int
    mark: bytes
    most: int
    unpack: Callable[[bytes, int], tuple[int]] | None


def quick_form(settings: Framing) -> Take | None:
    """That function for these settings; None where packets are changed before they are delivered."""
    if not settings.as_bytes or not (settings.family is None or settings.unpack or settings.mark):
        return None
    unpack, mark, head, most = settings.unpack, settings.mark, settings.head, settings.most

    def take(data: bytes, counters: Counters) -> bytes | None:
        size = len(data)
        if unpack is not None:
            try:
                if not unpack(data, 0)[0] == size - head <= most:
                    return None
            except struct.error:  # not even the length is all there
                return None
        elif not size or (mark and (size > most or data.find(mark) + 1 != size)):
            return None
        if counters.size == size:  # as `Counters.add`, without the call
            counters.run += 1
        else:
            counters.other(size)
        return data[head:]

    return take
