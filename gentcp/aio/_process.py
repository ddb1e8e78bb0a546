"""Tasks as processes: an identity, a mailbox, and sockets that end with the task."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Coroutine, Generator
from time import monotonic
from typing import Any, TypeVar

from gentcp import process as threads
from gentcp._platform import READ
from gentcp._watching import Pollable
from gentcp.errors import OptionError, ProcessKilled, Timeout
from gentcp.mailbox import EXPIRED, WOKEN, Predicate, check_receive
from gentcp.process import Process, Ref, local

from ._loops import LoopHost, host_of_loop
from ._parked import Parked

_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Coroutine[Any, Any, Any]])
_KEY = "_gentcp_process"
_CALL = "_gentcp_call"


class TaskProcess(Process):
    """The process of a task of asyncio.  It ends with its task; `await process` waits for that."""

    __slots__ = ("_receivers", "_saves", "_tasks", "task")

    def __init__(self, task: asyncio.Task[Any], host: LoopHost) -> None:
        super().__init__(task.get_name())
        self.host = host
        self.task: asyncio.Task[Any] = task
        self._receivers: list[Parked] = []
        self._saves = 0  # how often a receive has left a message
        self._tasks: set[asyncio.Task[Any]] = set()
        setattr(task, _KEY, self)
        self.lend(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            self._leave("killed" if self._ended else "cancelled")
            return
        error: BaseException | None = task._exception  # which leaves it to be retrieved
        if isinstance(error, ProcessKilled):
            task.exception()
        self._leave(error or "normal")

    def lend(self, task: asyncio.Task[Any]) -> None:
        """`task` does something for this process, and ends with it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def kill(self) -> None:
        """End the process, and cancel its task."""
        super().kill()
        self.host.call_soon(self._cancel)

    def _cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    def __await__(self) -> Generator[Any, None, None]:
        """Wait until the task has ended, however."""
        return self._ended_by_itself().__await__()

    async def _ended_by_itself(self) -> None:
        await asyncio.wait([self.task])

    # ---- what a mailbox does otherwise here

    def ring(self) -> None:
        for receiver in tuple(self._receivers):
            receiver.look()

    def watch(self, fd: int, pollee: Pollable, events: int = READ) -> None:
        self.host.watch(fd, pollee, events)

    def unwatch(self, fd: int, events: int = READ, pollee: Pollable | None = None) -> None:
        self.host.unwatch(fd, events, pollee)

    def receive(self, predicate: Predicate | None = None, timeout: float | None = None) -> Any:
        """A task does not block."""
        raise RuntimeError("this is the process of a task: use await gentcp.aio.receive()")

    async def next_message(self, predicate: Predicate | None, timeout: float | None) -> Any:
        """See `receive`."""
        deadline = None if timeout is None else monotonic() + timeout
        looks = 2 if timeout == 0 else 0  # the loop polls, then it calls back
        saves, last = -1, False
        while True:
            found, message = self._search(predicate, all_saves=saves != self._saves)
            if found:
                return message
            if last:
                raise Timeout("timeout", "no such message in time")
            saves = self._saves
            if looks:
                looks -= 1
                await asyncio.sleep(0)
            else:
                last = (deadline is not None and monotonic() >= deadline) or await self._wait(deadline) == EXPIRED

    async def _wait(self, deadline: float | None) -> int:
        parked = Parked(self.host)
        self._receivers.append(parked)
        self._waiting = True
        try:
            if self._inbox:
                return WOKEN
            return await parked.until(deadline)
        finally:
            self._receivers.remove(parked)
            self._waiting = bool(self._receivers)

    def _search(self, predicate: Predicate | None, *, all_saves: bool) -> tuple[bool, Any]:
        """The first message that came since the last look and satisfies `predicate`; the others are saved.

        `all_saves`: look at those first that were saved before, perhaps by another receive of this process.
        """
        if all_saves and (found := self._look(predicate, self._saved))[0]:
            return found
        inbox = self._inbox
        while inbox:
            message = inbox[0]
            wanted = predicate is None or predicate(message)  # if that raises, the message stays
            inbox.popleft()
            if wanted:
                return True, message
            self._saved.append(message)
            self._saves += 1
        if self._ended:
            raise ProcessKilled
        return False, None

    @staticmethod
    def _look(predicate: Predicate | None, messages: Any) -> tuple[bool, Any]:
        for index, message in enumerate(messages):
            if predicate is None or predicate(message):
                del messages[index]
                return True, message
        return False, None


