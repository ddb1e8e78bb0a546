"""How a task waits for an operation, and for a call in steps."""

from __future__ import annotations

import asyncio

from gentcp._platform import READ
from gentcp.abc import Result
from gentcp.engine import Aside, Operation, Steps
from gentcp.engine.waiting import go_on
from gentcp.mailbox import WOKEN

from ._loops import LoopHost, LoopTimer
from ._parked import NOT_YET, Parked


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
                parked.told = NOT_YET
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


def abandon(operation: Operation) -> None:
    """Whoever waited for it was cancelled, or killed."""
    with operation.lock:
        if operation.result is None:
            operation.give_up()
        operation.left()


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
