"""One background thread, started when first needed, for what must go on while nobody is calling.

It flushes send queues, and it serves the active sockets of owners that have been away from `receive` for a tick.
An owner that is in `receive` serves its sockets itself (see process.py), so on the hot path this thread sleeps.

Per owner the thread knows one of three things: *resting* (blocked in receive; `on_leave` will tell when it
goes), *watched* (looked at every tick) or *adopted* (away; its poller is in our poller, until `on_leave` tells that
it has been in receive).  While all who are watched keep coming back to receive, the ticks become fewer.

Its descriptors are opened before the first socket is.  Its thread may be refused by the system: then whoever needs it
later tries again, and finds what was left to do.
"""

from __future__ import annotations

import atexit
import logging
import math
import os
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep

from gentcp import mailbox
from gentcp._platform import LONGEST_POLL, WRITE, new_woken_poller, ready
from gentcp.process import Process

from .host import Flushable, Host
from .timers import Timer, Timers

_log = logging.getLogger("gentcp")

TICK = 0.01
"""Seconds; how long an owner may be away before its sockets are served for it."""
_SLOWEST = 4 * TICK
_IDLE_TICKS = 20
LAST_PATIENCE = 5.0
"""Seconds without progress after which nobody waits for a queue any more, at exit."""


class Driver(Host):
    """The host of threads; `driver()` is the one that there is."""

    started: bool = False
    """Its thread runs."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a finaliser may come back in the middle
        self._poller, self._waker = new_woken_poller()
        self._writers: dict[int, Flushable] = {}
        self._strays: set[int] = set()  # those of them that the poller does not know of
        self._stale = False  # it knows of something that it should not
        self._elsewhere: dict[int, Flushable] = {}  # flushed by somebody who waits for that
        self._soon: deque[Callable[[], None]] = deque()
        self._timers = Timers()
        self._watched: dict[Process, tuple[int, int]] = {}  # its turns when last seen, and how often it was seen so
        self._adopted: dict[int, Process] = {}
        self._resting: set[Process] = set()
        self._known: set[Process] = set()  # all of these
        self._ticking = False
        self._pace = TICK
        self._thread: threading.Thread | None = None
        self._starting = False

    # ---- called from any thread

    def ready(self) -> bool:
        """Whether the thread runs, or could be started."""
        return self._thread is not None or self._start()

    def remind(self) -> None:
        """If the thread was refused, try to start it for what it has to do."""
        if self._thread is None and (self._soon or self._writers or self._watched):
            self._start()

    def flush_later(self, fd: int, writer: Flushable) -> None:
        """Call `writer.on_writable` whenever `fd` takes data, until `stop_flushing`."""
        with self._lock:
            self._elsewhere.pop(fd, None)
            known = self._writers.get(fd)
            self._writers[fd] = writer
            if known is not writer:
                self._register(fd)
        self.ready()

    def flush_elsewhere(self, fd: int, writer: Flushable) -> None:
        """The caller flushes `writer` itself for a while; it only has to be done at exit."""
        with self._lock:
            self._elsewhere[fd] = writer
            if self._writers.pop(fd, None) is not None:
                self._unregister(fd)

    def stop_flushing(self, fd: int, writer: Flushable) -> None:
        """Undo both; nothing happens if there was neither."""
        if fd not in self._writers and fd not in self._elsewhere:
            return
        with self._lock:
            if self._elsewhere.get(fd) is writer:
                del self._elsewhere[fd]
            if self._writers.get(fd) is writer:
                del self._writers[fd]
                self._unregister(fd)

    def call_soon(self, function: Callable[[], None]) -> None:
        """Run `function` on the driver's thread, once there is one."""
        self._soon.append(function)
        self.ready()
        self._waker.wake()

    def call_at(self, at: float, function: Callable[[], None]) -> Timer:
        """Run `function` on the driver's thread, once there is one, unless `cancel` comes first."""
        timer = Timer(at, function)
        with self._lock:
            first = self._timers.add(timer)
        self.ready()
        if first:
            self._waker.wake()
        return timer

    def cancel(self, timer: Timer) -> None:
        """Undo `call_at`; nothing happens when it is too late."""
        with self._lock:
            self._timers.cancel(timer)

    def serve(self, process: Process) -> None:
        """`process` has active sockets: take care of them while it is away."""
        if process in self._known and self._thread is not None:
            return
        with self._lock:
            self._known.add(process)
            self._watched[process] = (-1, 0)
        process.on_end = self._gone
        self.ready()
        self._tick_again()

    def _gone(self, process: Process) -> None:
        """Its poller is closed, which took it out of ours."""
        with self._lock:
            for fd in [fd for fd, adopted in self._adopted.items() if adopted is process]:
                del self._adopted[fd]
        self._forget(process)

    def _left(self, process: Process) -> None:
        process.on_leave = None
        with self._lock:
            self._resting.discard(process)
            self._watched[process] = (process.turns, 0)
        self._tick_again()

    def _tick_again(self) -> None:
        if not self._ticking or self._pace > TICK:
            self._ticking, self._pace = True, TICK
            self._waker.wake()

    def _start(self) -> bool:
        with self._lock:
            if self._thread is None and not self._starting:
                self._starting = True  # a signal handler may come in the middle
                thread = threading.Thread(target=self._run, name="gentcp-driver", daemon=True)
                try:
                    thread.start()
                except (RuntimeError, MemoryError) as error:
                    return "shutdown" in str(error)  # too late for threads, from Python 3.12 on: `drain` does the work
                finally:
                    self._starting = False
                self._thread = thread
                Driver.started = True
        return True

    # ---- the poller; with the lock held

    def _register(self, fd: int) -> None:
        try:
            self._poller.register(fd, WRITE)
        except FileExistsError:
            pass  # of a socket that was closed behind our back, and had this number
        except OSError:
            self._strays.add(fd)
            self._waker.wake()

    def _unregister(self, fd: int) -> None:
        try:
            self._poller.unregister(fd)
        except OSError:
            self._stale = self._stale or fd not in self._strays
            self._waker.wake()
        self._strays.discard(fd)

    def renew(self) -> None:
        """A descriptor was closed behind our back, and the poller may go on polling what was behind it."""
        self._stale = True
        self._waker.wake()

    def _repair(self) -> None:
        """Have everything polled that is to be, and nothing else.  On the thread."""
        with self._lock:
            if self._stale:
                self._replace_poller()
            for fd in tuple(self._strays):
                self._strays.discard(fd)
                if fd in self._writers:
                    self._register(fd)

    def _replace_poller(self) -> None:
        waker = self._waker
        try:
            made, self._waker = new_woken_poller()
        except (OSError, MemoryError):
            return
        waker.wake()
        self._poller.close()
        waker.close()
        self._poller, self._stale = made, False
        self._strays.update(self._writers)
        adopted, self._adopted = self._adopted, {}
        for process in adopted.values():
            process.on_leave = None
            self._watched[process] = (process.turns, 0)
        self._ticking = True

    # ---- the thread

    def _run(self) -> None:
        due = math.inf
        while True:
            self._turn(self._patience(due))
            while self._soon:
                self._guarded(self._soon.popleft())
            self._expire()
            due = self._tick_when(due)

    def _turn(self, timeout: float) -> None:
        if self._stale or self._strays:
            self._guarded(self._repair)
            timeout = self._poor_patience(timeout)
        try:
            ready = self._poller.poll(timeout, 64)
        except (OSError, MemoryError):
            sleep(TICK)
            return
        for fd, _events in ready:
            self._guarded(partial(self._dispatch, fd))

    def _poor_patience(self, timeout: float) -> float:
        """The same for a poller that does not do: what it does not know of is looked at, and tried again in a tick."""
        for fd in tuple(self._strays):
            if ready(fd, WRITE):
                self._guarded(partial(self._dispatch, fd))
        if self._stale:
            sleep(TICK)
        return TICK if timeout < 0 else min(timeout, TICK)

    def _tick_when(self, due: float) -> float:
        """Tick if it is time to; when the next one is due."""
        if not self._ticking:
            return math.inf
        now = monotonic()
        if now < due:
            return min(due, now + self._pace)
        self._guarded(self._tick)
        return monotonic() + self._pace

    def _patience(self, tick: float) -> float:
        """Seconds until something is due, -1 for ever; `tick` is when the next tick would be."""
        with self._lock:
            at = self._timers.next_at()
        if self._ticking:
            at = tick if at is None else min(at, tick)
        return -1.0 if at is None else min(max(0.0, at - monotonic()), LONGEST_POLL)

    def _expire(self) -> None:
        """What has run is not kept here: a frame that stays would have it until the next timer."""
        with self._lock:
            actions = self._timers.due(monotonic())
        for action in actions:
            self._guarded(action)

    @staticmethod
    def _guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - whatever a backend does, other sockets must go on
            _log.exception("the driver thread goes on after an error in a backend")

    def _dispatch(self, fd: int) -> None:
        if fd == self._waker.fd:
            self._waker.drain()
        elif (writer := self._writers.get(fd)) is not None:
            writer.on_writable()
        elif (process := self._adopted.get(fd)) is not None:
            self._serve(fd, process)

    def _serve(self, fd: int, process: Process) -> None:
        if process.alive and process.turn.acquire(blocking=False):
            try:
                if process.alive:
                    self._pump(process)
                kept = process.poller_fd() == fd
            finally:
                process.turn.release()
            if kept:
                return
        self._back(fd, process)

    @staticmethod
    def _pump(process: Process) -> None:
        process.pump(0.0)
        if len(process._inbox) >= mailbox.HIGH_WATER or process._crowded:
            process.check_size()

    def _back(self, fd: int, process: Process) -> None:
        process.on_leave = None
        self._release(fd, process)

    def _release(self, fd: int, process: Process) -> None:
        """The owner is back, or has ended."""
        with self._lock:
            if self._adopted.get(fd) is process:
                del self._adopted[fd]
                try:
                    self._poller.unregister(fd)
                except OSError:
                    pass  # its poller is closed
            if process.alive:
                self._watched[process] = (process.turns, 0)
        if not process.alive:
            self._forget(process)
        self._tick_again()

    def _forget(self, process: Process) -> None:
        with self._lock:
            self._watched.pop(process, None)
            self._resting.discard(process)
            self._known.discard(process)

    def _tick(self) -> None:
        still = False
        for process, (turns, seen) in list(self._watched.items()):
            if not process.alive:
                self._forget(process)
            elif process.turns != turns:
                self._watched[process] = (process.turns, 0)
            else:
                still = True
                if not process.turn.locked():
                    self._adopt(process)
                elif seen < _IDLE_TICKS:
                    self._watched[process] = (turns, seen + 1)
                else:
                    self._rest(process)
        self._pace = TICK if still else min(2 * self._pace, _SLOWEST)
        with self._lock:
            self._ticking = bool(self._watched)

    def _adopt(self, process: Process) -> None:
        if not process.turn.acquire(blocking=False):
            return
        try:  # while we hold the turn its poller cannot be closed
            fd = process.poller_fd() if process.alive else -1
            if fd >= 0:
                self._take_in(fd, process)
            elif not process.polled_poorly:
                return  # it has ended, or is on a system whose pollers cannot be polled
            self._pump(process)  # for an owner that is back at once, and busy with other messages
        finally:
            process.turn.release()

    def _take_in(self, fd: int, process: Process) -> None:
        with self._lock:
            try:
                self._poller.register(fd, 1)
            except OSError:
                return  # no memory for that: it is looked after at each tick
            self._watched.pop(process, None)
            self._adopted[fd] = process
        process.on_leave = partial(self._back, fd)

    def _rest(self, process: Process) -> None:
        """It is blocked in receive: no need to look, until it leaves that."""
        with self._lock:
            self._watched.pop(process, None)
            self._resting.add(process)
        process.on_leave = self._left
        if not process.turn.locked():
            self._left(process)

    def drain(self, patience: float = LAST_PATIENCE) -> None:
        """At exit: go on flushing as long as queues shrink, up to `patience` seconds without progress."""
        before, deadline = -1, monotonic() + patience
        while (left := self._pending()) and monotonic() < deadline:
            if left != before:
                before, deadline = left, monotonic() + patience
            if self._thread is None:
                self._turn(TICK)
            else:
                threading.Event().wait(TICK)

    def _pending(self) -> int:
        with self._lock:  # one that changes from the one to the other is to be seen
            writers = (*self._writers.values(), *self._elsewhere.values())
        return sum(writer.pending() for writer in writers)

    def close(self) -> None:
        """Give the descriptors up; only for a driver without a thread."""
        self._poller.close()
        self._waker.close()


_driver: Driver | None = None
_making = threading.RLock()  # as `Driver._lock`


def driver() -> Driver:
    """The driver of this operating system process."""
    found = _driver
    return _first(Driver()) if found is None else found


def host_of(process: Process) -> Host:
    """That of its event loop, while it has one that runs; or the driver."""
    host: Host | None = process.host
    return driver() if host is None or host.ended else host


def _first(made: Driver) -> Driver:
    """`made`, or the one that another thread was quicker to make."""
    global _driver
    with _making:
        found = _driver
        if found is None:
            _driver = made
            return made
    made.close()
    return found


@atexit.register
def _drain() -> None:
    """Handlers that were registered before gentcp was imported run after this, and may send."""
    Driver.leaving = True
    if _driver is not None:
        _driver.drain()


def _after_fork() -> None:
    """The thread did not survive the fork, and the poller is shared with the parent."""
    global _driver, _making
    _making = threading.RLock()
    inherited, _driver = _driver, None
    Driver.started = False
    if inherited is not None:
        inherited.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
