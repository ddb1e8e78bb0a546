"""The sending half: the caller writes, blocks until everything is with the system, and gets back what was not.

Writers line up; each has its own send_timeout, which runs while it waits for its turn too.
"""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from time import monotonic

from gentcp.abc import Result, Term
from gentcp.engine import CHUNK, DONTWAIT, TOO_LONG, WRITE
from gentcp.errors import ErlangError, reason_of
from gentcp.process import current_process
from gentcp.terms import ImproperList, NotIodata, iodata_to_bytes

from ._base import SendOp, SocketBase
from ._states import CONNECTED, GONE, HUNG_UP

_FLAGS = DONTWAIT | socket.MSG_NOSIGNAL
_CHUNK = 262144


class SendingSocket(SocketBase):
    """Adds send."""

    __slots__ = ()

    def send(self, data: Term) -> Result:
        if type(data) is not bytes:
            if self.state in (GONE, HUNG_UP):
                return ("error", "closed")
            data = self._flat(data)
        settings = self.settings
        pack = settings.pack
        try:
            frame = data if pack is None else pack(len(data)) + data
        except TOO_LONG:
            frame = settings.framed(data)
        lock = self.lock
        lock.acquire()  # by hand, as in `engine.quick`
        try:
            if self.state is not CONNECTED and (refused := self.answer("send")) is not None:
                return refused
            written = 0
            if self.writer is None:
                try:
                    written = self.sock.send(frame, _FLAGS)
                except BlockingIOError:
                    pass
                except OSError as error:
                    return self._unsendable(error)
                if written == len(frame):
                    tx = self.tx
                    if tx.size == written:
                        tx.run += 1
                    else:
                        tx.other(written)
                    return "ok"
                self.tx.add_bytes(written)
            op = SendOp(current_process(), frame, written)
            self.line_up(op)
        finally:
            lock.release()
        return self._finish_send(op, settings.send_timeout, settings.head)

    def _flat(self, data: Term) -> bytes:
        try:
            return iodata_to_bytes(data)
        except NotIodata:
            if isinstance(data, (list, ImproperList)) and not self.settings.head:
                raise ErlangError(("invalid", ("data", data))) from None
            raise ErlangError("badarg") from None

    def _write(self, frame: bytes, start: int) -> int:
        try:
            written = self.sock.send(memoryview(frame)[start : start + _CHUNK] if start else frame, _FLAGS)
        except BlockingIOError:
            return -1
        self.tx.add_bytes(written)
        return written

    def _count_sent(self, size: int) -> None:
        """A whole message is with the system; its bytes have been counted as they went."""
        self.tx.add_call(size)

    def line_up(self, op: SendOp) -> None:
        """It is its turn when `writer` is `op`."""
        if self.writer is None:
            self.writer = op
        else:
            if self.writers is None:
                self.writers = deque()
            self.writers.append(op)

    def _finish_send(self, op: SendOp, timeout: float | None, head: int) -> Result:
        deadline = None if timeout is None else monotonic() + timeout
        try:
            while not op.done():
                if timeout != 0:
                    fd = self.fd
                    if self.writer is op and fd >= 0:
                        op.process.wait_fd(fd, WRITE, deadline)
                    else:
                        op.process.park(deadline)
                with self.lock:
                    if not op.done() and self.writer is op and timeout != 0:
                        self._write_more(op)
                    if not op.done() and deadline is not None and monotonic() >= deadline:
                        op.result = self._overdue(op, head)
        finally:
            with self.lock:
                self.step_aside(op)
        return op.result

    def _write_more(self, op: SendOp) -> None:
        try:
            written = _CHUNK
            while written == _CHUNK and op.result is None:  # less than it was given: the system is full
                written = self._write(op.frame, op.written)
                op.written += max(written, 0)
                if op.written == len(op.frame):
                    self._count_sent(op.written)
                    op.result = "ok"
        except OSError as error:
            if reason_of(error) == "econnreset":
                self.broken_for_reader()
            if op.result is None:
                op.result = self._unsendable(error)

    def broken_for_reader(self) -> None:
        """A reset wakes a blocked sender and the reader; in OTP the reader, a server process, is the first to look."""
        with contextlib.suppress(OSError):
            while self.somebody_reads() and (data := self.sock.recv(CHUNK, DONTWAIT)):
                self._received(data, None)
        if self.somebody_reads():
            self._on_broken("econnreset")

    def somebody_reads(self) -> bool:
        """Whether a process, or the owner's mailbox, waits for data."""
        return self.state is CONNECTED and (self.active is not False or self.receiver is not None)

    def step_aside(self, op: SendOp) -> None:
        """Done, or killed in the middle: the next writer's turn, whatever is on the wire."""
        if self.writer is op:
            self.writer = self.writers.popleft() if self.writers else None
            if self.writer is not None:
                self.writer.process.wake()
            elif self.closer is not None:
                self.closer.wake()
        elif self.writers and op in self.writers:
            self.writers.remove(op)

    def wait_for_writer(self) -> None:
        """A thread that polls the descriptor keeps it open: close(2) would take effect there, and later."""
        self.closer = current_process()
        while self.writer is not None:
            self.closer.park(None)

    def _overdue(self, op: SendOp, head: int) -> Result:
        if self.settings["send_timeout_close"] is True:
            op.result = ("error", "timeout")
            self.transit("close", by=op.process)
            return op.result
        return ("error", ("timeout", rest_of(op.frame, op.written, head)))

    def _unsendable(self, error: OSError) -> Result:
        reason = self.curated(reason_of(error))
        self.transit("unsendable", reason)
        return ("error", reason)


def rest_of(frame: bytes, written: int, head: int) -> Term:
    """What was not written: a binary, or with a header of which something went out a list of binaries (an iovec)."""
    if not written or not head:
        return frame[written:]
    if written < head:
        return [frame[written:head], frame[head:]]
    return [frame[written:]]
