"""Many histories, in several processes if need be."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from .history import draw
from .run import simulation


@dataclass
class Tally:
    """What some of the histories came to."""

    histories: int = 0
    switches: int = 0
    failed: list[tuple[int, str, str]] = field(default_factory=list)
    """Seed, backend, and the first violation."""


def seeds(first: int, count: int | None) -> Iterator[int]:
    """Of as many histories, or without end."""
    index = 0
    while count is None or index < count:
        yield first + index
        index += 1


def some(first: int, count: int | None, seconds: float | None, backends: tuple[str, ...], job: int, jobs: int) -> Tally:
    """Every `jobs`-th of the histories, from the `job`-th on."""
    tally = Tally()
    until = None if seconds is None else time.monotonic() + seconds
    with simulation() as simulated:
        for index, seed in enumerate(seeds(first, count)):
            if index % jobs != job:
                continue
            if until is not None and index % 16 < jobs and time.monotonic() > until:
                break
            backend = backends[index // jobs % len(backends)]
            outcome = simulated.run(draw(seed, backend))
            tally.histories += 1
            tally.switches += outcome.switches
            if outcome.violations:
                tally.failed.append((seed, backend, outcome.violations[0]))
    return tally


def shared(first: int, count: int | None, seconds: float | None, backends: tuple[str, ...], jobs: int) -> list[Tally]:
    if jobs == 1:
        return [some(first, count, seconds, backends, 0, 1)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        found = [pool.submit(some, first, count, seconds, backends, job, jobs) for job in range(jobs)]
        return [each.result() for each in found]
