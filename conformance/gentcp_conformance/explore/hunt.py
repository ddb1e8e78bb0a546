"""The hunt: programs run on both sides; what differs is run again alone, made small, and told from what is known."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from . import known
from .finding import Finding, Log
from .outcomes import abstract
from .shrinking import shrink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .known import Known
    from .program import Program
    from .side import Outcome, Runs

AGAIN = 3
"""How often what differs is run again on each side, alone."""

_PATIENT = 1.5
_MOST_PATIENCE = 4.0
_BATCH = 200
_MOST_FORMS = 2
_SHRUNK_OF_A_KIND = 3


class Progress(Protocol):
    """What is told of a hunt."""

    def at(self, doing: str, counted: Counted) -> None:
        """What is being done, and the counts so far."""
        ...


@dataclass
class Counted:
    """What came of the programs.  `running` are the seconds in which they ran side by side, of `seconds` in all."""

    programs: int = 0
    same: int = 0
    different: int = 0
    unstable: int = 0
    lacking: int = 0
    lost: int = 0
    known: Counter[Known] = field(default_factory=Counter)
    seconds: float = 0.0
    running: float = 0.0


@dataclass(frozen=True)
class Planned:
    """A program to be run, with its name."""

    name: str
    program: Program


class Hunt:
    """Looks for differences between two sides.  `pair` are their backends, with the releases of their VMs."""

    def __init__(
        self, left: Runs, right: Runs, pair: tuple[str, str], entries: Sequence[Known], progress: Progress, window: int
    ) -> None:
        self._left, self._right, self._pair, self._entries = left, right, pair, entries
        self._progress, self._window = progress, window
        self._shrunk: dict[tuple[str, str], list[Finding]] = {}
        self.counted = Counted()
        self.findings: list[Finding] = []

    def run(
        self,
        planned: Iterable[Planned],
        seconds: float = float("inf"),
        noticed: Callable[[], object] = lambda: None,
    ) -> list[Finding]:
        """What is new among the differences, made small; calls `noticed` after each that is looked into.

        Begins no further program after so many seconds.
        """
        began, left = time.monotonic(), iter(planned)
        more = True
        while more:
            started = time.monotonic()
            suspects, more = self._batch(left, began + seconds)
            self.counted.running += time.monotonic() - started
            for number, suspect in enumerate(suspects, 1):
                self._progress.at(f"{suspect.name}, {number} of {len(suspects)} that differ", self.counted)
                self._look_into(suspect)
                self.counted.seconds = time.monotonic() - began
                noticed()
            self.counted.seconds = time.monotonic() - began
        return self.findings

    # programs, many at a time

    def _batch(self, planned: Iterator[Planned], deadline: float) -> tuple[list[Planned], bool]:
        """Those of the next programs that differ, and whether there are more of them."""
        running: dict[Future[Outcome], tuple[Planned, Future[Outcome]]] = {}
        suspects, begun, more = list[Planned](), 0, True
        while running or more:
            while more and begun < _BATCH and len(running) < self._window:
                each = next(planned, None) if time.monotonic() < deadline else None
                if each is None:
                    more = False
                    break
                begun += 1
                patience = _patience()
                left = self._left.submit(each.program, patience)
                running[left] = (each, self._right.submit(each.program, patience))
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                each, other = running.pop(future)
                if self._is_suspect(each, future.result(), other.result()):
                    suspects.append(each)
                self._progress.at(each.name, self.counted)
            if begun >= _BATCH and not running:
                break
        return suspects, more

    def _is_suspect(self, planned: Planned, left: Outcome, right: Outcome) -> bool:
        """Whether it differs in a way that is not known."""
        self.counted.programs += 1
        if left.lacking or right.lacking:
            self.counted.lacking += 1
            return False
        if left.lines == right.lines:
            self.counted.same += 1
            return False
        finding = Finding(planned.name, planned.program, left.lines, right.lines)
        entry, _ = known.judged(self._entries, finding, self._pair)
        if entry is not None:
            self._count(finding, entry)
        return entry is None

    # what differs, alone

    def _look_into(self, suspect: Planned) -> None:
        confirmed = self.confirmed(suspect)
        if confirmed is None:
            self.counted.unstable += 1
            return
        entry, finding = known.judged(self._entries, confirmed, self._pair)
        if entry is None:
            entry, finding = known.judged(self._entries, self._example(finding), self._pair)
        self._count(confirmed, entry)
        if entry is None:
            self.findings.append(finding)

    def _example(self, finding: Finding) -> Finding:
        """A small one of the same form: the finding made small, or one that was, if there are enough of them."""
        _, left, right = finding.first
        alike = self._shrunk.setdefault((abstract(left), abstract(right)), [])
        if len(alike) < _SHRUNK_OF_A_KIND:
            alike.append(self.small(finding))
        return replace(alike[-1], name=finding.name)

    def _count(self, finding: Finding, entry: Known | None) -> None:
        self.counted.different += 1
        self.counted.lost += any(line.startswith("lost: ") for line in (*finding.left, *finding.right))
        if entry is not None:
            self.counted.known[entry] += 1

    def confirmed(self, suspect: Planned) -> Finding | None:
        """The difference, if runs alone have nothing in common on the two sides."""
        lefts, rights = list[Log](), list[Log]()
        for _ in range(AGAIN):
            patience = _PATIENT * _patience()
            lefts.append(self._left.submit(suspect.program, patience).result().lines)
            rights.append(self._right.submit(suspect.program, patience).result().lines)
            if set(lefts) & set(rights):
                return None
        if max(len(set(lefts)), len(set(rights))) > _MOST_FORMS:
            return None
        return Finding(suspect.name, suspect.program, _usual(lefts), _usual(rights))

    # made small

    def small(self, finding: Finding) -> Finding:
        """The finding with a program that is as short and plain as can be."""
        small = shrink(finding.program, lambda programs: self._still(programs, finding.name))
        if small == finding.program:
            return finding
        return self.confirmed(Planned(finding.name, small)) or finding

    def _still(self, programs: Sequence[Program], name: str) -> list[bool]:
        """Which of them differ, in a way that is not known."""
        self._progress.at(f"{name}, made smaller", self.counted)
        runs = [(self._twice(self._left, each), self._twice(self._right, each)) for each in programs]
        return [self._is_new(each, *pair) for each, pair in zip(programs, runs, strict=True)]

    @staticmethod
    def _twice(side: Runs, program: Program) -> list[Future[Outcome]]:
        return [side.submit(program, _PATIENT * _patience()) for _ in range(2)]

    def _is_new(self, program: Program, left: list[Future[Outcome]], right: list[Future[Outcome]]) -> bool:
        lefts, rights = ([each.result() for each in futures] for futures in (left, right))
        if any(each.lacking for each in (*lefts, *rights)):
            return False
        if {each.lines for each in lefts} & {each.lines for each in rights}:
            return False
        entry, _ = known.judged(self._entries, Finding("", program, lefts[0].lines, rights[0].lines), self._pair)
        return entry is None


def _patience() -> float:
    """More than 1 where others keep the machine busy: then everything takes longer to settle."""
    busy = os.getloadavg()[0] / (2 * (os.cpu_count() or 1))
    return min(_MOST_PATIENCE, max(1.0, busy))


def _usual(logs: Sequence[Log]) -> Log:
    return Counter(logs).most_common(1)[0][0]
