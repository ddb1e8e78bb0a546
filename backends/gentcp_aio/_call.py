"""How a process waits for what it has asked of the loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

from gentcp.aio.lowlevel import carry_out
from gentcp.process import Process, current_process

from ._loop import Visitor, the_loop


class Call:
    """One call of the process of this thread.  If that is killed, or interrupted, the call is cancelled."""

    __slots__ = ("_arguments", "_done", "_function", "_loop", "_over", "_task", "_visitor")

    def __init__(self, visitor: Visitor, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._loop = visitor.loop.asyncio
        self._visitor = visitor
        self._function = function
        self._arguments = arguments
        self._task: asyncio.Task[Any] | None = None
        self._done = False
        self._over = threading.Lock()
        self._over.acquire()

    def result(self) -> Any:
        """What came of it."""
        process = self._visitor.stands_for
        process.waits_in = self
        try:
            self._loop.call_soon_threadsafe(self._begin)
            while not self._done:
                process.park(None)
            process.check()  # who is killed before that line may have been quicker than the call
        except BaseException:
            self._cancel()
            self._over.acquire()  # so that it has let go of everything
            raise
        finally:
            process.waits_in = None
        assert self._task is not None
        return self._task.result()

    def waiter_down(self, process: Process) -> None:
        """The process has been killed."""
        operation = self._visitor.waits_in
        if operation is not None:
            operation.waiter_down(self._visitor)
        with contextlib.suppress(RuntimeError):  # the interpreter ends, and the loop has been closed
            self._cancel()

    def _cancel(self) -> None:
        self._loop.call_soon_threadsafe(self._give_up)

    # ---- in the loop

    def _begin(self) -> None:
        if not self._done:
            self._task = self._loop.create_task(carry_out(self._visitor, self._function, *self._arguments))
            self._task.add_done_callback(self._end)

    def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()
        elif not self._done:
            self._end(None)

    def _end(self, task: asyncio.Task[Any] | None) -> None:
        if task is not None and not task.cancelled():
            task.exception()  # so that asyncio does not report it, if nobody waits any more
        self._done = True
        self._over.release()
        self._visitor.stands_for.wake()


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function gives when the calling process calls it in the loop."""
    loop = the_loop()
    if loop.host.here():  # something there shows a socket, say in an error
        return function(*arguments)
    return Call(loop.visitor(current_process()), function, arguments).result()


def call_for(function: Callable[..., Any], *arguments: Any) -> Any:
    """The same of one that is told first whom it is for, and may wait: RuntimeError in the loop itself."""
    loop = the_loop()
    if loop.host.here():
        raise RuntimeError("the loop cannot wait for itself")
    caller = loop.visitor(current_process())
    return Call(caller, function, (caller, *arguments)).result()


def there(term: Any) -> Any:
    """A process as the loop knows it; anything else as it is."""
    return the_loop().visitor(term) if isinstance(term, Process) else term
