"""The sending half of a port: write what the system takes, queue the rest, block the sender when the queue is full.

A send on an empty queue never blocks.  On a non-empty one the data is queued first, and the sender blocks if the
queue is then at or over the high watermark, until it is at or under the low one.  That sender waits inside the
port; others that come meanwhile are suspended in front of it (Erlang: `port_command` on a busy port), and
their send_timeout starts when they get in.

The sender that waits flushes the queue itself, so that nothing has to change threads; otherwise the driver's thread
does.  Whoever leaves with something still queued gives it back to the driver.
"""

from __future__ import annotations

import contextlib
import socket
from time import monotonic

from gentcp.abc import Result, Term
from gentcp.engine import DONTWAIT, TOO_LONG, WRITE, driver
from gentcp.errors import reason_of
from gentcp.process import Process, current_process
from gentcp.system_monitor import busy_port
from gentcp.terms import NotIodata, iodata_to_bytes

from ._base import PortBase, SendOp
from ._states import CLOSED, CONNECTED

_FLAGS = DONTWAIT | socket.MSG_NOSIGNAL
_WRITES_A_TURN = 8


class Sender(SendOp):
    """One that waits in its own thread."""

    __slots__ = ("flushes",)

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.flushes = False
        """It polls the descriptor, and the driver does not."""

    def complete(self, result: Result) -> None:
        self.result = result
        if self.process is not current_process():
            self.process.wake()


