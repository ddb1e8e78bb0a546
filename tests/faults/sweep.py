"""All points of a scenario, one run for each failure of each."""

from __future__ import annotations

import asyncio
import sys
import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gentcp.engine import Driver
from gentcp.erl import gen_tcp

from ..support import left_behind, seams, settle
from .faces import TASKS, THREADS, Calls, Tasks, whole
from .injector import Injector, Point, watching
from .run import Over, Run, Violation, limited
from .scenarios import PORTS, SCENARIOS, Scenario
from .signals import open_to, storm
from .table import FAILURES

_PATIENCE = 10.0
_TICKS = 6
"""The driver looks around as long as a run takes; its first looks are enough."""


@dataclass(frozen=True)
class Job:
    """A scenario on a backend."""

    name: str
    backend: str
    body: Callable[[Injector], None]

    def __str__(self) -> str:
        return f"{self.name}, {self.backend}"


@dataclass
class Found:
    """What a sweep has come to."""

    points: int = 0
    runs: int = 0
    fired: int = 0
    violations: list[str] = field(default_factory=list)


def jobs(words: tuple[str, ...] = ()) -> list[Job]:
    """All of them whose names have one of the words in them."""
    made = [
        Job(name, backend, partial(_on_threads, scenario, backend))
        for name, scenario in SCENARIOS.items()
        for backend in ("inet", "socket", "aio_inet", "aio_socket")
        if name not in PORTS or backend.endswith("inet")
    ]
    for backend in ("inet", "socket"):
        made += [Job(name, backend, partial(_on_threads, scenario, backend)) for name, scenario in THREADS.items()]
        made += [Job(name, backend, partial(_in_tasks, scenario, backend)) for name, scenario in TASKS.items()]
    return [job for job in made if not words or any(word in str(job) for word in words)]


def _on_threads(scenario: Scenario, backend: str, injector: Injector) -> None:
    run = Run(backend, injector)
    try:
        scenario(run)
    except Over:
        pass
    run.finish()


def _in_tasks(scenario: Calls, backend: str, injector: Injector) -> None:
    run = Tasks(backend, injector)
    asyncio.run(whole(scenario, run))
    run.finish()


# ---- sweeps


def sweep(job: Job) -> Found:
    """Let each call of a scenario fail in each way that it may, and have signals interrupt them all."""
    found, injector = Found(), Injector()
    _warm_up(job.backend)
    _note(found, f"{job}: nothing fails", job, injector)
    points = [point for point in injector.points if not _is_idle(point)]
    found.points = len(points)
    for point in points if not found.violations else ():
        for failure in FAILURES[point.call]:
            injector = Injector(point, failure)
            _note(found, f"{job}: {point}: {failure.name}", job, injector)
            found.fired += injector.fired
    _note(found, f"{job}: EINTR", job, Injector(), interrupted=True)
    return found


def _warm_up(backend: str) -> None:
    """The loop of the adapter is started once, and lasts."""
    if backend.startswith("aio_"):
        gen_tcp.close(gen_tcp.listen(0, [("inet_backend", backend)])[1])


def _is_idle(point: Point) -> bool:
    return point.thread == "gentcp-driver" and point.call.endswith("poll") and point.number > _TICKS


def _note(found: Found, what: str, job: Job, injector: Injector, *, interrupted: bool = False) -> None:
    found.runs += 1
    try:
        attempt(job, injector, interrupted=interrupted)
    except Exception as error:  # noqa: BLE001  it is what was found
        found.violations.append(f"{what}: {type(error).__name__}: {error}")


def attempt(job: Job, injector: Injector, *, interrupted: bool = False) -> None:
    """One run; Violation, or what a call raised that nobody promised."""
    before = left_behind()
    body = partial(_quietly, job, injector)
    with storm() if interrupted else nullcontext(), fresh_driver(), watching(injector):
        limited(open_to(body) if interrupted else body)
    settle(before, _PATIENCE)


def _quietly(job: Job, injector: Injector) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of sockets that are dropped
        job.body(injector)


# ---- first uses


@contextmanager
def fresh_driver() -> Generator[None]:
    """What is opened at a first use is opened again."""
    module, name = seams.seam("driver")
    before = getattr(module, name)
    setattr(module, name, None)
    started, Driver.started = Driver.started, False
    try:
        yield
    finally:
        made = getattr(module, name)
        setattr(module, name, before)
        Driver.started = started
        if made is not None:
            _retire(made)


def _retire(driver: Any) -> None:
    thread: threading.Thread | None = driver._thread
    if thread is not None:
        driver.call_soon(sys.exit)
        thread.join(_PATIENCE)
        if thread.is_alive():
            raise Violation("the driver's thread hangs")
    if not driver._lock.acquire(timeout=_PATIENCE):
        raise Violation("the driver's lock is held")
    driver._lock.release()
    driver.close()
