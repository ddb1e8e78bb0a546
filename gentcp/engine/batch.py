"""Many packets at once from what is buffered: the same ones as one by one, at a fraction of the price.  No I/O.

The last packet that is there is left for `Inbound.take`, which knows what has to happen when a buffer is used up.
"""

from __future__ import annotations

import contextlib
import functools
import io
import struct
from itertools import repeat
from typing import TYPE_CHECKING, Any

from .counters import Counters
from .inbound import NOTHING, FramingError, Inbound
from .settings import Settings

if TYPE_CHECKING:
    from .reader import Reader

FAR = 1 << 62
"""No limit."""
_LINE = 64
"""Bytes in which a line is looked for, times as many lines as are wanted; longer ones go one by one."""
_BLOCK = 16
_LENGTHS = {1: "B", 2: "H", 4: "I"}


def cut(inbound: Inbound, settings: Settings, counters: Counters | None, most: int) -> list[bytes]:
    """Up to `most` packets from the front of the buffer; none where it takes more than that to cut them."""
    inbound.settle()
    packets, sizes, inbound.pos = _cut(inbound.buf, inbound.pos, settings, most)
    if counters is not None:
        counters.add_all(sizes, settings.head)
    return packets


def cut_ahead(inbound: Inbound, settings: Settings, counters: Counters | None) -> bytes | None:
    """The packet at the front of the buffer, while those behind it are made ready in `inbound`; None if none."""
    inbound.settle()
    packets, sizes, end = _cut(inbound.buf, inbound.pos, settings, inbound.depth)
    if not packets:
        return None
    return inbound.lay_out(packets, sizes, end, settings.head, counters)


def cut_more(reader: Reader, packets: list[Any], most: int) -> None:
    """Add what is buffered to `packets`, up to `most` of them in all.  With the lock held."""
    settings, inbound = reader.settings, reader.inbound
    counters = reader.rx if settings.counts_packets else None
    with contextlib.suppress(FramingError):  # the next recv finds it again, and says so
        while inbound.buf and len(packets) < most:
            if not reader.room:
                packets += cut(inbound, settings, counters, most - len(packets))
            data = reader.take(0) if len(packets) < most else NOTHING
            if data is NOTHING:
                return
            packets.append(settings.shape(data))


Cut = tuple[list[bytes], list[int], int]
"""Packets, their lengths without what stands before them, and the place behind the last one."""


def _cut(buf: bytes, pos: int, settings: Settings, most: int) -> Cut:
    if settings.unpack is None:
        return _cut_lines(buf, pos, settings, most) if settings.mark else ([], [], pos)
    packets = _cut_equal(buf, pos, settings, most)
    if packets:
        pos += len(packets) * (settings.head + len(packets[0]))
    pos = _cut_counted(buf, pos, settings, most - len(packets), packets)
    return packets, list(map(len, packets)), pos


def _cut_counted(buf: bytes, pos: int, settings: Settings, most: int, packets: list[bytes]) -> int:
    unpack, head, longest = settings.unpack, settings.head, settings.most
    assert unpack is not None
    have, append = len(buf), packets.append
    try:
        for _ in repeat(None, most):
            start = pos + head
            end = start + unpack(buf, pos)[0]
            if end >= have or end - start > longest:
                break
            append(buf[start:end])
            pos = end
    except struct.error:  # not even the length is all there
        pass
    return pos


def _cut_equal(buf: bytes, pos: int, settings: Settings, most: int) -> list[bytes]:
    """Blocks of packets that are all as long as the first one, at a third of the price."""
    head = settings.head
    header = buf[pos : pos + head]
    size = int.from_bytes(header, "big")
    step = head + size
    count = min(most, (len(buf) - pos - 1) // step) // _BLOCK * _BLOCK
    packets = list[bytes]()
    if count and size <= settings.most and buf[pos + step : pos + step + head] == header:
        same = (size,) * _BLOCK
        for values in _block(head, size).iter_unpack(memoryview(buf)[pos : pos + count * step]):
            if values[::2] != same:
                break
            packets += values[1::2]
    return packets


@functools.lru_cache(maxsize=64)
def _block(head: int, size: int) -> struct.Struct:
    return struct.Struct(">" + f"{_LENGTHS[head]}{size}s" * _BLOCK)


def _cut_lines(buf: bytes, pos: int, settings: Settings, most: int) -> Cut:
    mark = settings.mark
    until = min(len(buf) - 1, pos + most * _LINE)  # the last byte may be the end of the last line
    if until - pos > settings.most:  # a line may be too long, and what is cut behind it for nothing
        until = min(until, pos + _BLOCK * _LINE)
    end = buf.rfind(mark, pos, until) + 1
    if not end:
        return [], [], pos
    part = buf[pos:end]
    lines = io.BytesIO(part).readlines() if mark == b"\n" else [line + mark for line in part.split(mark)[:-1]]
    sizes = list(map(len, lines))
    if len(lines) > most:
        end -= sum(sizes[most:])
        del lines[most:], sizes[most:]
    if len(part) > settings.most and max(sizes) > settings.most:
        return [], [], pos
    return lines, sizes, end
