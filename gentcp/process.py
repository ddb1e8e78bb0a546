"""Processes: an identity, a mailbox and a lifetime.

Every thread has a process (`current_process`); `spawn` makes one on a thread of its own.  A socket belongs to a
process and is closed when that process ends.  There are no links, no exit signals and no supervision.
"""

from __future__ import annotations

import inspect
import itertools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from ._blocking import warn_in_loop
from ._compiled import mypyc_attr
from .errors import Error, OptionError, ProcessKilled, Term
from .mailbox import Mailbox, Predicate


class Owned(Protocol):
    """Something that ends with its owner."""

    def owner_down(self, reason: Term) -> None:
        """The owning process has ended.  Must not block."""

    def inherit(self) -> None:
        """The program is the child of a fork, and the thing is its parent's.  No other thread runs."""


class Waited(Protocol):
    """Something in whose call a process may be blocked."""

    def waiter_down(self, process: Process) -> None:
        """The process has been killed in that call.  Must not block."""


@mypyc_attr(native_class=False)
class Ref:
    """An opaque reference (`make_ref/0`): hashable, equal to itself alone."""

    __slots__ = ("__weakref__", "number")
    _numbers: ClassVar = itertools.count(1)

    def __init__(self) -> None:
        self.number: int = next(Ref._numbers)

    def __repr__(self) -> str:
        return f"#Ref<{self.number}>"


_numbers = itertools.count(1)
_state = threading.RLock()  # guards the end of processes and their monitors; a signal handler may come in the middle
_monitored: dict[Ref, Process] = {}
_all: dict[int, Process] = {}


@mypyc_attr(allow_interpreted_subclasses=True)
class Process(Mailbox):
    """A process.  Make one with `spawn`; get your own with `current_process`."""

    _faces: ClassVar[Any] = None
    """What stands for its sockets, connected and listening, if that is not what usually does."""

    __slots__ = (
        "__weakref__", "_joined", "_number", "_watchers", "exit_reason", "host", "name", "owned", "parked", "spare",
        "thread", "waits_in",
    )  # fmt: skip

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        self._number = next(_numbers)
        self.name: str = name or f"process-{self._number}"
        self.exit_reason: Term = None
        self.owned: dict[Owned, None] = {}
        self.thread: threading.Thread | None = None
        self.waits_in: Waited | None = None
        """What the process is blocked in, if that wants to know of its end."""
        self.parked: bool = False
        """It waits there, or is about to: whoever completes that wakes it, a signal handler in its own thread too."""
        self.host: Any = None
        """What `gentcp.engine` calls the host of the process, if that is not the one for threads."""
        self.spare: Any = None
        """What the engine has at hand for the next call of this process, so as not to make a new one each time."""
        self._joined = threading.Lock()
        self._joined.acquire()
        self._watchers: dict[Ref, Process] = {}
        _all[self._number] = self

    def __repr__(self) -> str:
        return f"<gentcp.Process {self.name}{'' if self.alive else ' ended'}>"

    @property
    def alive(self) -> bool:
        """False once the process has ended, by itself or by `kill`."""
        return not self._ended

    @property
    def seen_as(self) -> Process:
        """Who is meant where a process is shown: itself, unless it stands in for another one."""
        return self

    # ---- forks

    def begin_anew(self) -> None:
        """In the child of a fork: the sockets and the messages are the parent's; the process goes on without them."""
        owned, self.owned = list(self.owned), {}
        self.start_anew()
        for thing in owned:
            thing.inherit()

    def stay_behind(self) -> None:
        """In the child of a fork: the thread of this process did not come along."""
        self.waits_in = None
        self.begin_anew()
        self._end("noproc")
        if self._joined.locked():
            self._joined.release()

    # ---- the end

    def own(self, thing: Owned) -> None:
        """Tie `thing` to this process; if it has ended already, so does the thing."""
        with _state:
            self.owned[thing] = None
            ended = self._ended
        if ended:
            thing.owner_down(self.exit_reason)

    def disown(self, thing: Owned) -> None:
        """Undo `own`."""
        self.owned.pop(thing, None)

    def kill(self) -> None:
        """End the process: its sockets close, its monitors fire, and the call it is blocked in raises.

        A thread cannot be stopped from outside, so code that makes no gentcp call runs on.
        """
        self._end("killed")
        self.ring()
        self.wake()

    def _end(self, reason: Term) -> None:
        with _state:
            if self._ended:
                return
            self._ended = True
            _all.pop(self._number, None)
            self.exit_reason = reason
            owned, self.owned = list(self.owned), {}
            watchers, self._watchers = self._watchers, {}
            for ref in watchers:
                _monitored.pop(ref, None)
        waits_in = self.waits_in  # read once: the call may just be over
        if waits_in is not None:
            waits_in.waiter_down(self)
        for thing in owned:
            thing.owner_down(reason)
        for ref, watcher in watchers.items():
            watcher.post(("DOWN", ref, "process", self, reason))

    def _leave(self, reason: Term) -> None:
        """The thread is done with this process."""
        self._end(reason)
        self.release_fds()
        self._joined.release()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the process's code has returned (a killed one: has noticed).  False when it takes longer."""
        done = self._joined.acquire(timeout=-1 if timeout is None else timeout)
        if done:
            self._joined.release()
        return done


