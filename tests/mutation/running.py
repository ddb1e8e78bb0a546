"""Runs a mutant: what comes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from . import overlay
from .index import Trial
from .listing import Mutant


class Outcome(StrEnum):
    """What came of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    UNREACHED = "unreached"
    """No case runs the line."""
    BROKEN = "broken"
    """It does not compile, cannot be imported, or is the same program: it proves nothing."""


@dataclass(frozen=True)
class Finding:
    """What came of it, and what shows it: the case and its outcome."""

    outcome: Outcome
    by: str = ""
    seconds: float = 0.0


def run(mutant: Mutant, trials: Sequence[Trial], folder: Path) -> Finding:
    """Run a mutant, in the copy of the packages in `folder`, with the trials that can see it."""
    try:
        if mutant.changes_nothing():
            return Finding(Outcome.BROKEN, "the same program")
    except SyntaxError as error:
        return Finding(Outcome.BROKEN, str(error))
    if not trials:
        return Finding(Outcome.UNREACHED)
    began = time.monotonic()
    with overlay.changed(folder, mutant.module, mutant.code):
        outcome, by = _outcome(_Child(mutant, trials, folder).run())
    return Finding(outcome, by, round(time.monotonic() - began, 1))


def _outcome(lines: list[Any] | None) -> tuple[Outcome, str]:
    match lines:
        case None:
            return Outcome.CAUGHT, "time limit"
        case []:
            return Outcome.BROKEN, "cannot be imported"
        case [_]:
            return Outcome.CAUGHT, "ended the process"
        case [_, {"caught": None}, *_]:
            return Outcome.SURVIVED, ""
        case [_, {"caught": found}, *_]:
            return Outcome.CAUGHT, f"{found['case']} on {found['backend']}: {found['outcome']}"
        case _:
            raise RuntimeError(f"a child said {lines!r}")


class _Child:
    """A process that runs the trials."""

    def __init__(self, mutant: Mutant, trials: Sequence[Trial], folder: Path) -> None:
        self._folder = folder
        self._limit = 60 + 0.2 * len(trials) + sum(trial.seconds for trial in trials) / 4
        self._wanted = {
            "module": mutant.module.name,
            "path": str(overlay.place(folder, mutant.module)),
            "trials": [(trial.case, trial.backend, trial.seconds) for trial in trials],
        }

    def run(self) -> list[Any] | None:
        """The documents that it printed; None when it did not end."""
        with subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.trial"],
            env=overlay.environment(self._folder), cwd=self._folder, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as child:  # fmt: skip
            try:
                said, _ = child.communicate(json.dumps(self._wanted), timeout=self._limit)
            except subprocess.TimeoutExpired:
                return None
            finally:
                self._end(child)
        return [json.loads(line) for line in said.splitlines()]

    def _end(self, child: subprocess.Popen[str]) -> None:
        """With whatever it has forked."""
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
