"""The host of an event loop: descriptors that it polls, timers, and waking tasks.

A descriptor stays registered with the loop until an event comes that nobody wants: whoever receives one packet after
the other costs no system call but recv(2) and the loop's own.

Tasks that wait for a descriptor go on in the loop's callback itself, wherever no other task is running, and not in the
next turn of the loop, which a future would cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import weakref
from collections.abc import AsyncGenerator, Callable
from time import monotonic
from typing import Any, Protocol

from gentcp._platform import READ, WRITE
from gentcp.engine import Flushable, Host, driver
from gentcp.engine.host import polling
from gentcp.process import Process

Loop = asyncio.AbstractEventLoop


class Pollable(Protocol):
    """What wants to know of a descriptor."""

    def on_ready(self, events: int) -> None:
        """It is ready."""


class Steppable(Protocol):
    """A task that waits, and may go on."""

    def step(self) -> None:
        """Let it run until it waits again."""


class _Flush:
    """Polls for a writer of the engine."""

    __slots__ = ("writer",)

    def __init__(self, writer: Flushable) -> None:
        self.writer = writer

    def on_ready(self, events: int) -> None:
        self.writer.on_writable()


class _Descriptor:
    """Who wants to know of one, and what the loop has been told."""

    __slots__ = ("_fd", "_host", "polled", "reader", "writer")

    def __init__(self, host: LoopHost, fd: int) -> None:
        self._host = host
        self._fd = fd
        self.reader: Pollable | None = None
        self.writer: Pollable | None = None
        self.polled = 0

    def poll(self, events: int) -> None:
        """Have the loop poll for `events`, READ or WRITE."""
        if self.polled & events:
            return
        loop = self._host.loop
        add, callback = (loop.add_reader, self._readable) if events == READ else (loop.add_writer, self._writable)
        try:
            add(self._fd, callback)
        except FileNotFoundError:  # the descriptor that had this number was closed behind the loop's back
            self.forget()
            add(self._fd, callback)
        self.polled |= events

    def stop(self, events: int) -> None:
        """Undo `poll`."""
        if self.polled & events and not self._host.loop.is_closed():
            loop = self._host.loop
            (loop.remove_reader if events == READ else loop.remove_writer)(self._fd)
        self.polled &= ~events

    def forget(self) -> None:
        """The loop polls it no more."""
        loop = self._host.loop
        if not loop.is_closed():
            loop.remove_reader(self._fd)
            loop.remove_writer(self._fd)
        self.polled = 0

    def _readable(self) -> None:
        if self.reader is None:
            self.stop(READ)
        else:
            self._host.dispatch(self.reader, READ)

    def _writable(self) -> None:
        if self.writer is None:
            self.stop(WRITE)
        else:
            self._host.dispatch(self.writer, WRITE)


class LoopTimer:
    """Something that the loop does at a time."""

    __slots__ = ("_host", "at", "function", "handle")

    def __init__(self, host: LoopHost, at: float, function: Callable[[], None]) -> None:
        self._host = host
        self.at = at
        self.function: Callable[[], None] | None = function
        self.handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """In the loop's thread."""
        if self.function is not None:
            self.handle = self._host.loop.call_later(max(0.0, self.at - monotonic()), self.run)

    def run(self) -> None:
        """It is time."""
        function = self.end()
        if function is not None:
            self._host.run(function)

    def end(self) -> Callable[[], None] | None:
        """What it was to do, which it does no more."""
        function, self.function = self.function, None
        self._host.timers.discard(self)
        return function