class _Thread:
    """Lives in a thread's local storage; goes, and ends the thread's process, when the thread ends."""

    __slots__ = ("_finalizing", "_pid", "_started", "process")

    def __init__(self, process: Process) -> None:
        self.process = process
        self._finalizing: Callable[[], bool] = sys.is_finalizing
        self._pid: Callable[[], int] = os.getpid
        self._started = os.getpid()

    def __del__(self) -> None:
        # At exit the module's globals may be gone, and so are the sockets in a moment.  In the child of a fork Python
        # frees what is local to the other threads, before it calls anybody; they have not ended.
        if not self._finalizing() and self._pid() == self._started:
            self.process._leave("normal")


local: threading.local = threading.local()
"""Its `process` is that of the thread, once there is one."""


def current_process() -> Process:
    """The process of the calling thread (`self()`)."""
    try:
        return local.process  # type: ignore[no-any-return]
    except AttributeError:
        warn_in_loop()  # a socket that this process owns, nobody in the loop would serve
        process = Process(threading.current_thread().name)
        local.process = process
        local.end = _Thread(process)
        return process


def processes() -> list[Process]:
    """All processes that have not ended, the eldest first (`processes/0`)."""
    found = list(_all.values())  # one step of the interpreter, whoever starts one meanwhile
    return [process for process in found if process.alive]


def _after_fork() -> None:
    global _state
    _state = threading.RLock()
    mine: Process | None = getattr(local, "process", None)
    if mine is not None:
        if hasattr(local, "end"):
            local.end = _Thread(mine)
        mine.begin_anew()
    for process in list(_all.values()):
        if process is not mine:
            process.stay_behind()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def spawn(function: Callable[..., object], *args: Any, name: str | None = None) -> Process:
    """Run `function(*args)` in a new process on a thread of its own (`spawn/3`) and return the process.

    An exception ends the process with that reason and is reported through `threading.excepthook`.
    Error, with the reason system_limit, when the system has no more threads.
    """
    if inspect.iscoroutinefunction(function):
        raise OptionError("function", f"{function!r} is a coroutine function: gentcp.aio.spawn runs those")
    if not callable(function):
        raise OptionError("function", f"expected a function, not {function!r}")
    if name is not None and not isinstance(name, str):
        raise OptionError("name", f"expected a str, not {name!r}")
    process = Process(name or getattr(function, "__name__", None))

    def main() -> None:
        local.process = process
        reason: Term = "normal"
        try:
            function(*args)
        except ProcessKilled:
            reason = "killed"
        except BaseException as error:
            reason = error
            raise
        finally:
            process._leave(reason)

    process.thread = threading.Thread(target=main, name=process.name, daemon=True)
    try:
        process.thread.start()
    except BaseException as error:
        process._leave("system_limit")
        if isinstance(error, RuntimeError):  # the system has no more threads
            raise Error("system_limit", f"{error}") from error
        raise
    return process


def receive(predicate: Predicate | None = None, timeout: float | None = None) -> Any:
    """The next message of the calling process, or the first that satisfies `predicate` (the others stay, in order).

    `timeout` in seconds, None for ever; Timeout when it is over, and with 0 the messages and the data that
    are there are looked at once.  RuntimeError in a predicate, or in a signal handler that interrupts receive.
    Erlang: `receive ... after Timeout -> ... end`.
    """
    try:
        process: Process = local.process
    except AttributeError:
        process = current_process()
    if predicate is None and process.on_leave is None and not process._saved and process._inbox:
        return process._inbox.popleft()  # as `Mailbox.receive`, without the call
    return process.receive(predicate, timeout)


def monitor(process: Process) -> Ref:
    """Ask for `("DOWN", ref, "process", process, reason)` when the process ends (`erlang:monitor/2`).

    For a process that has ended already the message comes at once, with the reason "noproc".
    """
    if not isinstance(process, Process):
        raise OptionError("process", f"expected a gentcp.Process, not {process!r}")
    ref, me = Ref(), current_process()
    with _state:
        if process.alive:
            process._watchers[ref] = me
            _monitored[ref] = process
            return ref
    me.post(("DOWN", ref, "process", process, "noproc"))
    return ref


def demonitor(ref: Ref) -> bool:
    """Take a monitor back; False when it has fired or never was."""
    if not isinstance(ref, Ref):
        raise OptionError("ref", f"expected a gentcp.Ref, not {ref!r}")
    with _state:
        process = _monitored.pop(ref, None)
        return process is not None and process._watchers.pop(ref, None) is not None
