"""Tasks, a virtual clock and what threads synchronise with; a seed decides who goes on.

A task is a greenlet that stands for a thread.  It gives way where real threads can change places: before it takes a
lock, after it lets one go, before a system call, where it waits.  Time passes when nobody can go on, and now and then
in between, as for a thread that the system has set aside.

There is one world at a time, `world()`; locks and threads belong to it.  Once it has ended nothing in it blocks, so
that what is left of its tasks can be cleared away.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

START = 1000.0
"""Seconds; when a world begins."""
_FULL = 1 << 40
_DEEP = 6
"""Functions that are shown of each task."""
_SET_ASIDE = 0.25
"""Seconds that pass at most while somebody could go on."""


class Task(greenlet):  # type: ignore[misc]  # without its stubs
    """A thread of the simulation."""

    name: str
    number: int
    waits: int
    """Which wait it is in, counted; odd while it waits."""
    timed_out: bool
    waits_for: Any
    """The lock, or the files, for people and for checks."""
    failure: BaseException | None

    def __init__(self, world: World, name: str, function: Callable[[], object]) -> None:
        super().__init__(self._main, world.hub)
        self.name = name
        self.number = world.born()
        self.waits = 0
        self.timed_out = False
        self.waits_for = None
        self.failure = None
        self._function = function

    def _main(self, *_: object) -> None:
        here = _state.world
        try:
            self._function()
        except GreenletExit:
            pass
        except BaseException as error:  # noqa: BLE001  the history reports it
            self.failure = error
            here.failures.append((self.name, error))
        here.tasks.pop(self, None)
        if not here.ended:
            following = here.next_task()  # one that has not begun is as false as one that is over
            self.parent = here.hub if following is None else following


class World:
    """Who runs, and what time it is."""

    def __init__(self, seed: int | str, *, pace: int = 4, haste: float = 0.0, most_steps: int = 200_000) -> None:
        """A task gives way every `pace` points or so; `haste` is how often time passes then."""
        self.random = Random(seed)
        self.now = START
        self.pace = pace
        self.haste = haste
        self.hub = getcurrent()
        self.ready: list[Task] = []
        self.tasks: dict[Task, None] = {}
        self.ended = False
        self.failures: list[tuple[str, BaseException]] = []
        self.stuck = False
        """It took far more steps than it should."""
        self.switches = 0
        self.trace: list[str] | None = None
        """What happened, for people, if somebody wants to know."""
        self.marks: list[int] = []
        self.left = 0
        """Points to pass before the next change."""
        self._events: list[tuple[float, int, Callable[[], object] | None, Task | None, int, bool]] = []
        self._idle = 0
        """How many waits have ended, one after the other, of those that begin again."""
        self._numbers = 0
        self._born = 0
        self._steps = 0
        self._most_steps = most_steps
        _state.world = self

    # ---- tasks

    def born(self) -> int:
        self._born += 1
        return self._born

    def start(self, name: str, function: Callable[[], object]) -> Task:
        """A new task, which can go on."""
        task = Task(self, name, function)
        self.tasks[task] = None
        self.ready.append(task)
        return task

    def run(self) -> None:
        """From the hub: let tasks run until nobody can go on, ever."""
        self.left = self._idle = 0
        task = self.next_task()
        if task is not None:
            task.switch()
        self.left = _FULL

    def end(self) -> None:
        """Clear away what is left."""
        self.ended = True
        self.left = _FULL
        for _ in range(100):
            for task in list(self.tasks):
                if task.dead or task.gr_frame is None:
                    self.tasks.pop(task, None)
                else:
                    task.throw(GreenletExit)
            if not self.tasks:
                break
        self.tasks.clear()
        self.ready.clear()
        self._events.clear()

    def point(self) -> None:
        """Here threads can change places."""
        self.left -= 1
        if self.left < 0:
            self.change()

    def change(self) -> None:
        """Another task may go on."""
        here: Any = getcurrent()
        if self.ended or here.__class__ is not Task:
            return
        random = self.random.random
        self.left = int(random() * 2 * self.pace)
        self._steps += 1
        if self._steps > self._most_steps:
            self._give_up()
        if self.haste and random() < self.haste and self._events and self._events[0][0] < self.now + _SET_ASIDE:
            self._pass_time()
        ready = self.ready
        if ready:
            ready.append(here)
            task = self._pick()
            if task is not here:
                task.switch()

    def _pick(self) -> Task:
        ready = self.ready
        index = int(self.random.random() * len(ready))
        task = ready[index]
        last = ready.pop()
        if index < len(ready):
            ready[index] = last
        self.switches += 1
        self.marks.append(task.number)
        if self.switches > self._most_steps:
            self._give_up()
        return task

    def _give_up(self) -> None:
        self.stuck = True
        self.hub.switch()

    def next_task(self) -> Task | None:
        """Who goes on; None when there will never be anybody."""
        while not self.ready:
            if not self._pass_time():
                return None
        return self._pick()

    def pass_on(self) -> None:
        """The current task cannot go on."""
        task = self.next_task()
        target = self.hub if task is None else task
        if target is not getcurrent():
            target.switch()

    # ---- waiting

    def block(self, until: float | None, waits_for: Any, *, again: bool = False) -> bool:
        """Wait for `wake`; False when `until` came first.  `again`: whoever waits will do so again, for ever."""
        task = getcurrent()
        if self.ended or not isinstance(task, Task):
            return False
        task.waits += 1
        task.timed_out = False
        task.waits_for = waits_for
        if until is not None:
            self._numbers += 1
            heapq.heappush(self._events, (until, self._numbers, None, task, task.waits, again))
        self.pass_on()
        task.waits_for = None
        return not task.timed_out

    def wake(self, task: Task) -> None:
        """It may go on, if it waits."""
        if task.waits & 1:
            task.waits += 1
            self.ready.append(task)

    def sleep(self, seconds: float) -> None:
        self.block(self.now + seconds, "time")

    # ---- time

    def at(self, when: float, action: Callable[[], object]) -> None:
        """Call it then, between two tasks."""
        self._numbers += 1
        heapq.heappush(self._events, (when, self._numbers, action, None, 0, False))

    def _pass_time(self) -> bool:
        """To the next thing that happens; False when nothing will."""
        events = self._events
        while events:
            if self._idle > 3 * len(self.tasks) and not self._expected():
                return False
            when, _, action, task, waits, again = heapq.heappop(events)
            if task is None:
                self._idle = 0
                self.now = max(self.now, when)
                assert action is not None
                action()
                return True
            if task.waits == waits:
                self._idle = self._idle + 1 if again else 0
                self.now = max(self.now, when)
                task.waits += 1
                task.timed_out = True
                self.ready.append(task)
                return True
        return False

    def _expected(self) -> bool:
        """Whether something else is to come than waits that begin again."""
        return any(task is None or (task.waits == waits and not again) for _, _, _, task, waits, again in self._events)

    def stacks(self) -> list[str]:
        """Where the tasks are that have not ended."""
        found = []
        for task in self.tasks:
            places: list[str] = []
            frame = task.gr_frame
            while frame is not None and len(places) < _DEEP:
                folder, _, name = frame.f_code.co_filename.rpartition("/")
                if not folder.endswith("/simulation"):
                    places.append(f"{name}:{frame.f_lineno} {frame.f_code.co_name}")
                frame = frame.f_back
            found.append(f"{task.name}: {' < '.join(places)}")
        return found

    # ---- what happened

    def note(self, *what: Any) -> None:
        """For people."""
        if self.trace is not None:
            task = getcurrent()
            who = task.name if isinstance(task, Task) else "-"
            self.trace.append(f"{self.now - START:10.4f} {who:12} {' '.join(str(each) for each in what)}")

    def digest(self) -> str:
        """Two runs that did the same have the same."""
        return f"{zlib.crc32(repr(self.marks).encode()):08x}"


class _State:
    world: World


_state = _State()


def world() -> World:
    """The one that there is."""
    return _state.world


def point() -> None:
    """Here threads can change places."""
    here = _state.world
    here.left -= 1
    if here.left < 0:
        here.change()


def monotonic() -> float:
    """`time.monotonic` of the simulation."""
    return _state.world.now


class Lock:
    """`threading.Lock`."""

    __slots__ = ("_waiters", "held")

    def __init__(self) -> None:
        self.held: Any = None
        """The greenlet that has it."""
        self._waiters: list[Task] | None = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        here = _state.world
        here.left -= 1  # as `point`, without the call
        if here.left < 0:
            here.change()
        if self.held is None:
            self.held = getcurrent()
            return True
        if not blocking:
            return False
        return self._wait(here, timeout)

    __enter__ = acquire

    def _wait(self, here: World, timeout: float) -> bool:
        until = None if timeout < 0 or timeout > 1e8 else here.now + timeout
        while self.held is not None and not here.ended:
            if until is not None and here.now >= until:
                return False
            if self._waiters is None:
                self._waiters = []
            task: Any = getcurrent()
            self._waiters.append(task)
            here.block(until, self)
            if self._waiters and task in self._waiters:
                self._waiters.remove(task)
        self.held = getcurrent()
        return True

    def release(self) -> None:
        here = _state.world
        if self.held is None and not here.ended:
            raise RuntimeError("release unlocked lock")
        self.held = None
        if self._waiters:
            here.wake(self._waiters.pop(int(here.random.random() * len(self._waiters))))
        here.left -= 1
        if here.left < 0:
            here.change()

    def locked(self) -> bool:
        return self.held is not None

    def __exit__(self, *_: object) -> None:
        here = _state.world
        self.held = None
        if self._waiters:
            here.wake(self._waiters.pop(int(here.random.random() * len(self._waiters))))
        here.left -= 1
        if here.left < 0:
            here.change()

    def _at_fork_reinit(self) -> None:
        self.held = None


class RLock(Lock):
    """`threading.RLock`."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self.held is getcurrent():
            self._count += 1
            return True
        taken = Lock.acquire(self, blocking, timeout)
        if taken:
            self._count = 1
        return taken

    __enter__ = acquire

    def release(self) -> None:
        here = _state.world
        if self.held is not getcurrent() and not here.ended:
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if self._count <= 0:
            Lock.release(self)

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_owned(self) -> bool:
        return self.held is getcurrent()


class Event:
    """`threading.Event`."""

    def __init__(self) -> None:
        self._set = False
        self._waiters: list[Any] = []

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        for task in self._waiters:
            _state.world.wake(task)
        self._waiters.clear()

    def wait(self, timeout: float | None = None) -> bool:
        here = _state.world
        until = None if timeout is None else here.now + timeout
        while not self._set and not here.ended and (until is None or here.now < until):
            self._waiters.append(getcurrent())
            here.block(until, self)
        return self._set


class Thread:
    """`threading.Thread`."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        self.name = name or "thread"
        self.daemon = daemon
        self.ident: int | None = None
        self._target, self._args, self._kwargs = target, args, kwargs or {}
        self._task: Task | None = None

    def start(self) -> None:
        assert self._target is not None
        target = self._target
        self._task = _state.world.start(self.name, lambda: target(*self._args, **self._kwargs))
        self.ident = self._task.number
        _state.world.point()

    def is_alive(self) -> bool:
        return self._task is not None and not self._task.dead


class Local:
    """`threading.local`: a task has its own."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        try:
            return getcurrent().__dict__[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        getcurrent().__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del getcurrent().__dict__[name]
        except KeyError:
            raise AttributeError(name) from None
