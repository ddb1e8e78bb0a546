"""All points of a scenario, one run for each failure of each."""

from __future__ import annotations

import signal
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gentcp.erl import gen_tcp

from ..support import left_behind, seams, settle
from .injector import Injector, Point, watching
from .run import Over, Run, Violation, limited
from .scenarios import PORTS, SCENARIOS, Scenario
from .table import FAILURES, Failure

BACKENDS = ("inet", "socket", "aio_inet", "aio_socket")
_PATIENCE = 10.0


@dataclass
class Found:
    """What a sweep has come to."""

    points: int = 0
    runs: int = 0
    fired: int = 0
    violations: list[str] = None  # type: ignore[assignment]


def sweep(name: str, backend: str) -> Found:
    """Let each call of a scenario fail in each way that it may."""
    warm_up(backend)
    scenario = SCENARIOS[name]
    found = Found(violations=[])
    points = recorded(scenario, backend)
    found.points = len(points)
    for point in points:
        for failure in FAILURES[point.call]:
            injector = Injector(point, failure)
            error = attempt(scenario, backend, injector)
            found.runs += 1
            found.fired += injector.fired
            if error is not None:
                found.violations.append(f"{name}, {backend}: {point}: {failure.name}: {error}")
    return found


def warm_up(backend: str) -> None:
    """The adapter's loop is started once, and lasts."""
    if backend.startswith("aio_"):
        gen_tcp.close(gen_tcp.listen(0, [("inet_backend", backend)])[1])


def recorded(scenario: Scenario, backend: str) -> list[Point]:
    """The points of a run in which nothing fails."""
    injector = Injector()
    error = attempt(scenario, backend, injector)
    if error is not None:
        raise error
    return [point for point in injector.points if point.number <= _most(point)]


def _most(point: Point) -> int:
    """Ticks go on as long as a run takes: the first ones are enough."""
    return 6 if point.thread == "gentcp-driver" and point.call.endswith("poll") else sys.maxsize


def attempt(scenario: Scenario, backend: str, injector: Injector) -> BaseException | None:
    """One run; what is wrong, if something is."""
    before = left_behind()
    run = Run(backend, injector)
    try:
        with fresh_driver(), watching(injector):
            limited(lambda: _body(scenario, run))
        settle(before, _PATIENCE)
    except BaseException as error:  # noqa: BLE001  it is what was found
        return error
    return None


def _body(scenario: Scenario, run: Run) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            scenario(run)
        except Over:
            pass
        run.finish()


@contextmanager
def fresh_driver() -> Generator[None]:
    """What is opened at a first use, is opened again."""
    module, name = seams.seam("driver")
    before = getattr(module, name)
    setattr(module, name, None)
    try:
        yield
    finally:
        made = getattr(module, name)
        setattr(module, name, before)
        if made is not None:
            _retire(made)


def _retire(driver: object) -> None:
    thread: threading.Thread | None = driver._thread  # type: ignore[attr-defined]
    if thread is not None:
        driver.call_soon(sys.exit)  # type: ignore[attr-defined]
        thread.join(_PATIENCE)
        if thread.is_alive():
            raise Violation("the driver's thread hangs")
    driver.close()  # type: ignore[attr-defined]
