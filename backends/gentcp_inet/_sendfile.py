"""Sending a file: what is queued goes first, what is sent meanwhile is queued and comes behind it.

The caller writes, as in every call that waits.  The driver leaves the queue alone until the file is through.
"""

from __future__ import annotations

import contextlib
import socket

from gentcp.abc import Result
from gentcp.engine import CAN_SENDFILE, DONTWAIT, WRITE, Transfer, driver
from gentcp.errors import reason_of
from gentcp.process import current_process

from ._sending import SendingPort
from ._states import CLOSED

_FLAGS = DONTWAIT | socket.MSG_NOSIGNAL
_BROKEN = ("closed", "econnreset", "enotconn", "epipe")
_MOST = (1 << 63) - 1


class FilePort(SendingPort):
    """Adds sendfile."""

    __slots__ = ()

    def sendfile(self, file: int, offset: int, count: int) -> Result:
        if not CAN_SENDFILE:
            return ("error", "enotsup")
        if file < 0:
            return ("error", "badarg")
        if self.state is not CLOSED and current_process() is not self.owner:
            return ("error", "not_owner")
        if self.state is CLOSED or not (0 <= offset <= _MOST and 0 <= count <= _MOST):
            return ("error", "einval")
        with self.lock:
            if (refused := self.answer("sendfile")) is not None:
                return refused
            transfer = Transfer(self.owner, file, offset, count)
            self._begin(transfer)
        return self._send_file(transfer)

    def _begin(self, transfer: Transfer) -> None:
        self.transfer, self.direct, self.ahead_of_file = transfer, False, self.queue.size
        driver().stop_flushing(self.fd)
        if (op := self.flusher()) is not None:
            op.flushes = False

    def _send_file(self, transfer: Transfer) -> Result:
        corked = False
        try:
            with self.lock:
                corked = not transfer.done() and self._cork()
            while not transfer.done():
                with self.lock:
                    if not transfer.done():
                        self._attempt(transfer)
                    fd = self.fd
                if not transfer.done():
                    transfer.process.wait_fd(fd, WRITE, None)
        finally:
            with self.lock:
                if corked:
                    self._uncork()
                if self.transfer is transfer:  # interrupted
                    self._end()
                    self._resume()
        return transfer.result

    def _attempt(self, transfer: Transfer) -> None:
        try:
            if self._write_ahead() and transfer.write(self.sock):
                transfer.result = ("ok", transfer.sent)
                self._end()
                self._resume()
        except BlockingIOError:
            return
        except OSError as error:
            reason = reason_of(error)
            self._end()
            transfer.result = ("error", "closed" if reason in _BROKEN else reason)
            self.unsendable(reason, background=True)  # also for what is wrong with the file

    def _write_ahead(self) -> bool:
        """Write what was queued when the call came."""
        while self.ahead_of_file:
            written = self.sock.sendmsg(self.queue.front(self.ahead_of_file), (), _FLAGS)
            self.queue.drop(written)
            self.ahead_of_file -= written
        return True

    def _end(self) -> None:
        self.transfer, self.ahead_of_file = None, 0
        self.direct = self.shut_pending is None

    def _resume(self) -> None:
        """The queue is the driver's again."""
        self.relieve()
        if self.queue:
            driver().flush_later(self.fd, self)
        else:
            self.flushed()

    def _cork(self) -> bool:
        """Whole segments at the seam of two writes; True when it was not so already."""
        if self.sock.family == socket.AF_UNIX:
            return False
        with contextlib.suppress(AttributeError, OSError):
            if not self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CORK):
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
                return True
        return False

    def _uncork(self) -> None:
        if self.fd >= 0:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