class SendingPort(PortBase):
    """Adds send and the flushing of the queue."""

    __slots__ = ()

    def send(self, data: Term) -> Result:
        if type(data) is not bytes:
            return self._send_iodata(data)
        lock = self.lock
        lock.acquire()  # by hand, as in `engine.quick`
        try:
            settings = self.settings
            if (
                self.queue.size
                or self.state is not CONNECTED
                or self.busy
                or not self.direct
                or settings.delay_send
                or not data
            ):
                return self._send_slowly(data)
            pack = settings.pack
            try:
                frame = data if pack is None else pack(len(data)) + data
            except TOO_LONG:
                frame = settings.framed(data)
            size = len(frame)
            tx = self.tx
            if tx.size == size:
                tx.run += 1
            else:
                tx.other(size)
            try:
                written = self.sock.send(frame, _FLAGS)
            except BlockingIOError:
                written = 0
            except OSError as error:
                return self.unsendable(reason_of(error))
            if written < size:
                self._enqueue(frame, written)
            return "ok"
        finally:
            lock.release()

    def _send_iodata(self, data: Term) -> Result:
        if self.state is CLOSED:
            return ("error", "closed")
        try:
            return self.send(iodata_to_bytes([data] if type(data) is int else data))  # port_command takes a lone byte
        except NotIodata:
            return ("error", "einval")

    def _write(self, frame: bytes) -> Result:
        size = len(frame)
        self.tx.add(size)
        if not size:
            return "ok"
        try:
            written = self.sock.send(frame, _FLAGS)
        except BlockingIOError:
            written = 0
        except OSError as error:
            return self.unsendable(reason_of(error))
        if written < size:
            self._enqueue(frame, written)
        return "ok"

    def _enqueue(self, data: bytes, start: int = 0) -> None:
        flushing = bool(self.queue) or self.transfer is not None
        self.queue.put(data, start)
        if not flushing:
            driver().flush_later(self.fd, self)

    def _send_slowly(self, data: bytes) -> Result:
        suspended = self.busy
        if suspended:
            self._wait_until_idle(current_process())
        if suspended and self.state is CLOSED:
            return ("error", "einval")
        return self.send_now(data)

    def send_now(self, data: bytes) -> Result:
        """Send although the port may be busy.  With the lock held, which is given up while waiting."""
        result = self.submit(data)
        return self._block(Sender(current_process()), self.settings.send_timeout) if result is None else result

    def submit(self, data: bytes) -> Result:
        """Write or queue `data` as a packet; None when its sender has to wait until there is room."""
        if self.state is not CONNECTED:
            return self._answer_send()
        if self.shut_pending is not None:
            return self.unsendable("epipe", postponed=True)
        settings = self.settings
        frame = settings.framed(data)
        empty = not self.queue and self.transfer is None
        if empty and not settings.delay_send:
            return self._write(frame)
        self.tx.add(len(frame))
        self._enqueue(frame)
        if empty or self.queue.size < self.own_settings.high:
            return "ok"
        return ("error", "timeout") if settings.send_timeout == 0 else None

    def _wait_until_idle(self, process: Process) -> None:
        """Suspended in front of a busy port.  A close that waits for the queue waits for us too."""
        self.suspended += 1
        told = 0
        try:
            while self.state is CONNECTED and self.busy:
                if told != self.spell:
                    told = self.spell
                    busy_port(process, self.term)
                self.wait_for_waking(process, None)
        finally:
            self.suspended -= 1
            if not self.suspended and not self.queue:
                self.wake_waiters()

    def _block(self, op: Sender, timeout: float | None) -> Result:
        self.block(op)
        deadline = None if timeout is None else monotonic() + timeout
        try:
            while op.result is None:
                if not self._wait_for_room(op, deadline):
                    return self.overdue(op)
        finally:
            self.unblock(op)  # killed: what it queued stays queued, and the port stays busy
            self._give_back(op)
        return op.result

    def _wait_for_room(self, op: Sender, deadline: float | None) -> bool:
        """False when time is up and there was none."""
        if not op.flushes and self.transfer is None and self.flusher() is None:
            op.flushes = True
            driver().flush_elsewhere(self.fd, self)
        fd = self.fd if op.flushes else -1
        self.lock.release()
        try:
            ready = op.process.park(deadline) if fd < 0 else op.process.wait_fd(fd, WRITE, deadline)
        finally:
            self.lock.acquire()
        if ready and op.flushes and op.result is None:
            self._flush()
        return op.result is not None or deadline is None or monotonic() < deadline

    def flusher(self) -> Sender | None:
        """The sender that flushes the queue, if one does."""
        op = self.blocked
        while op is not None and not (isinstance(op, Sender) and op.flushes):
            op = op.before
        return op

    def _give_back(self, op: Sender) -> None:
        """`op` goes: what it has left in the queue is the driver's."""
        if op.flushes:
            op.flushes = False
            if self.queue and self.transfer is None:
                driver().flush_later(self.fd, self)

    def overdue(self, op: SendOp) -> Result:
        """send_timeout is over.  The data stays queued; the port stops being busy, or nobody could time out again."""
        self.unblock(op)
        self.busy = False
        if self.settings["send_timeout_close"] is True:
            self.transit("overdue")
        self.wake_waiters()
        return ("error", "timeout")

    def _answer_send(self) -> Result:
        reason, self.owes_send = self.owes_send, ""
        if reason and self.owes_recv:
            reason = self.owes_recv  # econnreset stays owed to recv
        return ("error", reason or self.state.answers["send"])

    def unsendable(self, reason: str, *, postponed: bool = False, background: bool = False) -> Result:
        """Writing failed: the connection is over.  Only a reset is ever called by another name than closed."""
        reset = reason == "econnreset" or (reason == "epipe" and not postponed and not self.write_shut)
        shown = "econnreset" if reset and self.settings["show_econnreset"] is True else "closed"
        owes = background and self.blocked is None and self.active is False
        self.transit("unsendable", shown)
        if owes:
            self.owes_send = "closed"
        return ("error", shown)

    # ---- the driver's side

    def on_writable(self) -> None:
        """The descriptor takes data again."""
        with self.lock:
            if self.fd >= 0 and self.transfer is None:
                self._flush()

    def _flush(self) -> None:
        """Write as much as the system takes, but not for long."""
        queue = self.queue
        for _ in range(_WRITES_A_TURN):
            if not queue:
                break
            if not self._flush_some():
                return
        if not queue:
            self.flushed()

    def _flush_some(self) -> bool:
        """False when the system does not take any more."""
        parts = self.queue.front()
        try:
            written = self.sock.sendmsg(parts, (), _FLAGS)
        except BlockingIOError:
            return False
        except OSError as error:
            if self.state is CONNECTED:
                self.unsendable(reason_of(error), background=True)
            else:
                self.queue.clear()
                self.unplug()
            return False
        self.queue.drop(written)
        self.relieve()
        return written == sum(map(len, parts))

    def relieve(self) -> None:
        """Let senders go on if the queue is down to the low watermark."""
        if (self.busy or self.blocked is not None) and self.queue.size <= self.own_settings.low:
            self.busy = False
            self.complete_senders("ok")
            self.wake_waiters()

    def flushed(self) -> None:
        """Everything is written: what was to happen behind it happens now."""
        if self.fd >= 0:
            driver().stop_flushing(self.fd)
        if self.shut_pending is not None:
            how, self.shut_pending, self.direct = self.shut_pending, None, True
            try:
                self.sock.shutdown(how)
                self.write_shut = True
            except OSError as error:
                if self.state is CONNECTED:
                    self.unsendable(reason_of(error), postponed=True, background=True)
        self.wake_waiters()
        if self.state is CLOSED:
            self.unplug()

    def pending(self) -> int:
        """Bytes that wait to be written (`send_pend`)."""
        return self.queue.size

    # ---- shutdown

    def shut(self, how: int) -> Result:
        """With the lock held; the writing side waits behind the queue."""
        if self.queue and how != socket.SHUT_RD:
            self.shut_pending, self.direct = how, False
            return "ok"
        try:
            self.sock.shutdown(how)
        except OSError as error:
            self.write_shut = self.write_shut or how != socket.SHUT_RD
            return ("error", reason_of(error))
        return "ok"

    def drop_queue(self) -> None:
        """`{linger, {true, 0}}`: close with a reset."""
        self.queue.clear()
        with contextlib.suppress(OSError):
            driver().stop_flushing(self.fd)
