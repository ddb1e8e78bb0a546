"""How a task waits for an operation, and for a call in steps."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from gentcp._platform import ready
from gentcp.abc import Result
from gentcp.engine import NOTHING_OF_THE_SYSTEM, Aside, Operation, Steps, Wanted
from gentcp.engine.waiting import give_up, go_on
from gentcp.mailbox import EXPIRED, READY, WOKEN, Told

from ._loops import LoopHost, LoopTimer
from ._parked import NOT_YET, Parked


class _Poll:
    """What the loop does for a task that waits."""

    def __init__(self, host: LoopHost, parked: Parked) -> None:
        self._host = host
        self._parked = parked
        self._wanted: Wanted = NOTHING_OF_THE_SYSTEM
        self._timer: LoopTimer | None = None

    def poll(self, wanted: Wanted) -> None:
        """Have the loop poll for it.  With the operation's lock held: nobody closes the descriptor meanwhile."""
        if wanted != self._wanted:
            self._stop()
        fd, events = wanted
        if fd >= 0:
            self._wanted = wanted
            self._host.watch(fd, self._parked, events)

    async def until(self, deadline: float | None) -> Told:
        """Wait for what is polled, and to be woken."""
        if deadline is not None and deadline <= monotonic() and self._parked.told == NOT_YET:
            fd, events = self._wanted  # the loop might look at its timers first
            return READY if fd >= 0 and ready(fd, events) else EXPIRED
        if deadline is not None and (self._timer is None or self._timer.at != deadline):
            self._set(deadline)
        return await self._parked

    def _set(self, deadline: float) -> None:
        if self._timer is not None:
            self._host.cancel(self._timer)
        self._timer = self._host.call_at(deadline, self._parked.expired)

    def _stop(self) -> None:
        fd, events = self._wanted
        if fd >= 0:
            self._wanted = NOTHING_OF_THE_SYSTEM
            self._host.unwatch(fd, events, self._parked)

    def end(self) -> None:
        """It waits no more."""
        self._stop()
        if self._timer is not None:
            self._host.cancel(self._timer)


async def wait(operation: Operation, host: LoopHost) -> Result:
    """The result of `operation`, which is for the process of the running task."""
    process, lock = operation.process, operation.lock
    parked = operation.waiter = Parked(host)
    poll = _Poll(host, parked)
    process.waits_in = operation
    try:
        while True:
            with lock:
                parked.told = NOT_YET
                if not operation.answered():
                    operation.woken()  # the first time, too: before it had a waiter nobody could wake it
                if operation.answered():
                    break
                wanted, deadline = operation.wants(), operation.deadline
                poll.poll(wanted)
            told = await poll.until(deadline)
            if told != WOKEN:
                with lock:
                    go_on(operation, told)
    except BaseException:
        give_up(operation)
        raise
    finally:
        process.waits_in = None
        with lock:
            poll.end()
            operation.left()
    process.check()
    result = operation.result
    if isinstance(result, Operation):
        result.process = process
        return await wait(result, host)
    return result


async def run(steps: Steps, host: LoopHost) -> Result:
    """The result of a call in steps."""
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Aside):
                    await _run_aside(step, host)
                else:
                    await wait(step, host)
            except BaseException as error:  # noqa: BLE001  the call cleans up, and raises it again
                step = steps.throw(error)
            else:
                step = next(steps)
    except StopIteration as end:
        return end.value


async def _run_aside(step: Aside[Any], host: LoopHost) -> None:
    try:
        running = host.loop.run_in_executor(None, step.run)
    except (RuntimeError, MemoryError):  # there are no more threads: then the loop waits
        step.run()
    else:
        await asyncio.shield(running)  # a close has to happen
