"""A task that waits."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Generator
from typing import Any, Protocol

from gentcp.mailbox import EXPIRED, READY, WOKEN, Told


class Waking(Protocol):
    """What it needs of its host."""

    loop: asyncio.AbstractEventLoop

    def wake(self, task: Parked, /) -> None:
        """Call `task.step` as soon as no other task is running."""

    def call_at(self, at: float, function: Callable[[], None]) -> Any:
        """See `gentcp.engine.Host`."""

    def cancel(self, timer: Any) -> None:
        """See `gentcp.engine.Host`."""


NOT_YET = -1
"""What `told` is as long as it waits."""


class Parked:
    """A task that waits: to the task a future, without the turn of the loop that one costs.

    It is told once; then it may be used again.
    """

    __slots__ = ("_asyncio_future_blocking", "_callback", "_cancelled", "_context", "_message", "host", "told")

    def __init__(self, host: Waking) -> None:
        self._asyncio_future_blocking = False
        self.host = host
        self._callback: Callable[[Any], object] | None = None
        self._context: contextvars.Context | None = None
        self._cancelled = False
        self._message: object = None
        self.told: Told = NOT_YET

    # ---- who wakes it

    def look(self) -> None:
        """See `Waiter.look`."""
        self._tell(WOKEN)

    def on_ready(self, events: int) -> None:
        """See `Pollable.on_ready`.  Called by the loop, so no task is running: this one goes on at once."""
        if self.told == NOT_YET:
            self.told = READY
            callback = self._callback
            if callback is not None:
                self._callback = None
                self._context.run(callback, self)  # type: ignore[union-attr]

    def expired(self) -> None:
        """The deadline is over."""
        self._tell(EXPIRED)

    def _tell(self, told: Told) -> None:
        if self.told == NOT_YET:
            self.told = told
            if self._callback is not None:
                self.host.wake(self)

    def step(self) -> None:
        """See `Steppable.step`.  Two threads may each have seen to it; then one comes too late, or too early."""
        if self.told == NOT_YET:
            return
        callback, self._callback = self._callback, None
        if callback is not None and self._context is not None:
            self._context.run(callback, self)

    # ---- what a task asks of a future

    def __await__(self) -> Generator[Any, None, Told]:
        if self.told == NOT_YET:
            self._asyncio_future_blocking = True
            yield self
        return self.told

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self.host.loop

    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: contextvars.Context | None = None
    ) -> None:
        self._callback = callback
        self._context = contextvars.copy_context() if context is None else context
        if self.told != NOT_YET:  # in the meantime
            self.host.wake(self)

    def cancel(self, msg: object = None) -> bool:
        """False: it is woken already, and the task will be told then."""
        if self.told != NOT_YET:
            return False
        self.told = WOKEN
        self._cancelled, self._message = True, msg
        self.host.loop.call_soon(self.step)
        return True

    def result(self) -> None:
        """Raise what the task is to be told."""
        if self._cancelled:
            raise asyncio.CancelledError(*(() if self._message is None else (self._message,)))

    # ---- waiting

    async def until(self, deadline: float | None) -> Told:
        """Wait, until `deadline` at most."""
        timer: Any = None if deadline is None else self.host.call_at(deadline, self.expired)
        try:
            return await self
        finally:
            if timer is not None:
                self.host.cancel(timer)
