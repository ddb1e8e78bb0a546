"""Recording what a VM does: what `recorded/otp-NN.jsonl` is made by, and checked by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import environment
from .matrix import LIVE
from .outcome import Kind, Result
from .record import Record, RecordError, file_name, index, read, write
from .run import Quiet, Runner, Trial, among, run_trials
from .verdict import Judgement, Verdict, is_expected, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .case import Case
    from .run import Progress

FOLDER = Path(__file__).parent / "recorded"

# What of the VM's account of itself goes into the header: nothing of where it was found.
_ABOUT = ("release", "erts", "kernel")


@dataclass(frozen=True)
class Recorder:
    """Runs cases on a VM.  `backends` are those of the VM, by the column that each is recorded as.

    With more than one of `workers` cases overlap.  What is recorded anew is from runs alone nevertheless, so that
    nothing gets into a recording because the machine was busy.
    """

    about: Mapping[str, str]
    backends: Mapping[str, str]
    progress: Progress = field(default_factory=Quiet)
    workers: int = 1

    @property
    def release(self) -> str:
        """The release of the VM."""
        return self.about["release"]

    def record(self, cases: Sequence[Case], runs: int, old: Record | None = None) -> Record:
        """What `runs` runs of all cases came to.

        Only what comes to the one outcome that `old` has of it may overlap; all else is run alone.
        """
        trials = [(case, backend) for case in cases for backend in self.backends.values()]
        beside = self._beside(trials, runs, old) if old and self.workers > 1 else {}
        alone = self._rounds([trial for trial in trials if trial not in beside], runs)
        seen, columns = {**beside, **alone}, {backend: column for column, backend in self.backends.items()}
        results = (replace(seen[trial], subject=columns[trial[1]], seconds=0) for trial in trials)
        return Record(self._subjects(), self._header(runs), index(results))

    def check(self, cases: Sequence[Case], recording: Record) -> list[Finding]:
        """What is recorded, seen once more: each case once, and what is not as recorded again, alone."""
        columns = {backend: column for column, backend in self.backends.items()}
        as_recorded = among(lambda case, name: recording.expected(case, columns[name]))
        runner = Runner(as_recorded, self.progress, self.workers)
        results = runner.run(cases, list(columns))
        return [_finding(replace(result, subject=columns[result.subject]), recording) for result in results]

    def _beside(self, trials: Iterable[Trial], runs: int, old: Record) -> dict[Trial, Result]:
        """What came each time to the one outcome that is recorded of it, though it overlapped."""
        columns = {backend: column for column, backend in self.backends.items()}
        terms = {(case, backend): old.expected(case.id, columns[backend]) for case, backend in trials}
        found = self._rounds([trial for trial, known in terms.items() if len(known) == 1], runs, self.workers)
        return {trial: result for trial, result in found.items() if result.stable and result.terms == terms[trial]}

    def _rounds(self, trials: Sequence[Trial], runs: int, workers: int = 1) -> dict[Trial, Result]:
        rounds = [run_trials(trials, self.progress, workers) for _ in range(runs)]
        return {trial: _together(seen) for trial, *seen in zip(trials, *rounds, strict=True)}

    def _subjects(self) -> tuple[Mapping[str, str], ...]:
        return tuple({"name": column, "release": self.release} for column in self.backends)

    def _header(self, runs: int) -> dict[str, str]:
        versions = {key: self.about[key] for key in _ABOUT if key in self.about}
        machine = {key: text for key, text in environment.about().items() if key != "python"}
        return {**versions, "runs": str(runs), **machine}


@dataclass(frozen=True)
class Finding:
    """A case run again in a recorded column; `verdict` is how the recording stands up to it."""

    result: Result
    expected: tuple[str, ...]
    verdict: Verdict

    @property
    def as_recorded(self) -> bool:
        """Whether every run came to what is recorded, or could not be made here."""
        return self.verdict.judgement in {Judgement.SAME, Judgement.UNSUPPORTED}

    @property
    def stale(self) -> bool:
        """Whether most runs came to what is not recorded.  A single odd one may be the machine's doing."""
        if self.as_recorded:
            return False
        odd = sum(count for outcome, count in self.result.outcomes if not is_expected(outcome, self.expected))
        return self.verdict.failed or odd * 2 > self.result.runs


def vm(progress: Progress | None = None, workers: int = 1) -> Recorder:
    """A recorder of the VM at hand.  Starts it; raises gentcp.errors.NoBackend when there is none."""
    return Recorder(environment.about_vm(), LIVE, progress or Quiet(), workers)


def refuse_other_versions(old: Record, about: Mapping[str, str]) -> None:
    """Raises RecordError when a recording was made with other versions of OTP than `about` has."""
    for key in _ABOUT:
        if old.about.get(key) != about.get(key):
            was, found = old.about.get(key, "unknown"), about.get(key, "unknown")
            raise RecordError(f"the other cases were recorded with {key} {was}, this is {found}: record all cases")


def merge(old: Record, new: Record, order: Iterable[str]) -> Record:
    """`new`, and what `old` has of other cases, in the `order` of their ids; cases that are not in it go."""
    columns = [subject["name"] for subject in new.subjects]
    both = {**old.results, **new.results}
    wanted = ((case, column) for case in order for column in columns)
    return replace(new, results={key: both[key] for key in wanted if key in both})


def add(old: Record, new: Record) -> Record:
    """`new`, with the runs counted that `old` has of the same cases."""
    results = {
        key: _plus(old.results[key], result) if key in old.results else result for key, result in new.results.items()
    }
    return replace(new, about={**new.about, "runs": old.about["runs"]}, results=results)


def store(record: Record, folder: Path) -> Path:
    """Write a recording into `folder`, all of it or nothing; returns the file."""
    target = folder / file_name(record.about["release"])
    beside = target.with_suffix(".part")
    with beside.open("w", encoding="utf-8") as file:
        write(record, file)
    return beside.replace(target)


def stored(release: str, folder: Path) -> Record | None:
    """The recording in `folder`, if there is one.  Raises RecordError."""
    path = folder / file_name(release)
    return read(path.read_text(encoding="utf-8"), path.name) if path.is_file() else None


def missing(record: Record) -> dict[str, list[str]]:
    """Cases that could not be run with this VM, by the reason."""
    found: dict[str, list[str]] = {}
    for result in record.results.values():
        outcome = result.outcomes[0][0]
        cases = found.setdefault(outcome.text, []) if outcome.kind is Kind.UNSUPPORTED else []
        if result.case not in cases:
            cases.append(result.case)
    return found


def spoilt(record: Record) -> list[Result]:
    """Results of which a run crashed or took too long: that says more about the run than about the VM."""
    kinds = {Kind.CRASH, Kind.TIMEOUT}
    return [each for each in record.results.values() if any(outcome.kind in kinds for outcome, _ in each.outcomes)]


def _together(results: Iterable[Result]) -> Result:
    first, *others = results
    for other in others:
        first = first.plus(other.outcomes[0][0])
    return first


def _plus(old: Result, new: Result) -> Result:
    for outcome, count in new.outcomes:
        old = old.plus(outcome, count)
    return replace(old, seconds=new.seconds)


def _finding(result: Result, recording: Record) -> Finding:
    expected = recording.expected(result.case, result.subject)
    return Finding(result, expected, judge(result, expected))
