"""Running a history, and what is wrong with it."""

from __future__ import annotations

import errno
import gc
import logging
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from . import checks
from .actors import Complaints, Run, mend, new_link
from .history import BACKENDS, History, draw
from .sockets import Socket
from .world import Places, new_world, simulated

_COLLECT = 50
"""Histories between two searches for garbage, which take the longer the more there is."""


@dataclass(frozen=True)
class Outcome:
    """What came of a history."""

    history: History
    violations: tuple[str, ...]
    digest: str
    log: tuple[str, ...]
    switches: int


class Simulation:
    """Runs histories one after the other."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._complaints = Complaints()
        self._count = 0

    def run(self, history: History, *, log: bool = False) -> Outcome:
        """Carry it out, and look."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # of what is cleared away
            outcome = self._run(history, log=log)
            self._count += 1
            if outcome.violations or self._count % _COLLECT == 0:
                gc.collect()
            return outcome

    def _run(self, history: History, *, log: bool) -> Outcome:
        setting = history.setting
        world, kernel = new_world(
            self._places, setting.schedule, pace=setting.pace, haste=setting.haste, fine=setting.fine
        )
        kernel.send_room, kernel.receive_room = setting.send_room, setting.receive_room
        kernel.overshoot = setting.overshoot
        kernel.new_link = lambda: new_link(history, world)
        run = Run(history, world, kernel)
        run.dropped = self._places.dropped
        self._complaints.found.clear()
        found: list[str] = []
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always", ResourceWarning)
                self._stages(run, found)
            found += [f"warned: {warning.message}" for warning in warned]
        finally:
            stacks = world.stacks() if found else []
            world.end()
        found += [f"{name} raised {error!r}" for name, error in world.failures]
        found += [f"logged: {text}" for text in self._complaints.found]
        lines = (*_log_of(run), *stacks) if log or found else ()
        run.forget()
        return Outcome(history, tuple(found), world.digest(), lines, world.switches)

    def _stages(self, run: Run, found: list[str]) -> None:
        world = run.world
        for stage in _STAGES:
            world.start("stage", partial(stage, run))
            world.run()
            if world.stuck:
                found.append("it goes on for ever")
            if found or world.failures:
                return
            if stage in (_begin, _drain):
                found += checks.at_rest(run)
            if stage is _drain:
                found += checks.accounted(run)
                found += checks.posted(run)
            if found:
                return
        for check in _CHECKS:
            found += check(run)
        found += checks.nothing_left(run, self._places)

    @contextmanager
    def listening(self) -> Generator[None]:
        """To what the engine complains of."""
        logger = logging.getLogger("gentcp")
        propagates, level = logger.propagate, logger.level
        logger.propagate = False
        logger.setLevel(logging.ERROR)
        logger.addHandler(self._complaints)
        enabled = gc.isenabled()
        gc.freeze()
        gc.disable()  # when it comes is not for a seed to decide
        try:
            yield
        finally:
            gc.unfreeze()
            if enabled:
                gc.enable()
            logger.removeHandler(self._complaints)
            logger.propagate = propagates
            logger.setLevel(level)


@contextmanager
def simulation() -> Generator[Simulation]:
    """As long as it lasts gentcp has no real threads, sockets and clocks."""
    gc.collect()  # what is left of others has real ones
    with simulated() as places:
        found = Simulation(places)
        with found.listening():
            for backend in BACKENDS:
                found.run(draw(0, backend))  # makes what is made once in a program
            yield found


def _begin(run: Run) -> None:
    run.begin()


def _drain(run: Run) -> None:
    """The network is well again, and plain peers read to the end."""
    for at in sorted(run.lost):
        mend(run, at)
    for (side, at), end in run.ends.items():
        if isinstance(end.sock, Socket) and end.sock.fileno() >= 0:
            run.world.start(f"drain-{side}{at}", partial(_to_the_end, end.sock))


def _to_the_end(sock: Socket) -> None:
    sock.setblocking(True)
    try:
        while sock.recv(65536):
            pass
    except OSError:
        pass
    sock.close()


def _kill(run: Run) -> None:
    """Everybody ends, and nobody listens any more."""
    for process in run.processes.values():
        process.kill()
    for listener in run.listeners:
        if isinstance(listener, Socket):
            listener.close()


def _cut(run: Run) -> None:
    """What two who do not read keep for each other is never written: the network ends that."""
    for pair in run.kernel.connections:
        for stream in pair:
            stream.reset(errno.ETIMEDOUT)


_STAGES: tuple[Callable[[Run], None], ...] = (_begin, _drain, _kill, _cut)
_CHECKS: tuple[Callable[[Run], Iterator[str]], ...] = (
    checks.streams, checks.only_when_told, checks.told, checks.in_time,
)  # fmt: skip


def _log_of(run: Run) -> tuple[str, ...]:
    calls = [str(call) for call in sorted(run.calls, key=lambda call: call.began)]
    return (*calls, *(run.world.trace or ()))
