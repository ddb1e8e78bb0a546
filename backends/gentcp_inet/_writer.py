"""The writing half of a port: what is queued, and who waits for that.  No I/O.

A send on an empty queue never blocks.  On a non-empty one the data is queued first, and the sender is *blocked* if the
queue is then at or over the high watermark: the port is *busy* until it is at or under the low one.  Others that come
meanwhile are *suspended* in front of it (Erlang: `port_command` on a busy port), and their send_timeout starts when
they get in.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ._queue import SendQueue

if TYPE_CHECKING:
    from gentcp.process import Process

    from ._operations import Drained, InLine, Sender
    from ._sendfile import FileOp


class QueueWriter:
    """All of it is guarded by the port's lock."""

    __slots__ = (
        "ahead_of_file", "backed", "blocked", "busy", "closers", "direct", "left", "plain", "queue", "shut_late",
        "shut_pending", "spell", "suspended", "transfer", "write_shut",
    )  # fmt: skip

    def __init__(self, backed: bool, plain: bool) -> None:
        self.queue: SendQueue = SendQueue()
        self.backed: bool = backed
        """The host has said that it would flush a queue."""
        self.plain: bool = plain
        """The port is connected, has its functions, and does not delay what is sent."""
        self.direct: bool = backed and plain
        """A send may write at once: all of that, nothing is queued, nobody before it, nor a shutdown or file."""
        self.left: deque[tuple[Process, bytes]] | None = None
        """What signal handlers have sent that came in the middle of something; it goes before all that comes later."""
        self.busy: bool = False
        self.spell: int = 0
        """How often it has become busy."""
        self.blocked: list[Sender] | None = None
        """One, unless others are forced upon a busy port; the first one first."""
        self.suspended: deque[InLine] | None = None
        self.closers: list[Drained] | None = None
        self.shut_pending: int | None = None
        """A shutdown of the writing side that waits behind the queue,"""
        self.shut_late: bool = False
        """One that had to wait has been made: the driver looks at nothing that is sent any more, be it empty."""
        self.write_shut: bool = False
        """and one that has been made, or failed: EPIPE is no reset then."""
        self.transfer: FileOp | None = None
        self.ahead_of_file: int = 0
        """Bytes in the queue that were there before the file."""

    def look(self) -> None:
        """Decide anew whether a send may write at once."""
        queue, file = self.queue.size, self.transfer is not None
        shutdown = self.shut_pending is not None or self.shut_late
        waits = queue or self.busy or file or shutdown or self.suspended or self.left
        self.direct = self.backed and self.plain and not waits

    def block(self, op: Sender) -> None:
        """The queue is full: the port is busy."""
        if self.blocked is None:
            self.blocked = []
        self.blocked.append(op)
        if not self.busy:
            self.busy, self.direct = True, False
            self.spell += 1

    def unblock(self, op: Sender) -> None:
        """`op` does not wait any more."""
        if self.blocked and op in self.blocked:
            self.blocked.remove(op)

    def flusher(self) -> Sender | None:
        """The sender that flushes the queue, if one does."""
        for op in self.blocked or ():
            if op.flushes:
                return op
        return None

    def waited_for(self) -> bool:
        """Whether close has something to wait for."""
        return bool(self.queue.size or self.suspended)
