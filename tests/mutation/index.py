"""Which trial, a case on a backend, runs which lines: found once by running them all, and kept in a file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import overlay
from .listing import Mutant
from .places import DIRECT, ROOT, digest, modules
from .reach import lines_of

SHARES = 8
"""Processes that run the cases: each mostly waits."""


@dataclass(frozen=True)
class Trial:
    """A case on a backend: how long it takes, whether it comes out as expected, and the lines it runs, by module."""

    case: str
    backend: str
    seconds: float
    as_expected: bool
    lines: dict[str, frozenset[int]]

    @property
    def direct(self) -> bool:
        """Whether no asyncio loop is between the case and the backend."""
        return self.backend in DIRECT


@dataclass(frozen=True)
class Index:
    """All trials, and the lines that run as the packages are imported."""

    trials: tuple[Trial, ...]
    imported: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])

    def seeing(self, mutant: Mutant) -> list[Trial]:
        """Those that run the mutant's line, or for what runs at import all of its backends; quick ones first.

        The asyncio hosts, which run all that the backends themselves do once more, are asked about lines that run on
        them alone.  Trials that are not as expected without a mutant see nothing.
        """
        module, backends = mutant.module, mutant.module.package.backends
        lines = lines_of(module.source, mutant.line)
        able = [trial for trial in self.trials if trial.as_expected and trial.backend in backends]
        if lines is None or lines & self.imported.get(module.name, frozenset()):
            direct = [trial for trial in able if trial.direct]
            return sorted(direct, key=lambda trial: (module.name not in trial.lines, trial.seconds))
        reached = [trial for trial in able if lines & trial.lines.get(module.name, frozenset())]
        direct = [trial for trial in reached if trial.direct]
        return sorted(direct or reached, key=lambda trial: trial.seconds)


def load(path: Path) -> Index | None:
    """The index in a file; None when there is none, or the code or the cases are not what they were."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return _index(kept["found"]) if kept["digest"] == _digest() else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def make(path: Path, backends: Sequence[str]) -> Index:
    """Run all cases once on each backend, under a tracer, and keep what comes of it."""
    with ThreadPoolExecutor(SHARES) as pool:
        found = [each for share in pool.map(lambda number: _share(number, backends), range(SHARES)) for each in share]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"digest": _digest(), "found": found}), encoding="utf-8")
    return _index(found)


def _share(number: int, backends: Sequence[str]) -> list[Any]:
    command = [sys.executable, "-m", "tests.mutation.tracing", str(number), str(SHARES), *backends]
    done = subprocess.run(command, cwd=ROOT, env=overlay.environment(), stdout=subprocess.PIPE, check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _index(found: Iterable[Any]) -> Index:
    imported, trials = dict[str, frozenset[int]](), list[Trial]()
    for each in found:
        if "imported" in each:
            imported = _lines(each["imported"])
        else:
            lines = _lines(each["lines"])
            trials.append(Trial(each["case"], each["backend"], each["seconds"], each["as_expected"], lines))
    return Index(tuple(sorted(trials, key=lambda trial: (trial.case, trial.backend))), imported)


def _lines(found: dict[str, list[int]]) -> dict[str, frozenset[int]]:
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _digest() -> str:
    cases = (ROOT / "conformance/gentcp_conformance").rglob("*.py")
    return digest([*(module.path for module in modules()), *cases])
