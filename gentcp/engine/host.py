"""What an engine needs of the program it runs in: a background, and timers.

There is one host for threads (`driver.py`), and one for each event loop (`gentcp.aio`).  A process knows its host;
sockets and operations use the one of their process.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from gentcp.process import Process


class Flushable(Protocol):
    """Something with a send queue."""

    def on_writable(self) -> None:
        """The descriptor takes data again (or is broken).  Must not block."""

    def pending(self) -> int:
        """Bytes still queued."""
        ...


class Host(ABC):
    """All methods may be called from any thread, with the lock of a socket held."""

    ended: bool = False
    """It runs nothing any more; the driver does."""
    leaving: bool = False
    """The interpreter ends, and nobody waits for what is queued from here on: whoever queues something writes it."""

    def ready(self) -> bool:
        """Whether it can do what it is told here.  False when the system has no thread for it; it asks again, then."""
        return True

    @abstractmethod
    def flush_later(self, fd: int, writer: Flushable) -> None:
        """Call `writer.on_writable` whenever `fd` takes data, until `stop_flushing`."""

    @abstractmethod
    def flush_elsewhere(self, fd: int, writer: Flushable) -> None:
        """The caller flushes `writer` itself for a while; it only has to be done at exit."""

    @abstractmethod
    def stop_flushing(self, fd: int, writer: Flushable) -> None:
        """Undo both for `writer`; nothing happens if there was neither."""

    @abstractmethod
    def call_soon(self, function: Callable[[], None]) -> None:
        """Run `function` in the background."""

    def aside(self, function: Callable[[], None]) -> None:
        """Run `function`, which may block, where it is in nobody's way.  RuntimeError: that is not possible."""
        threading.Thread(target=function, name="gentcp-aside", daemon=True).start()

    @abstractmethod
    def call_at(self, at: float, function: Callable[[], None]) -> Any:
        """Run `function` in the background when `time.monotonic` is `at`; `cancel` takes what is returned."""

    @abstractmethod
    def cancel(self, timer: Any) -> None:
        """Undo `call_at`; nothing happens when it is too late."""

    @abstractmethod
    def serve(self, process: Process) -> None:
        """`process` has descriptors that are polled for it: take care of them while it does something else."""


class Polling(Protocol):
    """Something that polls descriptors beside the mailboxes, and wants to know when one is closed."""

    def let_go(self, fd: int, close: Callable[[], None]) -> bool:
        """`fd` is about to be closed, and its number to be used again.  False: this calls `close`, in a moment."""
        ...


polling: list[Polling] = []
"""All of them; none as long as there is no event loop."""


class _LastOne:
    """Calls `function` when it has been called so often itself."""

    __slots__ = ("_function", "_left", "_lock")

    def __init__(self, function: Callable[[], None], times: int) -> None:
        self._function = function
        self._left = times
        self._lock = threading.RLock()

    def __call__(self) -> None:
        with self._lock:
            self._left -= 1
            last = not self._left
        if last:
            self._function()


def let_go(fd: int, close: Callable[[], None]) -> None:
    """Call `close` as soon as nobody polls `fd` any more; usually that is now."""
    hosts = tuple(polling)
    if not hosts:
        close()
        return
    last = _LastOne(close, len(hosts))
    for host in hosts:
        if host.let_go(fd, last):
            last()
