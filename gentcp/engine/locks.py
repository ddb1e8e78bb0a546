"""Locks of sockets, and what happens to a call that finds its own thread in the middle of another one.

A signal handler runs between two instructions of the main thread, wherever that is, and a finaliser between two of any
thread.  If it is in the middle of a call, the lock of that socket is held by the very thread that wants it now.  So the
lock can be taken again by whoever has it, and those calls that a handler may make look first (`held`): what only looks
does not read from the system; what changes something is left for later.

A lock that is taken by hand is taken inside of `try`, since Ctrl-C may come as soon as it is held.  If it comes while
the thread waits for the lock, `release` says RuntimeError, and does nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

new_lock: Callable[[], threading.RLock] = type(threading.RLock())
"""`threading.RLock`, which is a function in Python that calls this."""


def held(lock: Any) -> bool:
    """Whether this thread has the lock, which is a `threading.RLock`."""
    return bool(lock._is_owned())  # as threading.Condition asks
