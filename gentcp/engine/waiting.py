"""How a thread waits for an operation.  Nothing else in gentcp waits for a socket but a recv that blocks in the system.

Theory of operation.  The thread polls what the operation wants of the system and is woken for everything else; either
way it looks again with the lock held.  Only if the system said that the descriptor is ready, it attempts: one that was
woken, or whose time is over, must not read or write (Linux takes more data than it says it has room for).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from time import monotonic
from typing import Any, Generic, TypeVar

from gentcp._blocking import warn_in_loop
from gentcp.abc import Result
from gentcp.mailbox import EXPIRED, READY, WOKEN, Told

from .operation import Operation

T = TypeVar("T")


class Aside(Generic[T]):
    """Something that blocks and is no operation of a socket: looking up a name, or a close(2) that lingers."""

    __slots__ = ("_function", "_result")

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._result: list[T] = []

    def run(self) -> None:
        """Block."""
        self._result.append(self._function())

    @property
    def result(self) -> T:
        """What came of it."""
        return self._result[0]


Steps = Generator[Operation | Aside[Any], None, Result]
"""A call in steps: it yields what it waits for, one after the other, and returns its result."""


def wait(operation: Operation) -> Result:
    """The result of `operation`, which is for the process of this thread."""
    process, lock = operation.process, operation.lock
    if process.waits_in is not operation:
        operation.begin_wait()
    try:
        if process._ended:
            process.check()  # killed before `waits_in` was set: exit() did not reach the operation
        while True:
            process.parked = True
            chosen = operation if operation.outer is None else _chosen(operation)
            if operation.result is not None:
                break
            with lock:
                fd, events = chosen.wants()
            deadline = operation.deadline
            warn_in_loop()
            told = process.park(deadline) if fd < 0 else process.wait_fd(fd, events, deadline)
            process.parked = False
            if told != WOKEN:
                with lock:
                    go_on(operation if told == EXPIRED else chosen, told)
    except BaseException:
        give_up(operation)
        raise
    finally:
        process.waits_in = operation.outer
        process.parked = operation.outer is not None
        with lock:
            operation.left()
        if operation.outer is not None:
            operation.outer = None
            process.wake()  # who has woken us may have meant the other
    if process._ended:
        process.check()
    result = operation.result
    if result.__class__ is not tuple and isinstance(result, Operation):
        result.process = process
        return wait(result)
    return result


def _chosen(operation: Operation) -> Operation:
    """Itself, or what it waits for, if its thread was to do that and has been interrupted by a signal handler.

    Both are of one socket, or the one would not wait for the other.
    """
    with operation.lock:
        outer = operation.outer
        while isinstance(outer, Operation) and outer.lock is operation.lock:
            if outer.result is not None:
                outer.left()
            elif outer.wants()[0] >= 0 and operation.wants()[0] < 0:
                return outer
            outer = outer.outer
    return operation


def give_up(operation: Operation) -> None:
    """Whoever waited for it was interrupted, or killed."""
    with operation.lock:
        if operation.result is None:
            operation.give_up()


def abandon(operation: object) -> None:
    """Whoever was to wait for it, if it is an operation, was interrupted, cancelled or killed; nobody polls for it."""
    if not isinstance(operation, Operation):
        return
    give_up(operation)
    with operation.lock:
        operation.left()
    process = operation.process
    if process.waits_in is operation:
        process.waits_in = operation.outer


def go_on(operation: Operation, told: Told) -> None:
    """Its waiter has been told that what it wants is there, or that it is too late.  With the lock held."""
    if told == READY and operation.result is None:
        operation.attempt()
        deadline = operation.deadline
        if deadline is None or monotonic() < deadline:
            return
    if operation.result is None:
        operation.expire()


def run(steps: Steps) -> Result:
    """The result of a call in steps."""
    try:
        step = next(steps)
        while True:
            try:
                if isinstance(step, Aside):
                    warn_in_loop()
                    step.run()
                else:
                    wait(step)
            except BaseException as error:  # noqa: BLE001  the call cleans up, and raises it again
                step = steps.throw(error)
            else:
                step = next(steps)
    except StopIteration as end:
        return end.value
