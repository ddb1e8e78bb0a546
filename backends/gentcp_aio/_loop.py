"""The event loop on its thread, started when first needed; and the stand-ins of those who call."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from gentcp.abc import Term
from gentcp.aio.lowlevel import LoopHost, StandIn, host_of_loop
from gentcp.process import Process

_PATIENCE = 5.0
"""Seconds that the loop may take at exit to stop."""


class Threads(ThreadPoolExecutor):
    """Runs what blocks, each on a thread of its own that ends with it, and is not waited for at exit."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """See `Executor.submit`."""
        future: Future[Any] = Future()
        threading.Thread(
            target=_work, args=(future, lambda: function(*arguments, **named)), name="gentcp-aio-aside", daemon=True
        ).start()
        return future


def _work(future: Future[Any], function: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  it is for whoever waits
        future.set_exception(error)
    else:
        future.set_result(result)


class Visitor(StandIn):
    """The stand-in of a process that has called, or owns a socket; it is forgotten with it."""

    __slots__ = ("loop",)

    def __init__(self, loop: Loop, process: Process) -> None:
        super().__init__(process, loop.host)
        self.loop: Loop = loop

    def owner_down(self, reason: Term) -> None:
        """The process has ended."""
        self.loop.forget(self.stands_for)

    def inherit(self) -> None:
        """The loop did not survive the fork."""


class Loop:
    """A loop that runs for ever."""

    host: LoopHost

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a process may end anywhere
        self._visitors: dict[Process, Visitor] = {}
        self._running = threading.Event()
        self.asyncio: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self.asyncio.set_default_executor(Threads())
        self._thread = threading.Thread(target=self._run, name="gentcp-aio", daemon=True)
        self._thread.start()
        self._running.wait()

    def _run(self) -> None:
        asyncio.set_event_loop(self.asyncio)
        self.asyncio.call_soon(self._begin)
        self.asyncio.run_forever()

    def _begin(self) -> None:
        self.host = host_of_loop(self.asyncio)
        self._running.set()

    def visitor(self, process: Process) -> Visitor:
        """The stand-in of `process`."""
        found = self._visitors.get(process)
        if found is None:
            with self._lock:
                found = self._visitors.get(process)
                if found is not None:
                    return found
                found = self._visitors[process] = Visitor(self, process)
            process.own(found)
        return found

    def forget(self, process: Process) -> None:
        """It has ended, and so have its sockets."""
        with self._lock:
            self._visitors.pop(process, None)

    def close(self) -> None:
        """At exit: queues that have not been written yet are from now on the driver's, which waits for them."""
        self.asyncio.call_soon_threadsafe(self.asyncio.stop)
        self._thread.join(_PATIENCE)
        if not self._thread.is_alive():
            self.asyncio.close()


_loop: Loop | None = None
_starting = threading.Lock()


def the_loop() -> Loop:
    """The one that there is."""
    global _loop
    found = _loop
    if found is None:
        with _starting:
            found = _loop = _loop or Loop()
    return found


@atexit.register
def _at_exit() -> None:
    if _loop is not None:
        _loop.close()


def _after_fork() -> None:
    """The thread did not survive the fork."""
    global _loop, _starting
    _loop, _starting = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
