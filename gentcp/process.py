"""Processes and mailboxes: an identity, a queue of messages and a lifetime.

Every thread has a process (`current_process`); `spawn` makes one on a thread of its own.  A socket belongs to a
process and is closed when that process ends.  There are no links, no exit signals and no supervision.

The mailbox of a process also polls its active sockets: `receive` waits for messages and for data at the same time
and turns the data into messages in the receiving thread, so that no message has to change threads.  While the owner
is in `receive` it holds `turn`; somebody else who finds `turn` free may serve the sockets in its stead (`pump`).
"""

from __future__ import annotations

import itertools
import select
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol, TypeVar

from ._platform import READ, Poller, Waker, new_poller
from .errors import ProcessKilled, Term

Predicate = Callable[[Any], bool]
_LONGEST_POLL = 2.0**31 - 1
"""Milliseconds; poll(2) takes an int.  Whoever waits longer comes back and waits again."""
_T = TypeVar("_T")


class Pollable(Protocol):
    """Something a mailbox watches on behalf of its owner."""

    def on_ready(self, events: int) -> None:
        """The descriptor is readable (or broken).  Called with the mailbox's turn held; must not block."""


class Owned(Protocol):
    """Something that ends with its owner."""

    def owner_down(self, reason: Term) -> None:
        """The owning process has ended.  Must not block."""


class Waited(Protocol):
    """Something in whose call a process may be blocked."""

    def waiter_down(self, process: Process) -> None:
        """The process has been killed in that call.  Must not block."""


class Ref:
    """An opaque reference (`make_ref/0`): hashable, equal to itself alone."""

    __slots__ = ("__weakref__", "_number")
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self._number = next(Ref._numbers)

    def __repr__(self) -> str:
        return f"#Ref<{self._number}>"


_numbers = itertools.count(1)
_state = threading.Lock()  # guards the end of processes and their monitors
_monitored: dict[Ref, Process] = {}


