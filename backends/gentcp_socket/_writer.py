"""The writing half of a socket: writers line up, and each gets back what was not written.  No I/O."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._operations import CloseOp, WriteOp


class DirectWriter:
    """The line of writers; the head of it writes.  Guarded by the socket's lock."""

    __slots__ = ("closer", "head", "others")

    def __init__(self) -> None:
        self.head: WriteOp | None = None
        self.others: deque[WriteOp] | None = None
        self.closer: CloseOp | None = None
        """Waits until nobody polls the descriptor any more."""

    def line_up(self, op: WriteOp) -> None:
        """It is its turn when it is the head."""
        if self.head is None:
            self.head = op
        else:
            if self.others is None:
                self.others = deque()
            self.others.append(op)

    def step_aside(self, op: WriteOp) -> None:
        """Done, or given up: the next writer's turn, whatever is on the wire."""
        if self.head is op:
            self.head = self.others.popleft() if self.others else None
            if self.head is not None:
                self.head.look()
            elif self.closer is not None:
                self.closer.complete("ok")
        elif self.others and op in self.others:
            self.others.remove(op)

    def waiting(self) -> list[WriteOp]:
        """All of them, in order."""
        return [] if self.head is None else [self.head, *(self.others or ())]
