"""What is measured, among whom, and what must be reached."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import erl
from .figures import median, paired
from .sides import SideFailed

Say = Callable[[str], None]
OFTEN, SELDOM = 1, 3
"""In every round; in every third one, for those who are there for orientation."""


@dataclass(frozen=True)
class Goal:
    """A bound of the ratio to another contestant in the same rounds, or (`base` None) of the value itself."""

    bound: float
    base: str | None = "raw"
    column: int = 0
    at_most: bool = False

    def met(self, value: float) -> bool:
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:,.4g}"


@dataclass(frozen=True)
class Contestant:
    """`name` as printed, `args` for the workload, `base` what its ratios are to.

    `needs` is what must be there: modules, or what to find in one, as `gentcp:Socket.recv_many`, or the program `erl`.
    """

    name: str
    args: tuple[Any, ...]
    goals: tuple[Goal, ...] = ()
    base: str = "raw"
    needs: tuple[str, ...] = ()
    every: int = OFTEN
    against: str | None = None
    """Who is the same as of another commit."""

    @property
    def is_gentcp(self) -> bool:
        return self.name.startswith("gentcp")

    def lacks(self) -> list[str]:
        return [what for what in self.needs if not there(what)]


@dataclass(frozen=True)
class Sample:
    """One measurement: a value for each column of the workload."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class Options:
    """What is asked for of all workloads."""

    rounds: int
    seconds: float
    quick: bool = False
    contestants: tuple[str, ...] = ()
    """Parts of names; empty for all."""
    against: str | None = None
    """The hash of the commit that gentcp is compared with."""


@dataclass
class Workload:
    """`measure(*contestant.args, options)` is one round of one contestant.

    The first column is the figure; the others are costs.
    """

    name: str
    title: str
    columns: Sequence[str]
    measure: Callable[..., Sample]
    contestants: Sequence[Contestant]
    digits: Sequence[int] = (0, 1, 1)
    less_is_better: bool = False
    share: float = 1.0
    """Of the rounds that are asked for."""
    impossible: Callable[[], str | None] = lambda: None
    """Why this machine cannot run it."""
    against: str | None = None
    """The name of the commit that gentcp is compared with."""
    samples: dict[str, dict[int, Sample]] = field(default_factory=dict[str, dict[int, Sample]])
    """By contestant and number of the round."""
    failures: dict[str, str] = field(default_factory=dict[str, str])
    rounds: int = 0
    """So many were begun."""

    def taking_part(self, wanted: Collection[str]) -> list[Contestant]:
        """Those that are here and asked for, and whom they are compared with."""
        present = [one for one in self.contestants if not one.lacks() and one.name not in self.failures]
        chosen = [one for one in present if not wanted or any(part in one.name for part in wanted)]
        bases = {base for one in chosen for base in (one.base, *(goal.base for goal in one.goals))}
        return [one for one in present if one in chosen or one.name in bases]

    def run(self, options: Options, say: Say) -> None:
        """Everybody once a round, each time starting with another one, so that a slow spell hits all of them."""
        for _ in range(max(1, round(options.rounds * self.share))):
            number, self.rounds = self.rounds, self.rounds + 1
            for one in _turned(self.taking_part(options.contestants), number):
                if number % one.every == 0:
                    say(f"{self.name}, round {number + 1}: {one.name}")
                    self._measure(one, number, options)

    def _measure(self, one: Contestant, number: int, options: Options) -> None:
        try:
            sample: Sample = self.measure(*one.args, options)
        except (SideFailed, OSError, ValueError) as error:
            self.failures[one.name] = f"{type(error).__name__}: {error}"
        else:
            self.samples.setdefault(one.name, {})[number] = sample

    # ---- what came out

    def values(self, name: str, column: int = 0) -> dict[int, float]:
        """By number of the round."""
        return {number: sample.values[column] for number, sample in self.samples.get(name, {}).items()}

    def ratios(self, name: str, base: str, column: int = 0) -> list[float]:
        return paired(self.values(name, column), self.values(base, column))

    def cpu_ratios(self, name: str, base: str) -> list[float]:
        """Processor time of the base over that of this one, all measured sides together; calmer than the figures."""
        totals = [
            {number: sum(sample.values[1:]) for number, sample in self.samples.get(one, {}).items()}
            for one in (base, name)
        ]
        return paired(*totals)

    def reached(self, one: Contestant, goal: Goal) -> float | None:
        """The median of what the goal is about; None where nothing was measured."""
        if goal.base is None:
            return median(self.values(one.name, goal.column).values())
        return median(self.ratios(one.name, goal.base, goal.column))

    def goals(self) -> Iterator[tuple[Contestant, Goal, float]]:
        """All goals of which something was measured, and what was reached."""
        for one in self.contestants:
            for goal in one.goals:
                if (value := self.reached(one, goal)) is not None:
                    yield one, goal, value

    def missed(self) -> list[str]:
        """Goals that were missed, and contestants with goals that failed."""
        late = [
            f"{self.name}: {one.name} {value:.3g}, not {self._subject(goal)}{goal}"
            for one, goal, value in self.goals()
            if not goal.met(value)
        ]
        broken = [one.name for one in self.contestants if one.goals and one.name in self.failures]
        return [*late, *(f"{self.name}: {name} failed" for name in broken)]

    def _subject(self, goal: Goal) -> str:
        """What it is about, where that is not the figure."""
        return f"{self.columns[goal.column]} " if goal.column else ""


@functools.cache
def there(what: str) -> bool:
    if what == "erl":
        return erl.command() is not None
    module, _, path = what.partition(":")
    if importlib.util.find_spec(module) is None:
        return False
    return not path or _found(importlib.import_module(module), path)


def _found(thing: object, path: str) -> bool:
    for name in path.split("."):
        thing = getattr(thing, name, None)
    return thing is not None


def _turned(contestants: list[Contestant], number: int) -> list[Contestant]:
    shift = number % len(contestants) if contestants else 0
    return contestants[shift:] + contestants[:shift]
