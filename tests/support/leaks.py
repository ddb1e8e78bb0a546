"""Descriptors and threads that a test leaves behind."""

from __future__ import annotations

import gc
import os
import threading
from collections import Counter
from pathlib import Path

import gentcp
from gentcp.engine import READ
from gentcp.engine.inspection import settled

from .waiting import eventually

_LASTING = ("MainThread", "gentcp-driver")


def _descriptors() -> Counter[str]:
    found: Counter[str] = Counter()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found[str(entry.readlink())] += 1
        except OSError:
            continue  # the listing's own
    return found


def _threads() -> Counter[str]:
    return Counter(str(thread.native_id) for thread in threading.enumerate() if thread.name not in _LASTING)


def left_behind() -> Counter[str]:
    """What is open now: by target, since descriptor numbers are used again."""
    return _descriptors() + _threads()


def settle(before: Counter[str], patience: float = 5.0) -> None:
    """Wait until nothing is open that was not open `before`."""

    def surplus() -> Counter[str]:
        if found := left_behind() - before:
            gc.collect()
        return found

    try:
        eventually(lambda: not surplus(), patience)
    except AssertionError:
        raise AssertionError(f"left behind: {dict(surplus())}") from None


def warm_up() -> None:
    """Open what lasts: the driver's thread, and what this thread's process waits with."""
    assert settled(5.0)
    try:
        gentcp.receive(lambda _message: False, timeout=0)
    except TimeoutError:
        pass
    open_poller()


def open_poller() -> None:
    """Open what this thread's process waits with, which would take the next descriptor number when it first waits."""
    reading, writing = os.pipe()
    gentcp.current_process().wait_fd(reading, READ, 0.0)
    os.close(reading)
    os.close(writing)
