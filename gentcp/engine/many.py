"""recv of many packets; functions over a reader."""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import Any

from .batch import cut
from .inbound import NOTHING, FramingError
from .reader import Reader


def add_buffered(reader: Reader, packets: list[Any], most: int) -> None:
    """Add the packets that are here already, up to `most` in all."""
    with reader.lock:
        if reader.inbound.buf and reader.active is False and reader.receiver is None and reader.flows:
            _take_more(reader, packets, most)


def _take_more(reader: Reader, packets: list[Any], most: int) -> None:
    settings, inbound = reader.settings, reader.inbound
    ready, counters = inbound.ready, reader.rx if settings.counts_packets else None
    with contextlib.suppress(IndexError):  # another thread has it
        packets.extend(islice(iter(ready.pop, None), min(len(ready), most - len(packets))))
    with contextlib.suppress(FramingError):  # the next recv finds it again, and says so
        while inbound.buf and len(packets) < most:
            if not reader.room:
                packets += cut(inbound, settings, counters, most - len(packets))
            data = reader.take(0) if len(packets) < most else NOTHING
            if data is NOTHING:
                return
            packets.append(settings.shape(data))