class Process:
    """A process.  Make one with `spawn`; get your own with `current_process`."""

    __slots__ = (
        "__weakref__", "_ended", "_gate", "_inbox", "_joined", "_number", "_poll", "_poll_key", "_pollees",
        "_poller", "_saved", "_waiting", "_waker", "_watchers", "exit_reason", "name", "on_leave", "owned",
        "thread", "turn", "turns", "waits_in",
    )  # fmt: skip

    def __init__(self, name: str | None = None) -> None:
        self._number = next(_numbers)
        self.name = name or f"process-{self._number}"
        self.exit_reason: Term = None
        self.owned: dict[Owned, None] = {}
        self.thread: threading.Thread | None = None
        self._ended = False
        self._joined = threading.Event()
        self._inbox: deque[Any] = deque()
        self._saved: deque[Any] = deque()  # looked at by a selective receive and left; only the owner touches it
        self._gate = threading.Lock()
        self._gate.acquire()
        self._waiting = False
        self._waker: Waker | None = None
        self._poller: Poller | None = None
        self._pollees: dict[int, Pollable] = {}
        self._poll: select.poll | None = None
        self._poll_key = (-1, 0)
        self._watchers: dict[Ref, Process] = {}
        self.turn = threading.Lock()
        self.turns = 0
        self.on_leave: Callable[[Process], None] | None = None
        self.waits_in: Waited | None = None

    def __repr__(self) -> str:
        return f"<gentcp.Process {self.name}{'' if self.alive else ' ended'}>"

    @property
    def alive(self) -> bool:
        """False once the process has ended, by itself or by `kill`."""
        return not self._ended

    # ---- messages

    def post(self, message: Term) -> None:
        """Put a message into the mailbox (Erlang's `!`).  Never blocks; to an ended process it does nothing."""
        if self._ended:
            return
        self._inbox.append(message)
        if self._waiting:
            self.wake()

    def receive(self, predicate: Predicate | None = None, timeout: float | None = None) -> Any:
        """See `gentcp.receive`; only the process itself may call it."""
        if predicate is None:
            if self._saved:
                return self._saved.popleft()
            if self._inbox:
                return self._inbox.popleft()
        deadline = None if timeout is None else monotonic() + timeout
        self.turn.acquire()  # whoever serves the sockets in our absence finishes first
        try:
            self.turns += 1
            return self._receive(predicate, deadline)
        finally:
            self.turn.release()
            if self.on_leave is not None:
                self.on_leave(self)

    def _receive(self, predicate: Predicate | None, deadline: float | None) -> Any:
        if predicate is not None:
            for index, message in enumerate(self._saved):
                if predicate(message):
                    del self._saved[index]
                    return message
        last = False
        while True:
            inbox = self._inbox
            while inbox:
                message = inbox.popleft()
                if predicate is None or predicate(message):
                    return message
                self._saved.append(message)
            if self._ended:
                raise ProcessKilled
            if last:
                raise TimeoutError("no such message in time")
            wait = -1.0
            if deadline is not None:
                wait = deadline - monotonic()
                if wait <= 0:
                    wait, last = 0.0, True  # look at the sockets once more, as receive ... after 0 does
            self._waiting = True
            self.pump(0.0 if inbox or self._ended else wait)
            self._waiting = False

    def take(self, predicate: Predicate) -> list[Any]:
        """Remove and return, in order, the messages that are there and satisfy `predicate`; own process only."""
        self._saved.extend(self._inbox.popleft() for _ in range(len(self._inbox)))
        found = [message for message in self._saved if predicate(message)]
        if found:
            rest = [message for message in self._saved if not predicate(message)]
            self._saved.clear()
            self._saved.extend(rest)
        return found

    # ---- polling

    def pump(self, timeout: float) -> None:
        """Serve the watched descriptors that are ready, waiting up to `timeout` seconds (-1: for ever)."""
        poller = self._poller or self._open_poller()
        pollees = self._pollees
        for fd, events in poller.poll(timeout, 256):
            pollee = pollees.get(fd)
            if pollee is not None:
                pollee.on_ready(events)
            elif self._waker is not None and fd == self._waker.fd:
                self._waker.drain()

    def watch(self, fd: int, pollee: Pollable) -> None:
        """Have `pollee.on_ready` called when `fd` is readable."""
        poller = self._poller or self._open_poller()
        self._pollees[fd] = pollee
        try:
            poller.register(fd, READ)
        except FileExistsError:
            poller.modify(fd, READ)

    def unwatch(self, fd: int) -> None:
        """Undo `watch`; nothing happens if there was none."""
        if self._pollees.pop(fd, None) is not None and self._poller is not None:
            try:
                self._poller.unregister(fd)
            except (OSError, ValueError, KeyError):
                pass  # closed meanwhile, by either side

    def poller_fd(self) -> int:
        """A descriptor that is readable when a watched one is; -1 where the system has no such thing."""
        return (self._poller or self._open_poller()).fileno()

    def _open_poller(self) -> Poller:
        with _state:
            if self._poller is None:
                poller = new_poller()
                poller.register(self.waker().fd, READ)
                self._poller = poller
            return self._poller

    def waker(self) -> Waker:
        if self._waker is None:
            self._waker = Waker()
        return self._waker

    # ---- waiting in other calls

    def wake(self) -> None:
        """Let whatever wait the process is in return early; waits look again at what they wait for."""
        waker = self._waker
        if waker is not None:
            try:
                waker.wake()
            except OSError:
                pass  # it has ended meanwhile
        try:
            self._gate.release()
        except RuntimeError:
            pass  # open already

    def park(self, deadline: float | None) -> bool:
        """Wait for `wake`.  False when the deadline (of `time.monotonic`) is over."""
        wait = -1.0 if deadline is None else max(0.0, deadline - monotonic())
        woken = self._gate.acquire(timeout=min(wait, threading.TIMEOUT_MAX))
        self.check()
        return woken

    def wait_fd(self, fd: int, events: int, deadline: float | None) -> bool:
        """Wait until `fd` is ready or the process is woken.  False when the deadline is over."""
        poll = self._poll
        if poll is None or self._poll_key != (fd, events):
            poll = self._poll = select.poll()
            waker = self.waker()
            poll.register(waker.fd, READ)
            poll.register(fd, events)
            self._poll_key = (fd, events)
        self.check()
        wait = None if deadline is None else min(max(0.0, (deadline - monotonic()) * 1000), _LONGEST_POLL)
        ready = poll.poll(wait)
        if self._waker is not None and any(number == self._waker.fd for number, _ in ready):
            self._waker.drain()
        self.check()
        return bool(ready)

    def check(self) -> None:
        """Raise ProcessKilled when the process has been killed."""
        if self._ended:
            raise ProcessKilled

    # ---- the end

    def own(self, thing: Owned) -> None:
        """Tie `thing` to this process; if it has ended already, so does the thing."""
        with _state:
            self.owned[thing] = None
            ended = self._ended
        if ended:
            thing.owner_down(self.exit_reason)

    def disown(self, thing: Owned) -> None:
        self.owned.pop(thing, None)

    def kill(self) -> None:
        """End the process: its sockets close, its monitors fire, and the call it is blocked in raises.

        A thread cannot be stopped from outside, so code that makes no gentcp call runs on.
        """
        self._end("killed")
        self.wake()

    def _end(self, reason: Term) -> None:
        with _state:
            if self._ended:
                return
            self._ended = True
            self.exit_reason = reason
            owned, self.owned = list(self.owned), {}
            watchers, self._watchers = self._watchers, {}
            for ref in watchers:
                _monitored.pop(ref, None)
        if self.waits_in is not None:
            self.waits_in.waiter_down(self)
        for thing in owned:
            thing.owner_down(reason)
        for ref, watcher in watchers.items():
            watcher.post(("DOWN", ref, "process", self, reason))

    def _leave(self, reason: Term) -> None:
        """The thread is done with this process."""
        self._end(reason)
        with self.turn:
            poller, self._poller = self._poller, None
            waker, self._waker = self._waker, None
            if poller is not None:
                poller.close()
            if waker is not None:
                waker.close()
        self._joined.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the process's code has returned (a killed one: has noticed).  False when it takes longer."""
        return self._joined.wait(timeout)


