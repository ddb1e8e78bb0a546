"""How a task waits for an operation."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Generator
from typing import Any

from gentcp._platform import READ
from gentcp.abc import Result
from gentcp.engine import Aside, Operation, Steps
from gentcp.engine.waiting import go_on
from gentcp.mailbox import EXPIRED, READY, WOKEN, Told

from ._loops import LoopHost, LoopTimer

_NOT_YET = -1


class Parked:
    """A task that waits: to the task a future, without the turn of the loop that one costs.

    It is told once; then it may be used again.
    """

    __slots__ = ("_asyncio_future_blocking", "_callback", "_cancelled", "_context", "_host", "_message", "told")

    def __init__(self, host: LoopHost) -> None:
        self._asyncio_future_blocking = False
        self._host = host
        self._callback: Callable[[Any], object] | None = None
        self._context: contextvars.Context | None = None
        self._cancelled = False
        self._message: object = None
        self.told: Told = _NOT_YET

    # ---- who wakes it

    def look(self) -> None:
        """See `Waiter.look`."""
        self._tell(WOKEN)

    def on_ready(self, events: int) -> None:
        """See `Pollable.on_ready`."""
        self._tell(READY)

    def expired(self) -> None:
        """The deadline is over."""
        self._tell(EXPIRED)

    def _tell(self, told: Told) -> None:
        if self.told == _NOT_YET:
            self.told = told
            if self._callback is not None:
                self._host.wake(self)

    def step(self) -> None:
        """See `Steppable.step`.  Two threads may each have seen to it; then one comes too late, or too early."""
        if self.told == _NOT_YET:
            return
        callback, self._callback = self._callback, None
        if callback is not None and self._context is not None:
            self._context.run(callback, self)

    # ---- what a task asks of a future

    def __await__(self) -> Generator[Any, None, Told]:
        if self.told == _NOT_YET:
            self._asyncio_future_blocking = True
            yield self
        return self.told

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._host.loop

    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: contextvars.Context | None = None
    ) -> None:
        self._callback = callback
        self._context = contextvars.copy_context() if context is None else context
        if self.told != _NOT_YET:  # in the meantime
            self._host.wake(self)

    def cancel(self, msg: object = None) -> bool:
        """False: it is woken already, and the task will be told then."""
        if self.told != _NOT_YET:
            return False
        self.told = WOKEN
        self._cancelled, self._message = True, msg
        self._host.loop.call_soon(self.step)
        return True

    def result(self) -> None:
        """Raise what the task is to be told."""
        if self._cancelled:
            raise asyncio.CancelledError(*(() if self._message is None else (self._message,)))

    # ---- waiting

    async def until(self, deadline: float | None) -> Told:
        """Wait, until `deadline` at most."""
        timer: LoopTimer | None = None if deadline is None else self._host.call_at(deadline, self.expired)
        try:
            return await self
        finally:
            if timer is not None:
                self._host.cancel(timer)


async def wait(operation: Operation, host: LoopHost) -> Result:
    """The result of `operation`, which is for the process of the running task."""
    process, lock = operation.process, operation.lock
    parked = operation.waiter = Parked(host)
    process.waits_in = operation
    fd, events = -1, READ
    timer: LoopTimer | None = None
    try:
        while True:
            with lock:
                parked.told = _NOT_YET
                if not operation.answered():
                    operation.woken()  # the first time, too: before it had a waiter nobody could wake it
                if operation.answered():
                    break
                wanted = operation.wants()
                if fd >= 0 and wanted != (fd, events):
                    host.unwatch(fd, events, parked)
                fd, events = wanted
                if fd >= 0:
                    host.watch(fd, parked, events)
            if operation.deadline is not None and (timer is None or timer.at != operation.deadline):
                timer = _set(host, timer, operation.deadline, parked)
            told = await parked
            if told != WOKEN:
                with lock:
                    go_on(operation, told)
    except BaseException:
        with lock:
            if operation.result is None:
                operation.give_up()
        raise
    finally:
        process.waits_in = None
        if timer is not None:
            host.cancel(timer)
        with lock:
            if fd >= 0:
                host.unwatch(fd, events, parked)
            operation.left()
    process.check()
    return operation.result


def _set(host: LoopHost, timer: LoopTimer | None, at: float, parked: Parked) -> LoopTimer:
    if timer is not None:
        host.cancel(timer)
    return host.call_at(at, parked.expired)


async def run(steps: Steps, host: LoopHost) -> Result:
    """The result of a call in steps."""
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Aside):
                    await asyncio.shield(host.loop.run_in_executor(None, step.run))  # a close has to happen
                else:
                    await wait(step, host)
            except BaseException as error:  # noqa: BLE001  the call cleans up, and raises it again
                step = steps.throw(error)
            else:
                step = next(steps)
    except StopIteration as end:
        return end.value
