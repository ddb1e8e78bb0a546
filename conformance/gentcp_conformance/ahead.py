"""Running cases ahead of who asks for their results one by one, as pytest does with tests."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from .run import Quiet, run_trial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .outcome import Result
    from .run import Runner, Trial


class Ahead:
    """Runs what is planned in its order, `workers` at a time, from the first time that a result is asked for."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, "gentcp-conformance")
        self._planned: dict[str, Trial] = {}
        self._running: dict[str, Future[Result]] = {}

    def plan(self, trials: Mapping[str, Trial]) -> None:
        """What will be asked for, by a key each.  One has nothing to overlap with, and is not run ahead."""
        self._planned = {key: trial for key, trial in trials.items() if not trial[0].alone} if len(trials) > 1 else {}

    def result(self, key: str, trial: Trial, runner: Runner) -> Result:
        """What a trial came to; if it is not planned, not as expected or asked for again, from runs alone."""
        self._start()
        future = self._running.pop(key, None)
        first = future.result() if future else None
        if first is None or not runner.as_expected(first):
            self._pool.shutdown()
        return runner.settle(trial[0], first or run_trial(trial, runner.progress), beside=first is not None)

    def stop(self) -> None:
        """Begin nothing more, and wait for what runs."""
        self._planned.clear()
        self._pool.shutdown(cancel_futures=True)

    def _start(self) -> None:
        for key, trial in self._planned.items():
            self._running[key] = self._pool.submit(run_trial, trial, Quiet())
        self._planned = {}