def current_process() -> TaskProcess:
    """The process of the running task.  RuntimeError outside of tasks."""
    task = asyncio.current_task() if asyncio._get_running_loop() else None
    if task is None:
        raise RuntimeError("no task is running here; what gentcp has of that name is for threads")
    process: TaskProcess | None = getattr(task, _KEY, None)
    return TaskProcess(task, host_of_loop(task.get_loop())) if process is None else process


# Calls that are plain functions and return coroutines: a call is of the task that makes it, even if another one is made
# to await it.  asyncio.gather makes such tasks, and asyncio.wait_for up to Python 3.11; sockets do not end with them.


def call(function: _F) -> _F:
    """Mark such a function."""
    setattr(function, _CALL, True)
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(function)
    return function


def caller() -> TaskProcess | None:
    """The process of the task that makes the call; None outside of tasks, such as in an argument of asyncio.run."""
    inside = asyncio._get_running_loop() is not None and asyncio.current_task() is not None
    return current_process() if inside else None


def on_behalf_of(process: TaskProcess | None) -> TaskProcess:
    """The process of the task that has made the call, which is under way now."""
    if process is None:
        return current_process()
    task = asyncio.current_task()
    if task is not process.task and task is not None:
        process.lend(task)
    return process


def acting(process: Process, function: Callable[..., _T], *arguments: Any) -> _T:
    """Call what asks for the current process and does not wait."""
    thread = getattr(local, "process", None)
    local.process = process
    try:
        return function(*arguments)
    finally:
        if thread is None:
            del local.process
        else:
            local.process = thread


async def _called(function: Callable[..., Coroutine[Any, Any, _T]], args: tuple[Any, ...]) -> _T:
    return await function(*args)


def spawn(function: Callable[..., Coroutine[Any, Any, Any]], *args: Any, name: str | None = None) -> TaskProcess:
    """Run `function(*args)`, a coroutine function, as a new task with a process (`spawn/3`), and return that.

    The task is `process.task`; the process keeps it alive.  An exception ends it with that reason.
    OptionError for a function that is none of coroutines: those run on a thread, by `gentcp.spawn`.
    """
    if not (inspect.iscoroutinefunction(function) or hasattr(function, _CALL)):
        raise OptionError("function", f"expected a coroutine function, not {function!r}; gentcp.spawn runs others")
    loop = asyncio._get_running_loop()
    if loop is None:
        raise RuntimeError("no event loop is running here: gentcp.spawn runs a function on a thread")
    task = loop.create_task(_called(function, args), name=name or getattr(function, "__name__", None))
    return getattr(task, _KEY, None) or TaskProcess(task, host_of_loop(loop))


@call
def receive(predicate: Predicate | None = None, timeout: float | None = None) -> Coroutine[Any, Any, Any]:
    """The next message of the running task, or the first that satisfies `predicate` (the others stay, in order).

    `timeout` in seconds, None for ever; Timeout when it is over, and with 0 the messages and the data that are
    there are looked at once.  A call that is cancelled has taken no message.
    """
    return _receive(caller(), predicate, timeout)


async def _receive(process: TaskProcess | None, predicate: Predicate | None, timeout: float | None) -> Any:
    process = on_behalf_of(process)
    if predicate is not None or timeout is not None:
        check_receive(predicate, timeout)
    if predicate is None and not process._saved and process._inbox:
        return process._inbox.popleft()
    return await process.next_message(predicate, timeout)


def monitor(process: Process) -> Ref:
    """Ask for `("DOWN", ref, "process", process, reason)` when the process ends (`erlang:monitor/2`).

    `process` may be that of a thread.  For one that has ended already the message comes at once, with "noproc".
    """
    return acting(current_process(), threads.monitor, process)


def demonitor(ref: Ref) -> bool:
    """Take a monitor back; False when it has fired or never was."""
    return threads.demonitor(ref)
