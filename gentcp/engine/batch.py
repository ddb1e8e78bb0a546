"""Many packets at once from what is buffered: the same ones as one by one, at a fraction of the price.  No I/O.

The last packet that is there is left for `Inbound.take`, which knows what has to happen when a buffer is used up.
"""

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
AHEAD = 64
"""Packets made ready at a time.  More would cost memory, and time when somebody wants something else instead."""
_WINDOW = 4096
"""Bytes in which lines are looked for then."""
_BLOCK = 16
_LENGTHS = {1: "B", 2: "H", 4: "I"}


def cut(inbound: Inbound, settings: Settings, counters: Counters | None, most: int) -> list[bytes]:
    """Up to `most` packets from the front of the buffer; none where it takes more than that to cut them."""
    inbound.settle()
    packets, sizes = _cut(inbound.buf, inbound.pos, settings, most)
    head = settings.head
    inbound.pos += sum(sizes) + head * len(sizes)
    if counters is not None:
        counters.add_all(sizes, head)
    return packets


def cut_ahead(inbound: Inbound, settings: Settings, counters: Counters | None) -> bytes | None:
    """The packet at the front of the buffer, while those behind it are made ready in `inbound`; None as above."""
    inbound.settle()
    packets, sizes = _cut(inbound.buf, inbound.pos, settings, AHEAD)
    if not packets:
        return None
    inbound.lay_out(packets, sizes, settings.head, counters)
    return packets.pop()


def _cut(buf: bytes, pos: int, settings: Settings, most: int) -> tuple[list[bytes], list[int]]:
    """Packets, and their lengths without what stands before them."""
    if settings.unpack is None:
        return _cut_lines(buf, pos, settings, most) if settings.mark else ([], [])
    packets, sizes = _cut_equal(buf, pos, settings, most)
    if sizes:
        pos += len(sizes) * (settings.head + sizes[0])
        most -= len(sizes)
    others = _cut_counted(buf, pos, settings, most)
    return packets + others, sizes + list(map(len, others))


def _cut_counted(buf: bytes, pos: int, settings: Settings, most: int) -> list[bytes]:
    unpack, head, longest = settings.unpack, settings.head, settings.most
    assert unpack is not None
    have, packets = len(buf), list[bytes]()
    append = packets.append
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
    return packets


def _cut_equal(buf: bytes, pos: int, settings: Settings, most: int) -> tuple[list[bytes], list[int]]:
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
    return packets, [size] * len(packets)


@functools.lru_cache(maxsize=64)
def _block(head: int, size: int) -> struct.Struct:
    return struct.Struct(">" + f"{_LENGTHS[head]}{size}s" * _BLOCK)


def _cut_lines(buf: bytes, pos: int, settings: Settings, most: int) -> tuple[list[bytes], list[int]]:
    mark = settings.mark
    part = buf[pos : buf.rfind(mark, pos, len(buf) if most > AHEAD else pos + _WINDOW) + 1]
    lines = io.BytesIO(part).readlines() if mark == b"\n" else [line + mark for line in part.split(mark)[:-1]]
    del lines[max(0, min(most, len(lines) - 1)) :]
    sizes = list(map(len, lines))
    return (lines, sizes) if max(sizes, default=0) <= settings.most else ([], [])
