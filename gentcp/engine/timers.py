"""Actions that are due at a time.  No I/O, and no clock but the times it is given."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

_FEW = 64


class Timer:
    """An action and when it is due, in seconds of `time.monotonic`."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at: float = at
        self.action: Callable[[], None] | None = action


class Timers:
    """A heap of timers.  Its user sees to it that one thread at a time is in it."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()
        self._cancelled = 0

    def add(self, timer: Timer) -> bool:
        """True when it is the next one due."""
        heapq.heappush(self._heap, (timer.at, next(self._numbers), timer))
        return self._heap[0][2] is timer

    def cancel(self, timer: Timer) -> None:
        """Never run it; nothing happens when it has run."""
        if timer.action is None:
            return
        timer.action = None
        self._cancelled += 1
        if self._cancelled > _FEW and self._cancelled * 2 > len(self._heap):
            self._sweep()

    def _sweep(self) -> None:
        self._heap = [entry for entry in self._heap if entry[2].action is not None]
        heapq.heapify(self._heap)
        self._cancelled = 0

    def next_at(self) -> float | None:
        """When the next one is due; None when there is none."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[Callable[[], None]]:
        """Take out the actions that are due, in order."""
        found: list[Callable[[], None]] = []
        while (at := self.next_at()) is not None and at <= now:
            timer = heapq.heappop(self._heap)[2]
            if timer.action is not None:
                found.append(timer.action)
            timer.action = None
        return found