class _Thread:
    """Lives in a thread's local storage; goes, and ends the thread's process, when the thread ends."""

    __slots__ = ("process",)

    def __init__(self, process: Process) -> None:
        self.process = process

    def __del__(self) -> None:
        self.process._leave("normal")


_local = threading.local()


def current_process() -> Process:
    """The process of the calling thread (`self()`)."""
    try:
        return _local.process  # type: ignore[no-any-return]
    except AttributeError:
        process = Process(threading.current_thread().name)
        _local.process = process
        _local.end = _Thread(process)
        return process


def spawn(function: Callable[..., object], *args: Any, name: str | None = None) -> Process:
    """Run `function(*args)` in a new process on a thread of its own (`spawn/3`) and return the process.

    An exception ends the process with that reason and is reported through `threading.excepthook`.
    """
    process = Process(name or getattr(function, "__name__", None))

    def main() -> None:
        _local.process = process
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
    process.thread.start()
    return process


def receive(predicate: Predicate | None = None, timeout: float | None = None) -> Any:
    """The next message of the calling process, or the first that satisfies `predicate` (the others stay, in order).

    `timeout` in seconds, None for ever; TimeoutError when it is over, and with 0 the messages and the data that
    are there are looked at once.  Erlang: `receive ... after Timeout -> ... end`.
    """
    return current_process().receive(predicate, timeout)


def monitor(process: Process) -> Ref:
    """Ask for `("DOWN", ref, "process", process, reason)` when the process ends (`erlang:monitor/2`).

    For a process that has ended already the message comes at once, with the reason "noproc".
    """
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
    with _state:
        process = _monitored.pop(ref, None)
        return process is not None and process._watchers.pop(ref, None) is not None
