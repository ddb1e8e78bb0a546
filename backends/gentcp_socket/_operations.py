"""What may wait in a socket besides recv and accept: writers of data and of files."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import NOTHING_OF_THE_SYSTEM, WRITE, Operation, Transfer, Wanted
from gentcp.process import Process

from . import _sending
from ._states import CONNECTED

if TYPE_CHECKING:
    from ._handle import SocketSocket


class SocketOp(Operation):
    """An operation of a socket."""

    __slots__ = ("handle",)

    def __init__(self, process: Process, handle: SocketSocket) -> None:
        super().__init__(process)
        self.handle: SocketSocket = handle

    @property
    def lock(self) -> threading.RLock:
        """See `Operation.lock`."""
        return self.handle.lock


class WriteOp(SocketOp):
    """In the line of writers.  Having been given up or answered it leaves the line with its last poll."""

    __slots__ = ()

    def wants(self) -> Wanted:
        """Room, if it is the head of the line, and nobody has to learn first that the connection is over."""
        handle = self.handle
        turn = handle.writer.head is self and handle.returned is None
        return (handle.fd, WRITE) if turn else NOTHING_OF_THE_SYSTEM

    def give_up(self) -> None:
        """Killed in the middle: what is on the wire stays there."""
        self.result = ("error", "aborted")

    def failed_before(self, reason: str) -> None:
        """A send has failed, of which the system has told the reason."""

    def left(self) -> None:
        """See `Operation.left`."""
        handle = self.handle
        handle.writer.step_aside(self)
        if handle.lingering is not None:
            handle.lingering.left(self)


class SendOp(WriteOp):
    """A send that could not write everything at once.  Its time runs while it waits for its turn, too."""

    __slots__ = ("begun", "closes", "frame", "head", "resumable", "written")

    def __init__(self, process: Process, handle: SocketSocket, frame: bytes, written: int) -> None:
        super().__init__(process, handle)
        self.resumable: bool = False
        """If it is given up in the middle, its rest goes first."""
        self.begun: bool = False
        """It is such a rest."""
        settings = handle.settings
        self.frame: bytes = frame
        self.head: int = settings.head
        """Bytes of the header in front of it."""
        self.written: int = written
        self.closes: bool = settings["send_timeout_close"] is True
        timeout = settings.send_timeout
        if timeout is not None:
            self.deadline = monotonic() + timeout

    def attempt(self) -> None:
        """Write."""
        if self.handle.writer.head is self and self.handle.returned is None:
            _sending.write_more(self.handle, self)

    def expire(self) -> None:
        """send_timeout is over."""
        self.result = _sending.overdue(self.handle, self)
        if self.begun:
            self._tear()

    def give_up(self) -> None:
        """See `WriteOp.give_up`; a process that was killed will not come back."""
        super().give_up()
        if self.resumable and (self.written or self.begun) and self.process.alive:
            self._tear()

    def _tear(self) -> None:
        if self.handle.state is CONNECTED:
            self.handle.writer.tear(self)

    def rest(self) -> bytes:
        """What it has not written."""
        return self.frame[self.written :]


class RestOp(SendOp):
    """What a send that timed out has left, as it is.  The packet is torn already, whatever of this is written."""

    __slots__ = ()

    def __init__(self, process: Process, handle: SocketSocket, frame: bytes, written: int) -> None:
        super().__init__(process, handle, frame, written)
        self.head = 0
        self.begun = True

    def expire(self) -> None:
        """Who made the call gets what is left, and sends that."""
        self.result = _sending.overdue(self.handle, self)


class FileOp(WriteOp):
    """A file among the writers; it knows no send_timeout."""

    __slots__ = ("begun", "transfer")

    def __init__(self, process: Process, handle: SocketSocket, transfer: Transfer) -> None:
        super().__init__(process, handle)
        self.transfer: Transfer = transfer
        self.begun: bool = False

    def attempt(self) -> None:
        """Write."""
        if self.handle.writer.head is self and self.handle.returned is None:
            _sending.write_file(self.handle, self)

    def failed_before(self, reason: str) -> None:
        """See `WriteOp.failed_before`: it hears of it directly, without the server, which calls all of it closed."""
        if self.result is None:
            self.complete(("error", reason))

    def complete(self, result: Result) -> None:
        """Once it has been its turn, an error has the number of bytes written."""
        if result[0] == "error" and self.begun:
            result = ("error", (result[1], self.transfer.sent))
        super().complete(result)
