"""The host of an event loop: descriptors that it polls, timers, and waking tasks.

A descriptor stays registered with the loop until an event comes that nobody wants: whoever receives one packet after
the other costs no system call but recv(2) and the loop's own.

Tasks that wait for a descriptor go on in the loop's callback itself, wherever no other task is running, and not in the
next turn of the loop, which a future would cost.

When the loop is closed, by whomever, the host ends first: what is left to do for its sockets the driver does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, Protocol

from gentcp._platform import READ, WRITE
from gentcp._watching import Pollable
from gentcp.engine import Flushable, Host, driver
from gentcp.engine.host import polling
from gentcp.process import Process, processes

from ._descriptors import Descriptor, Flush

Loop = asyncio.AbstractEventLoop

LOOK = 1.0
"""Seconds between looks at how full the mailboxes are."""


class Steppable(Protocol):
    """A task that waits, and may go on."""

    def step(self) -> None:
        """Let it run until it waits again."""


class LoopTimer:
    """Something that the loop does at a time."""

    __slots__ = ("_host", "at", "function", "handle", "moved")

    def __init__(self, host: LoopHost, at: float, function: Callable[[], None]) -> None:
        self._host = host
        self.at: float = at
        self.function: Callable[[], None] | None = function
        self.handle: asyncio.TimerHandle | None = None
        self.moved: Any = None
        """What the driver has instead."""

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
        self._descriptors: dict[int, Descriptor] = {}
        self._served: dict[Process, None] = {}
        self._looking: asyncio.TimerHandle | None = None
        self._woken: list[Steppable] | None = None

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
            if woken:
                self._go_on(woken)

    def run(self, function: Callable[[], None]) -> None:
        """The same with a function."""
        woken = self._woken = []
        try:
            function()
        finally:
            self._woken = None
            self._go_on(woken)

    def _go_on(self, woken: list[Steppable]) -> None:
        tasks = iter(woken)
        try:
            for task in tasks:
                task.step()
        finally:  # SystemExit comes through here, and the others have been told that they are woken
            for task in tasks:
                self.loop.call_soon(task.step)

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
        if self.ended:
            return
        found = self.descriptor(fd)
        if events == READ:
            found.reader = pollee
        else:
            found.writer = pollee
        if found.polled & events:
            return
        if self.here():
            found.poll(events)
        else:
            self.call_soon(partial(self._poll_still, fd, found, events))

    def descriptor(self, fd: int) -> Descriptor:
        """What is known of `fd`."""
        found = self._descriptors.get(fd)
        return self._descriptors.setdefault(fd, Descriptor(self, fd)) if found is None else found

    def _poll_still(self, fd: int, found: Descriptor, events: int) -> None:
        """Unless it has been closed meanwhile, and the number means another one."""
        if self._descriptors.get(fd) is found and found.wanted(events):
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
        if found is not None and found.polled and self.loop.is_running() and not self.here():
            self.call_soon(partial(self._close_here, fd, close))
            return False
        if found is not None:
            del self._descriptors[fd]
            found.forget()
        return True

    def _close_here(self, fd: int, close: Callable[[], None]) -> None:
        if self.let_go(fd, close):
            close()

    # ---- the background

    def flush_later(self, fd: int, writer: Flushable) -> None:
        self.watch(fd, Flush(writer), WRITE)

    def flush_elsewhere(self, fd: int, writer: Flushable) -> None:
        self.stop_flushing(fd, writer)

    def stop_flushing(self, fd: int, writer: Flushable) -> None:
        found = self._descriptors.get(fd)
        if found is not None and isinstance(found.writer, Flush) and found.writer.writer is writer:
            self.unwatch(fd, WRITE)

    def call_soon(self, function: Callable[[], None]) -> None:
        try:
            self.loop.call_soon_threadsafe(function)
        except RuntimeError:  # it is closed
            driver().call_soon(function)

    def aside(self, function: Callable[[], None]) -> None:
        if self.here():
            self._aside(function)
        else:
            self.call_soon(partial(self._aside, function))

    def _aside(self, function: Callable[[], None]) -> None:
        try:
            self.loop.run_in_executor(None, function)
        except RuntimeError:  # it is shut down, or the loop is closed
            driver().aside(function)

    def call_at(self, at: float, function: Callable[[], None]) -> LoopTimer:
        timer = LoopTimer(self, at, function)
        self.timers.add(timer)
        if self.here():
            timer.start()
        else:
            self.call_soon(timer.start)
        return timer

    def cancel(self, timer: Any) -> None:
        timer.end()
        if timer.moved is not None:
            driver().cancel(timer.moved)
        elif timer.handle is not None and self.here():
            timer.handle.cancel()

    def serve(self, process: Process) -> None:
        """The loop reads whenever there is something; the size of the mailbox it looks at now and then."""
        if process in self._served:
            return
        self._served[process] = None
        if self.here():
            self._look_later()
        else:
            self.call_soon(self._look_later)

    def _look_later(self) -> None:
        if self._looking is None and not self.ended:
            self._looking = self.loop.call_later(LOOK, self._look)

    def _look(self) -> None:
        self._looking = None
        for process in tuple(self._served):
            if process.alive:
                process.check_size()
            else:
                del self._served[process]
        if self._served:
            self._look_later()

    # ---- the end

    def leave(self) -> dict[int, Descriptor]:
        """The loop does nothing more for gentcp.  The descriptors that it polls."""
        self.ended = True
        self._served.clear()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        _hosts.pop(self.loop, None)
        with contextlib.suppress(ValueError):
            polling.remove(self)
        descriptors, self._descriptors = self._descriptors, {}
        return descriptors

    def end(self) -> None:
        """The loop is about to be closed: what is left to flush, and timers, are the driver's; tasks do not go on."""
        for fd, found in self.leave().items():
            found.forget()
            if isinstance(found.writer, Flush) and found.writer.writer.pending():
                driver().flush_later(fd, found.writer.writer)
        if driver().leaving:
            driver().drain()
        for timer in tuple(self.timers):
            function = timer.end()
            if function is not None:
                timer.moved = driver().call_at(timer.at, function)
        for process in processes():
            if process.host is self:
                process._leave("killed")


def _after_fork() -> None:
    """A loop does not survive the fork: it shares its poller with the parent's, which goes on with these sockets."""
    for host in tuple(_hosts.values()):
        host.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _end_with(loop: Loop, host: LoopHost) -> None:
    """Have the host end whenever the loop is closed, by asyncio.run or without it."""
    close = loop.close

    def end_and_close() -> None:
        if not loop.is_running():  # else it refuses
            vars(loop).pop("close", None)
            host.end()
        close()

    vars(loop)["close"] = end_and_close


_hosts: dict[Loop, LoopHost] = {}


def host_of_loop(loop: Loop) -> LoopHost:
    """The host of a loop that runs in this thread."""
    host = _hosts.get(loop)
    if host is None:
        host = _hosts[loop] = LoopHost(loop)
        polling.append(host)
        _end_with(loop, host)
    return host
