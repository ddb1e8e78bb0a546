"""A bar while cases run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from gentcp_conformance.run import Quiet

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.console import Console
    from rich.progress import TaskID

    from gentcp_conformance.case import Case
    from gentcp_conformance.outcome import Result
    from gentcp_conformance.run import Progress as RunProgress


class _Bar(Quiet):
    def __init__(self, progress: Progress, task: TaskID, total: int) -> None:
        self._progress, self._task, self._left = progress, task, total

    def started(self, case: Case, backend: str) -> None:
        """Show what runs; a rerun makes the whole longer."""
        self._progress.update(self._task, case=f"{case.id} on {backend}")
        self._left -= 1
        if self._left < 0:
            total = self._progress.tasks[0].total or 0
            self._progress.update(self._task, total=total + 1)

    def finished(self, result: Result) -> None:
        """One more."""
        self._progress.advance(self._task)


@contextmanager
def bar(console: Console, total: int) -> Generator[RunProgress]:
    """Progress over `total` runs; nothing is shown where `console` is no terminal."""
    if not console.is_terminal:
        yield Quiet()
        return
    shown = (
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[case]}", markup=False),
    )
    with Progress(*shown, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task("", total=total, case=""), total)
