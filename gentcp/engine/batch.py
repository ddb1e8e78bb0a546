"""Many packets at once from what is buffered: the same ones as one by one, at a fraction of the price.  No I/O.

The last packet that is there is left for `Inbound.take`, which knows what has to happen when a buffer is used up.
"""

from __future__ import annotations

import io
import struct
from itertools import repeat

from .counters import Counters
from .inbound import Inbound
from .settings import Settings


def cut(inbound: Inbound, settings: Settings, counters: Counters | None, most: int) -> list[bytes]:
    """Up to `most` packets from the front of the buffer; none where it takes more than that to cut them."""
    if settings.unpack is not None:
        found = _cut_counted(inbound, settings, most)
        overhead = settings.head
    elif settings.mark:
        found = _cut_lines(inbound, settings, most)
        overhead = 0
    else:
        return []
    if counters is not None:
        _count(counters, list(map(len, found)), overhead)
    return found


def _cut_counted(inbound: Inbound, settings: Settings, most: int) -> list[bytes]:
    unpack, head, longest = settings.unpack, settings.head, settings.most
    assert unpack is not None
    buf, pos, found = inbound.buf, inbound.pos, list[bytes]()
    have = len(buf)
    append = found.append
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
    inbound.pos = pos
    return found


def _cut_lines(inbound: Inbound, settings: Settings, most: int) -> list[bytes]:
    mark = settings.mark
    buf, pos = inbound.buf, inbound.pos
    part = buf[pos : buf.rfind(mark) + 1]
    found = io.BytesIO(part).readlines() if mark == b"\n" else [line + mark for line in part.split(mark)[:-1]]
    del found[max(0, min(most, len(found) - 1)) :]
    sizes = list(map(len, found))
    if max(sizes, default=0) > settings.most:
        return []
    inbound.pos = pos + sum(sizes)
    return found


def _count(counters: Counters, sizes: list[int], overhead: int) -> None:
    if sizes and sizes.count(sizes[0]) == len(sizes):
        counters.add_run(sizes[0] + overhead, len(sizes))
        return
    last, run = -1, 0
    for size in sizes:
        if size == last:
            run += 1
        else:
            counters.add_run(last + overhead, run)
            last, run = size, 1
    counters.add_run(last + overhead, run)
