"""What the process uses, and how much of it may be left."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import NamedTuple

MEGABYTE = 1 << 20
BLOCKS_LEFT = 2_000
"""Blocks of Python's allocator more than before, of which some hundred are the interpreter's: its caches grow."""
HEAP_LEFT = 4 * MEGABYTE
"""Bytes from malloc more than before: all that is larger than Python's blocks of at most 512 bytes."""
MEMORY_LEFT = 16 * MEGABYTE
"""Bytes of the system more than before, with three quarters of what the peak had more: free, between what is in use."""
MEMORY_EACH = 192 * 1024
"""Bytes that a connection may cost at any time: twice `LAG` in queues and mailboxes, and half of that for the rest."""
_OTHERS = 40
"""Descriptors for owners: each has two listeners, a poller and two bells."""
PATIENCE = 30.0


class Sample(NamedTuple):
    """What there is of it now; memory in bytes."""

    descriptors: int
    threads: int
    blocks: int
    heap: int
    memory: int


_MALLINFO = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _Mallinfo(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_size_t) for name in _MALLINFO.split())


_libc = ctypes.CDLL(None)
if hasattr(_libc, "mallinfo2"):
    _libc.mallinfo2.restype = _Mallinfo


def _heap() -> int:
    """Bytes in use that malloc has given; 0 where it does not tell."""
    if not hasattr(_libc, "mallinfo2"):
        return 0
    found = _libc.mallinfo2()
    return int(found.uordblks + found.hblkhd)


def _entries(folder: str) -> int:
    return sum(1 for _ in Path("/proc/self", folder).iterdir())


def sample() -> Sample:
    """Look."""
    memory = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    descriptors, threads = _entries("fd") - 1, _entries("task")
    return Sample(descriptors, threads, sys.getallocatedblocks(), _heap(), memory)


def settled(before: Sample) -> Sample:
    """Look when what was used since `before` has been given back, or, when it has not been, in some time."""
    until, pause = monotonic() + PATIENCE, threading.Event()
    trim = getattr(_libc, "malloc_trim", None)
    while True:
        gc.collect()
        if trim is not None:
            trim(0)  # or the system's allocator keeps what was freed, by far the larger part
        now = sample()
        if monotonic() > until or not any(left(before, now)):
            return now
        pause.wait(0.05)


def highest(one: Sample, other: Sample) -> Sample:
    """The larger one of each."""
    return Sample(*map(max, one, other))


def left(before: Sample, after: Sample) -> Iterator[str]:
    """What has not been given back, counted exactly."""
    for name in ("descriptors", "threads"):
        if getattr(after, name) > getattr(before, name):
            yield f"{name}: {getattr(before, name)} before, {getattr(after, name)} after"
    if after.blocks > before.blocks + BLOCKS_LEFT:
        yield f"blocks: {after.blocks - before.blocks} are left, at most {BLOCKS_LEFT} may be"
    if after.heap > before.heap + HEAP_LEFT:
        yield f"heap: {after.heap - before.heap} bytes are left, at most {HEAP_LEFT} may be"


def faults(before: Sample, peak: Sample, after: Sample, connections: int, owners: int) -> Iterator[str]:
    """What is more than it may be."""
    yield from left(before, after)
    if after.memory - before.memory > (most := MEMORY_LEFT + (peak.memory - before.memory) * 3 // 4):
        yield f"memory: {after.memory - before.memory} bytes are left, at most {most} may be"
    if peak.memory > before.memory + MEMORY_LEFT + connections * MEMORY_EACH:
        yield f"memory: {peak.memory - before.memory} bytes for {connections} connections, at most {MEMORY_EACH} each"
    if peak.threads > before.threads + owners + 2:
        yield f"threads: {peak.threads} for {owners} owners"
    if peak.descriptors > before.descriptors + descriptors_for(connections, owners):
        yield f"descriptors: {peak.descriptors} for {connections} connections"


def descriptors_for(connections: int, owners: int) -> int:
    """How many are needed at most."""
    return 2 * connections + 8 * (owners + 1) + _OTHERS


def raise_limit() -> int:
    """Let the process have as many descriptors as it may; how many that is."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def connections_within(limit: int, owners: int) -> int:
    """How many connections so many descriptors are enough for."""
    return max((limit - _entries("fd") - descriptors_for(0, owners)) // 2, 0)
