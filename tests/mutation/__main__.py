"""The command line: `python -m tests.mutation --sample 50 --seed 1`; `--help` has the rest."""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from . import index, listing, operators, overlay, survivors, table
from .listing import Mutant
from .places import DIRECT, FOLLOWS, ROOT, modules
from .results import Results
from .running import Finding, Outcome, run

FOLDER = ROOT / ".mutants"


def main(arguments: list[str] | None = None) -> int:
    """0 whatever survives; 2 when the arguments are wrong or cosmic-ray is missing."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if not operators.available():
        parser.error("cosmic-ray is missing: pip install --group mutants")
    try:
        chosen, excused = _chosen(wanted)
    except ValueError as error:
        parser.error(str(error))
    _say(f"{len(chosen)} mutants, {excused} more are in survivors.toml and do not count; --seed {wanted.seed}")
    if wanted.list:
        for mutant in chosen:
            _say(f"{mutant.id} line {mutant.line}: {mutant.text}")
        return 0
    results = Results(wanted.results)
    _run(wanted, chosen, results)
    _show(chosen, results)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--module", action="append", default=[], metavar="PREFIX", help="only these; repeatable")
    parser.add_argument("--sample", type=int, metavar="N", help="so many, by the seed; default: all")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the sample and of the order")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no mutant after that")
    parser.add_argument("--results", type=Path, default=FOLDER / "results.jsonl", metavar="FILE", help="is added to")
    parser.add_argument("--again", action="store_true", help="run those again that survived before")
    parser.add_argument("--direct", action="store_true", help="without the asyncio hosts, whose lines take a minute")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    parser.add_argument("--list", action="store_true", help="list them, and run none")
    return parser


def _chosen(wanted: argparse.Namespace) -> tuple[list[Mutant], int]:
    listed = listing.mutants(modules(wanted.module))
    if wanted.sample is not None:
        listed = listing.sample(listed, wanted.sample, wanted.seed)
    known = survivors.load()
    counting = [mutant for mutant in listed if not known.reason(mutant)]
    return counting, len(listed) - len(counting)


def _run(wanted: argparse.Namespace, chosen: list[Mutant], results: Results) -> None:
    ends = time.monotonic() + wanted.seconds
    waiting = list(_waiting(chosen, results, again=wanted.again))
    if not waiting:
        return
    path = FOLDER / ("index-direct.json" if wanted.direct else "index.json")
    trials = index.load(path)
    if trials is None:
        _say("running all cases once, to see which run which lines")
        trials = index.make(path, DIRECT if wanted.direct else tuple(FOLLOWS))
        _say(f"that took {wanted.seconds - (ends - time.monotonic()):.0f} s" if ends < float("inf") else "done")
    Runs(trials, results, ends, len(waiting)).run(waiting, wanted.jobs)


def _waiting(chosen: list[Mutant], results: Results, *, again: bool) -> Iterator[Mutant]:
    for mutant in chosen:
        finding = results.get(mutant)
        unseen = finding is not None and finding.outcome in {Outcome.SURVIVED, Outcome.UNREACHED}
        if finding is None or (again and unseen):
            yield mutant


class Runs:
    """Runs mutants, some at a time, each in a copy of the packages that no other has meanwhile."""

    def __init__(self, trials: index.Index, results: Results, ends: float, total: int) -> None:
        self._trials = trials
        self._results = results
        self._ends = ends
        self._total = total
        self._done = 0
        self._lock = threading.Lock()
        self._folders: SimpleQueue[Path] = SimpleQueue()

    def run(self, mutants: list[Mutant], jobs: int) -> None:
        """Run them, and keep and say what comes of each."""
        with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
            for _ in range(jobs):
                self._folders.put(stack.enter_context(overlay.copied()))
            for _ in pool.map(self._one, mutants):
                pass

    def _one(self, mutant: Mutant) -> None:
        if time.monotonic() > self._ends:
            return
        folder = self._folders.get()
        try:
            finding = run(mutant, self._trials.seeing(mutant), folder)
        finally:
            self._folders.put(folder)
        with self._lock:
            self._results.add(mutant, finding)
            self._done += 1
            _say(self._line(mutant, finding))

    def _line(self, mutant: Mutant, finding: Finding) -> str:
        what = f"{mutant.module.name}:{mutant.line} {mutant.text[:80]!r}"
        return f"[{self._done}/{self._total}] {finding.outcome} {finding.seconds:.1f} s {what} {finding.by[:120]}"


def _show(chosen: list[Mutant], results: Results) -> None:
    rows = [(mutant, finding) for mutant in chosen if (finding := results.get(mutant))]
    for line in table.survivors(rows):
        _say(line)
    for line in table.table(rows):
        _say(line)
    broken = table.proving_nothing(rows)
    _say(f"{len(rows)} of {len(chosen)} mutants were run; {broken} are broken or the same program, and do not count")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
