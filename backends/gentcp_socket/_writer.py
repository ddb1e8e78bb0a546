"""The writing half of a socket: writers line up, and each gets back what was not written.  No I/O."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gentcp.process import Process

    from ._operations import SendOp, WriteOp


class DirectWriter:
    """The line of writers; the head of it writes.  Guarded by the socket's lock."""

    __slots__ = ("direct", "head", "left", "open", "others", "torn")

    def __init__(self) -> None:
        self.open: bool = True
        """The state lets a send write."""
        self.direct: bool = True
        """A send may write at once: it is open, and nobody is before it."""
        self.left: deque[tuple[Process, bytes]] | None = None
        """What signal handlers have sent that came in the middle of something; it goes before all that comes later."""
        self.head: WriteOp | None = None
        self.others: deque[WriteOp] | None = None
        self.torn: SendOp | None = None
        """The head, if it was given up in the middle of a packet: nobody writes until its rest is sent, or given up."""

    def look(self) -> None:
        """Decide anew whether a send may write at once."""
        self.direct = self.open and self.head is None and not self.left

    def line_up(self, op: WriteOp) -> None:
        """It is its turn when it is the head."""
        if self.head is None:
            self.head, self.direct = op, False
        else:
            if self.others is None:
                self.others = deque()
            self.others.append(op)

    def step_aside(self, op: WriteOp) -> None:
        """Done, or given up: the next writer's turn, whatever is on the wire."""
        if self.torn is op:
            return
        if self.head is op:
            self.head = self.others.popleft() if self.others else None
            self.look()
            if self.head is not None:
                self.head.look()
        elif self.others and op in self.others:
            self.others.remove(op)

    def tear(self, op: SendOp) -> None:
        """The head is given up in the middle of a packet: what those behind it have may not follow that."""
        self.torn = op
        for other in self.others or ():
            if other.result is None:
                other.complete(("error", "einval"))

    def mend(self) -> SendOp | None:
        """The writer that was given up, which leaves the line now."""
        torn, self.torn = self.torn, None
        if torn is not None:
            self.step_aside(torn)
        return torn

    def waiting(self) -> list[WriteOp]:
        """All that have no answer yet, in order; and those that have one and poll still."""
        line = [] if self.head is None else [self.head, *(self.others or ())]
        return [op for op in line if op is not self.torn]
