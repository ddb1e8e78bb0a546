"""Many packets at once from what is buffered: the same ones as one by one, at a fraction of the price.  No I/O."""

from __future__ import annotations

import functools
import io
import struct
from itertools import repeat

from .counters import Counters
from .inbound import Inbound
from .settings import Settings

FAR = 1 << 62
"""No limit."""
_LINE = 64
"""Bytes in which a line is looked for, times as many lines as are wanted; longer ones go one by one."""
_BLOCK = 16
_LENGTHS = {1: "B", 2: "H", 4: "I"}


def cut(inbound: Inbound, settings: Settings, counters: Counters | None, most: int) -> list[bytes]:
    """Up to `most` packets from the front of the buffer; none where it takes more than that to cut them."""
    inbound.settle()
    if not inbound.buf:
        return []
    packets, sizes, end = _cut(inbound.buf, inbound.pos, settings, most)
    if packets:
        inbound.advance(end)
        if counters is not None:
            counters.add_all(sizes, settings.head)
    return packets


def cut_ahead(inbound: Inbound, settings: Settings, counters: Counters | None) -> bytes | None:
    """The packet at the front of the buffer, while those behind it are made ready in `inbound`; None if none."""
    inbound.settle()
    if not inbound.buf:
        return None
    packets, sizes, end = _cut(inbound.buf, inbound.pos, settings, inbound.depth)
    return inbound.lay_out(packets, sizes, end, settings.head, counters) if packets else None


def cut_read(data: bytes, inbound: Inbound, settings: Settings, counters: Counters | None) -> bytes | None:
    """The same of what has just been read, while nothing is buffered.  None: no packet, and nothing has been done."""
    packets, sizes, end = _cut(data, 0, settings, inbound.depth)
    if not packets:
        return None
    inbound.feed(data)
    return inbound.lay_out(packets, sizes, end, settings.head, counters)


Cut = tuple[list[bytes], list[int], int]
"""Packets, their lengths without what stands before them, and the place behind the last one."""


def _cut(buf: bytes, pos: int, settings: Settings, most: int) -> Cut:
    unpack = settings.unpack
    if unpack is None:
        return _cut_lines(buf, pos, settings, most) if settings.mark else ([], [], pos)
    packets, head, longest, have = list[bytes](), settings.head, settings.most, len(buf)
    try:
        size = unpack(buf, pos)[0]
        if (have - pos) // (head + size) >= _BLOCK <= most and size <= longest:
            packets = _cut_equal(buf, pos, size, settings, most)
            pos += len(packets) * (head + size)
        for _ in repeat(None, most - len(packets)):
            start = pos + head
            end = start + unpack(buf, pos)[0]
            if end > have or end - start > longest:
                break
            packets.append(buf[start:end])
            pos = end
    except struct.error:  # not even the length is all there
        pass
    return packets, list(map(len, packets)), pos


def _cut_equal(buf: bytes, pos: int, size: int, settings: Settings, most: int) -> list[bytes]:
    """Blocks of packets that are all as long as the first one, at a third of the price."""
    head = settings.head
    step = head + size
    packets = list[bytes]()
    if buf[pos : pos + head] == buf[pos + step : pos + step + head]:
        count = min(most, (len(buf) - pos) // step) // _BLOCK * _BLOCK
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
    mark, longest = settings.mark, settings.most
    # A line may be too long, and what is cut behind it for nothing: not more than twice of what the line has.
    until = min(len(buf), pos + most * _LINE, pos + max(2 * longest, _BLOCK * _LINE))
    end = buf.rfind(mark, pos, until) + 1
    if not end:
        return [], [], pos
    part = buf[pos:end]
    lines = io.BytesIO(part).readlines() if mark == b"\n" else [line + mark for line in part.split(mark)[:-1]]
    sizes = list(map(len, lines))
    if len(part) > longest and max(sizes) > longest:
        most = min(most, next(index for index, size in enumerate(sizes) if size > longest))
    if len(lines) > most:
        end -= sum(sizes[most:])
        del lines[most:], sizes[most:]
    return lines, sizes, end