class LoopHost(Host):
    """See `gentcp.engine.Host`."""

    def __init__(self, loop: Loop) -> None:
        self.loop: Loop = loop
        self.ended: bool = False
        self.timers: set[LoopTimer] = set()
        self._descriptors: dict[int, _Descriptor] = {}
        self._woken: list[Steppable] | None = None
        self._guard: AsyncGenerator[None, None] | None = None

    def here(self) -> bool:
        """Whether this is the loop's thread, and it runs."""
        return asyncio._get_running_loop() is self.loop

    # ---- tasks

    def dispatch(self, pollee: Pollable, events: int) -> None:
        """Tell it, and let the tasks go on that it woke: no other task is running, and no lock is held any more."""
        woken = self._woken = []
        try:
            pollee.on_ready(events)
        finally:
            self._woken = None
        for task in woken:
            task.step()

    def run(self, function: Callable[[], None]) -> None:
        """The same with a function."""
        woken = self._woken = []
        try:
            function()
        finally:
            self._woken = None
        for task in woken:
            task.step()

    def wake(self, task: Steppable) -> None:
        """Let `task` go on: at the end of `dispatch` if it is that which wakes it, else in the loop's next turn."""
        if not self.here():
            with contextlib.suppress(RuntimeError):  # the loop is closed, and with it the task has ended
                self.loop.call_soon_threadsafe(task.step)
        elif self._woken is not None:
            self._woken.append(task)
        else:
            self.loop.call_soon(task.step)

    # ---- descriptors

    def watch(self, fd: int, pollee: Pollable, events: int) -> None:
        """Have `pollee.on_ready` called whenever `fd` is ready."""
        if not self.here():
            self.call_soon(lambda: self.watch(fd, pollee, events))
            return
        found = self._descriptors.get(fd)
        if found is None:
            found = self._descriptors[fd] = _Descriptor(self, fd)
        if events == READ:
            found.reader = pollee
        else:
            found.writer = pollee
        if not found.polled & events:
            found.poll(events)

    def unwatch(self, fd: int, events: int, pollee: Pollable | None = None) -> None:
        """Undo `watch`, if it was for `pollee`."""
        found = self._descriptors.get(fd)
        if found is None:
            return
        if events == READ and pollee in (None, found.reader):
            found.reader = None
        elif events == WRITE and pollee in (None, found.writer):
            found.writer = None
            if self.here():
                found.stop(WRITE)  # which is nearly always possible

    def let_go(self, fd: int, close: Callable[[], None]) -> bool:
        """See `Polling.let_go`."""
        found = self._descriptors.get(fd)
        if found is None or self.loop.is_closed():
            self._descriptors.pop(fd, None)
            return True
        if self.here():
            del self._descriptors[fd]
            found.forget()
            return True
        self.call_soon(lambda: self._close_here(fd, close))
        return False

    def _close_here(self, fd: int, close: Callable[[], None]) -> None:
        if self.let_go(fd, close):
            close()

    # ---- the background

    def flush_later(self, fd: int, writer: Flushable) -> None:
        self.watch(fd, _Flush(writer), WRITE)

    def flush_elsewhere(self, fd: int, writer: Flushable) -> None:
        self.stop_flushing(fd)

    def stop_flushing(self, fd: int) -> None:
        found = self._descriptors.get(fd)
        if found is not None and isinstance(found.writer, _Flush):
            self.unwatch(fd, WRITE)

    def call_soon(self, function: Callable[[], None]) -> None:
        try:
            self.loop.call_soon_threadsafe(function)
        except RuntimeError:  # it is closed
            driver().call_soon(function)

    def call_at(self, at: float, function: Callable[[], None]) -> LoopTimer:
        timer = LoopTimer(self, at, function)
        self.timers.add(timer)
        if self.here():
            timer.start()
        else:
            self.call_soon(timer.start)
        return timer

    def cancel(self, timer: Any) -> None:
        if isinstance(timer, LoopTimer):
            timer.end()
            if timer.handle is not None and self.here():
                timer.handle.cancel()
        else:  # of the driver, which took over
            driver().cancel(timer)

    def serve(self, process: Process) -> None:
        """The loop reads whenever there is something."""

    # ---- the end

    def guard(self) -> AsyncGenerator[None, None]:
        """Something that the loop closes before it ends."""
        self._guard = _until_the_end(self)
        return self._guard

    def leave(self) -> dict[int, _Descriptor]:
        """The loop does nothing more for gentcp.  The descriptors that it polls."""
        self.ended = True
        with contextlib.suppress(ValueError):
            polling.remove(self)
        descriptors, self._descriptors = self._descriptors, {}
        return descriptors

    def end(self) -> None:
        """The loop is about to be closed: what is left to flush, and timers, are the driver's."""
        for fd, found in self.leave().items():
            found.forget()
            if isinstance(found.writer, _Flush) and found.writer.writer.pending():
                driver().flush_later(fd, found.writer.writer)
        for timer in tuple(self.timers):
            function = timer.end()
            if function is not None:
                driver().call_at(timer.at, function)


def _after_fork() -> None:
    """A loop does not survive the fork: it shares its poller with the parent's, which goes on with these sockets."""
    for host in _hosts.values():
        host.leave()
    _hosts.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


async def _until_the_end(host: LoopHost) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        host.end()


_hosts: weakref.WeakKeyDictionary[Loop, LoopHost] = weakref.WeakKeyDictionary()


def host_of_loop(loop: Loop) -> LoopHost:
    """The host of a loop that runs in this thread."""
    host = _hosts.get(loop)
    if host is None:
        host = _hosts[loop] = LoopHost(loop)
        polling.append(host)
        with contextlib.suppress(StopIteration):
            host.guard().__anext__().send(None)  # from now on the loop knows it; see `loop.shutdown_asyncgens`
    return host
