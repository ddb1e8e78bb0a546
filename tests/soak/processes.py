"""A soak in several processes of the system: each has its share of the connections, both ends of them."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

from . import measures
from .measures import Sample
from .soaking import Outcome, Progress, Report, Wanted, soak

_Kind = TypeVar("_Kind", Sample, Progress, Outcome)
_NOTHING = Sample(0, 0, 0, 0, 0)


def shares(wanted: Wanted, processes: int) -> list[Wanted]:
    """For each process, with other seeds: each takes one for its round and one to warm up."""
    least, more = divmod(wanted.connections, processes)
    return [
        wanted._replace(connections=least + (number < more), seed=wanted.seed + 2 * number)
        for number in range(processes)
    ]


class _Child:
    """A process with its share."""

    def __init__(self, number: int, share: Wanted) -> None:
        context = multiprocessing.get_context("spawn")
        self._number = number
        self._reports, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_soak, args=(share, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def report(self, before: Report | None) -> Report:
        """The next one, which an outcome does not have."""
        if isinstance(before, Outcome):
            return before
        try:
            report: Report = self._reports.recv()
        except EOFError:
            self._process.join()
            ended = f"it has ended with {self._process.exitcode}"
            report = Outcome(Counter(), _NOTHING, _NOTHING, _NOTHING, [ended])
        if isinstance(report, Outcome):
            return report._replace(faults=[f"process {self._number}: {fault}" for fault in report.faults])
        return report

    def end(self) -> None:
        """If it still runs, that is because of what another one has found."""
        self._process.terminate()
        self._process.join()
        self._reports.close()


def _soak(share: Wanted, reports: Connection) -> None:
    measures.raise_limit()
    for report in soak(share):
        reports.send(report)


def soak_in(processes: int, wanted: Wanted) -> Iterator[Report]:
    """As `soak`, with the sums of all."""
    children = [_Child(number, share) for number, share in enumerate(shares(wanted, processes), 1)]
    reports: list[Report | None] = [None] * processes
    try:
        while True:
            reports = [child.report(report) for child, report in zip(children, reports, strict=True)]
            outcomes = [report for report in reports if isinstance(report, Outcome)]
            if len(outcomes) == processes or any(outcome.faults for outcome in outcomes):
                yield _outcome(outcomes)
                return
            if samples := _all(Sample, reports):
                yield _sum(samples)
            elif progress := _all(Progress, reports):
                yield _progress(progress)
    finally:
        for child in children:
            child.end()


def _all(kind: type[_Kind], reports: Sequence[Report | None]) -> list[_Kind]:
    """The reports if all are of this kind; else none."""
    found = [report for report in reports if isinstance(report, kind)]
    return found if len(found) == len(reports) else []


def _sum(samples: Sequence[Sample]) -> Sample:
    return Sample(*map(sum, zip(*samples, strict=True)))


def _progress(found: Sequence[Progress]) -> Progress:
    counts = sum((one.counts for one in found), Counter[str]())
    now = _sum([one.now for one in found])
    return Progress(max(one.seconds for one in found), sum(one.alive for one in found), counts, now)


def _outcome(found: Sequence[Outcome]) -> Outcome:
    counts = sum((one.counts for one in found), Counter[str]())
    before, peak, after = (_sum(samples) for samples in zip(*(one[1:4] for one in found), strict=True))
    return Outcome(counts, before, peak, after, [fault for one in found for fault in one.faults])
