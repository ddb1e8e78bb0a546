"""A soak in this process: a round to warm up, so that what is made once is there, and the one that counts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from time import monotonic
from typing import NamedTuple

from gentcp.engine.inspection import settled

from . import measures
from .measures import Sample
from .rounds import Round

EVENTS = ("closes", "half closes", "resets", "kills", "hand-overs", "slow", "timeouts", "recovered", "messages")
_BETWEEN_REPORTS = 10.0
_BETWEEN_KILLS = 3.0
"""Seconds, or a quarter of a short round."""
_WARM_UP = 5.0
_MORE = 60.0
"""Seconds in which each of EVENTS has happened, if that is wanted."""


class Wanted(NamedTuple):
    """What to do."""

    connections: int
    seconds: float
    owners: int
    backends: list[str]
    seed: int
    all_events: bool
    """Go on until each of EVENTS has happened."""


class Progress(NamedTuple):
    """How it stands."""

    seconds: float
    alive: int
    counts: Counter[str]
    now: Sample


class Outcome(NamedTuple):
    """What it has come to."""

    counts: Counter[str]
    before: Sample
    peak: Sample
    after: Sample
    faults: list[str]


Report = Sample | Progress | Outcome


def soak(wanted: Wanted) -> Iterator[Report]:
    """What is used before, the progress every ten seconds, and the outcome."""
    settled(measures.PATIENCE)  # the driver's thread is there
    fresh = measures.sample()._replace(blocks=sys.maxsize, heap=sys.maxsize)  # they grow with what is made once
    warm_up = Soaked(wanted._replace(seconds=min(_WARM_UP, wanted.seconds), seed=wanted.seed + 1, all_events=False))
    for _ in warm_up.run():
        pass
    before = warm_up.sample_after(fresh)
    if faults := warm_up.faults or [*measures.left(fresh, before)]:
        yield Outcome(warm_up.counts, before, warm_up.peak, before, faults)
        return
    yield before
    done = Soaked(wanted)
    yield from done.run()
    after = done.sample_after(before)
    faults = done.faults or [*measures.faults(before, done.peak, after, wanted.connections, wanted.owners)]
    yield Outcome(done.counts, before, done.peak, after, faults)


class Soaked:
    """A round, and what is left when it is over."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.peak = measures.sample()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self) -> Iterator[Progress]:
        """From the first connection to the last."""
        wanted = self.wanted
        round_ = Round(wanted.connections, wanted.owners, wanted.backends, wanted.seed)
        between = min(_BETWEEN_KILLS, wanted.seconds / 4)
        start = reported = monotonic()
        while not round_.faults and self._goes_on(monotonic() - start):
            round_.work(between)
            now, self.counts = measures.sample(), round_.counts()
            self.peak = measures.highest(self.peak, now)
            if round_.alive == wanted.connections:
                round_.replace_one()
            if monotonic() - reported >= _BETWEEN_REPORTS:
                reported += _BETWEEN_REPORTS
                yield Progress(monotonic() - start, round_.alive, self.counts, now)
        if not round_.faults and (missing := self._missing()):
            round_.fail(f"there were no {', no '.join(missing)}")
        round_.finish()
        round_.end()
        self.counts, self.faults = round_.counts(), round_.faults

    def sample_after(self, before: Sample) -> Sample:
        """What is used when all is given back.  A round that was broken off leaves something behind."""
        return measures.sample() if self.faults else measures.settled(before)

    def _goes_on(self, seconds: float) -> bool:
        return seconds < self.wanted.seconds + (_MORE if self._missing() else 0.0)

    def _missing(self) -> list[str]:
        return [event for event in EVENTS if self.wanted.all_events and not self.counts[event]]
