"""Sending a file: it lines up with other writers, knows no send_timeout, and says how much went out if it fails."""

from __future__ import annotations

from gentcp.abc import Result
from gentcp.engine import CAN_SENDFILE, WRITE, Transfer
from gentcp.errors import ErlangError, reason_of
from gentcp.process import current_process

from ._base import SendOp
from ._sending import SendingSocket
from ._states import CONNECTED

_TOO_FAR = 1 << 63
_CLOSED = ("error", "closed")


class FileOp(SendOp):
    """A file among the writers."""

    __slots__ = ("begun", "transfer")

    def __init__(self, transfer: Transfer) -> None:
        super().__init__(transfer.process, b"", 0)
        self.transfer = transfer
        self.begun = False

    def fail(self, reason: str) -> None:
        """Once it has been its turn, the result has the number of bytes written."""
        self.result = ("error", (reason, self.transfer.sent) if self.begun else reason)


class FileSocket(SendingSocket):
    """Adds sendfile."""

    __slots__ = ()

    def sendfile(self, file: int, offset: int, count: int) -> Result:
        if not CAN_SENDFILE:
            return ("error", "enotsup")
        if count < 0:
            return ("error", "badarg")
        if not -_TOO_FAR <= offset < _TOO_FAR:
            raise ErlangError(("case_clause", ("invalid", ("integer_range", offset))))
        op = FileOp(Transfer(current_process(), file, offset, count))
        with self.lock:
            if self.state is not CONNECTED and (refused := self.answer("sendfile")) is not None:
                return refused
            if file < 0:
                return ("error", "einval")
            self.line_up(op)
        return self._finish_file(op)

    def _finish_file(self, op: FileOp) -> Result:
        try:
            while not op.done():
                with self.lock:
                    if not op.done() and self.writer is op:
                        self._attempt(op)
                    fd = self.fd if self.writer is op else -1
                if op.done():
                    break
                if fd >= 0:
                    op.process.wait_fd(fd, WRITE, None)
                else:
                    op.process.park(None)
        finally:
            with self.lock:
                self.step_aside(op)
        if op.result == _CLOSED:
            op.fail("closed")
        return op.result

    def _attempt(self, op: FileOp) -> None:
        try:
            if op.transfer.write(self.sock):
                op.result = ("ok", op.transfer.sent)
        except OSError as error:
            reason = reason_of(error)
            if reason == "econnreset" and self.somebody_reads():
                self.broken_for_reader()
                reason = "epipe"  # who reads was the first to look, and the system tells it once
            if op.result is None:
                op.fail(reason)
        op.begun = True
