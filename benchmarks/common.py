"""Processes on chosen CPUs, interleaved rounds, and ratios paired by round."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

BACKENDS = ("inet", "socket")
PATIENCE = 60.0
"""Seconds after which a side that says nothing is taken for dead."""

_spawn = multiprocessing.get_context("spawn")  # a fresh interpreter: no module and no memory of ours in it


def cpus() -> tuple[int, int]:
    """The CPU of what is measured, and that of its load; the same one where there is no other."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], allowed[0]


class Side:
    """One end of a benchmark: `function(channel, *args)` in an interpreter of its own, held to one CPU."""

    def __init__(self, cpu: int, function: Callable[..., None], *args: Any) -> None:
        self._channel, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_main, args=(cpu, theirs, function, args), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._channel.close()
        self._process.join(PATIENCE if error == (None, None, None) else 0)
        self._process.kill()
        self._process.join()

    def tell(self, message: Any) -> None:
        self._channel.send(message)

    def ask(self) -> Any:
        """What the side says next.  EOFError when it has failed, TimeoutError when it says nothing."""
        if not self._channel.poll(PATIENCE):
            raise TimeoutError(f"no word from {self._process.name} in {PATIENCE:.0f} s")
        return self._channel.recv()


def _main(cpu: int, channel: Connection, function: Callable[..., None], args: tuple[Any, ...]) -> None:
    os.sched_setaffinity(0, {cpu})
    function(channel, *args)


def cpu_seconds() -> float:
    """Processor time of this process so far, in all threads, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Contestant:
    """`name` as printed; `args` for the workload; `target` a ratio to `base`, or a bound of the figure itself."""

    name: str
    args: tuple[Any, ...]
    base: str = "raw"
    target: float | None = None


@dataclass(frozen=True)
class Sample:
    """One measurement: the figure, and processor microseconds a message of the measured side."""

    figure: float
    cost: float = 0.0


@dataclass
class Workload:
    """What is measured, how, and among whom.  `measure(*contestant.args, seconds)` is one round of one contestant."""

    name: str
    title: str
    unit: str
    measure: Callable[..., Sample]
    contestants: Sequence[Contestant]
    bound: bool = False
    """The target is an upper bound of the figure, not a lower one of the ratio."""
    rounds: int = 0
    """At most so many; 0 for as many as the others."""
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def run(self, rounds: int, seconds: float, say: Callable[[str], None]) -> None:
        """Everybody once a round, each time starting with another one, so that a slow spell hits all of them."""
        rounds = min(rounds, self.rounds or rounds)
        for number in range(rounds):
            say(f"{self.name} {number + 1}/{rounds}")
            shift = number % len(self.contestants)
            for one in (*self.contestants[shift:], *self.contestants[:shift]):
                self.samples.setdefault(one.name, []).append(self.measure(*one.args, seconds))

    def ratios(self, one: Contestant) -> list[float]:
        """The figure over that of the base in the same round."""
        pairs = zip(self.samples[one.name], self.samples[one.base], strict=True)
        return [mine.figure / base.figure for mine, base in pairs]

    def met(self, one: Contestant) -> bool | None:
        """None where there is no target."""
        if one.target is None:
            return None
        if self.bound:
            return statistics.median(s.figure for s in self.samples[one.name]) <= one.target
        return statistics.median(self.ratios(one)) >= one.target

    def missed(self) -> list[str]:
        return [f"{self.name}: {one.name}" for one in self.contestants if self.met(one) is False]


HEADINGS = ("contestant", "figure", "ratio", "quartiles", "target", "", "noise", "CPU us/msg")


def table(workload: Workload) -> str:
    """Medians; ratio is that of the ratios by round, noise the quartile distance of the figure over its median."""
    rows = [HEADINGS, *(_row(workload, one) for one in workload.contestants)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"{workload.title} [{workload.unit}]", "-" * len(lines[0]), *lines])


def _row(workload: Workload, one: Contestant) -> tuple[str, ...]:
    samples = workload.samples[one.name]
    figures = [sample.figure for sample in samples]
    low, ratio, high = quartiles(workload.ratios(one))
    first, figure, last = quartiles(figures)
    cost = statistics.median(sample.cost for sample in samples)
    return (
        one.name,
        f"{figure:,.0f}",
        f"{ratio:.2f}",
        f"{low:.2f}-{high:.2f}",
        _target(workload, one),
        {None: "", True: "ok", False: "MISSED"}[workload.met(one)],
        f"{(last - first) / figure:.0%}" if figure else "",
        f"{cost:.1f}" if cost else "",
    )


def _target(workload: Workload, one: Contestant) -> str:
    if one.target is None:
        return ""
    return f"<= {one.target:,.0f}" if workload.bound else f">= {one.target:.2f}"


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median, third quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high
