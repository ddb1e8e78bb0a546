"""What a signal handler has sent that came in the middle of a call on the same socket: it goes right behind that."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from gentcp.abc import Result
from gentcp.process import Process

from .counters import Counters
from .following import Follower, nobody
from .operation import Operation
from .waiting import abandon

Left = deque[tuple[Process, bytes]]


class Writer(Protocol):
    """The part of a socket that writes."""

    direct: bool
    left: Left | None

    def look(self) -> None:
        """Decide anew whether a send may write at once: not while something is left."""


class Sending(Protocol):
    """A socket in the middle of a send."""

    tx: Counters

    @property
    def writer(self) -> Writer:
        """What writes."""
        ...


def leave_send(sock: Sending, process: Process, data: bytes) -> None:
    """Keep it; `send_left` sends it, as soon as the send in the middle of which this came has written.

    That one looks at `left` only if its counter does not have the size of what it has sent.
    """
    writer = sock.writer
    sock.tx.forget_size()
    if writer.left is None:
        writer.left = deque()
    writer.left.append((process, data))
    writer.direct = False


def send_left(writer: Writer, begin: Callable[[Process, bytes], Result | Operation]) -> None:
    """Send it, in order; nobody waits for that.  With the lock held."""
    while writer.left:
        found = begin(*writer.left.popleft())
        if isinstance(found, Operation):
            Follower(found, nobody).follow()
    writer.look()


def interrupted(lock: threading.RLock, writer: Writer, found: object) -> None:
    """A send was interrupted, or its process killed: nobody waits for what it has begun."""
    with lock:
        writer.look()
    abandon(found)
