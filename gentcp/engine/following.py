"""Operations that no thread waits for.

What they want is polled for their process, and the answer is told when it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gentcp.abc import Result, Term

from .driver import host_of
from .operation import NOTHING_OF_THE_SYSTEM, Operation

Tell = Callable[[Result], None]


def nobody(_result: Result) -> None:
    """The answer is of no interest."""


class Follower:
    """Sees to one operation.  It ends with its process, unless that has ended already."""

    __slots__ = ("__weakref__", "_host", "_operation", "_polled", "_tell", "_timer", "_told")

    def __init__(self, operation: Operation, tell: Tell) -> None:
        self._operation = operation
        self._tell = tell
        """Called once, with the operation's lock held."""
        self._polled = NOTHING_OF_THE_SYSTEM
        self._timer: Any = None
        self._host: Any = None
        """Whose timer that is."""
        self._told = False

    def follow(self) -> None:
        """From now on.  Without the lock."""
        operation = self._operation
        operation.waiter = self
        operation.process.own(self)  # killed meanwhile, it is given up at once
        with operation.lock:
            self.look()

    def look(self) -> None:
        """See `Waiter.look`."""
        operation = self._operation
        if operation.result is not None:
            if not isinstance(operation.result, Operation):
                self._end()
                return
            operation = self._go_over_to(operation.result)
        process = operation.process
        wanted = operation.wants() if process.alive else NOTHING_OF_THE_SYSTEM
        if wanted != self._polled:
            self._stop_polling()
            if wanted[0] >= 0:
                self._polled = wanted
                process.watch(wanted[0], self, wanted[1])
                host_of(process).serve(process)
        if self._timer is None and operation.deadline is not None:
            self._host = host_of(process)
            self._timer = self._host.call_at(operation.deadline, self._expired)

    def _go_over_to(self, following: Operation) -> Operation:
        """That is what the operation has come to."""
        self._let_go()
        following.waiter = self
        self._operation = following
        if following.result is not None:
            self._end()
        return following

    def on_ready(self, events: int) -> None:
        """The system says that what the operation wants is there."""
        operation = self._operation
        with operation.lock:
            if operation.result is None and operation.wants() == self._polled:
                operation.attempt()
            self.look()

    def _expired(self) -> None:
        operation = self._operation
        with operation.lock:
            self._timer = None
            if operation.result is None:
                operation.expire()
            self.look()

    def owner_down(self, reason: Term) -> None:
        """The process has ended."""
        operation = self._operation
        with operation.lock:
            if operation.result is None:
                operation.give_up()
            self.look()

    def inherit(self) -> None:
        """The parent sees to it."""

    def _end(self) -> None:
        self._let_go()
        operation = self._operation
        operation.process.disown(self)
        if not self._told:
            self._told = True
            self._tell(operation.result)

    def _let_go(self) -> None:
        self._stop_polling()
        if self._timer is not None:
            self._host.cancel(self._timer)
            self._timer = None
        self._operation.left()

    def _stop_polling(self) -> None:
        fd, events = self._polled
        if fd >= 0:
            self._polled = NOTHING_OF_THE_SYSTEM
            self._operation.process.unwatch(fd, events, self)
