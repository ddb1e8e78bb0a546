"""A call that waits for something to be received."""

from __future__ import annotations

from gentcp.abc import Result
from gentcp.process import Process


class RecvOp:
    """A recv that waits.  `result` is set by whoever completes it."""

    __slots__ = ("length", "process", "result")

    def __init__(self, process: Process, length: int) -> None:
        self.process: Process = process
        self.length: int = length
        self.result: Result = None

    def done(self) -> bool:
        """Whether it has a result."""
        return self.result is not None

    def complete(self, result: Result) -> None:
        """Give it its result and wake its process."""
        self.result = result
        self.wake()

    def wake(self) -> None:
        """Something has changed: whoever waits for it looks again.  With the lock held."""
        self.process.wake()
