"""The receiving half of a connected socket, and its owner: what the two backends do alike.

Theory of operation.  `lock` guards everything and is never held while blocking.  A passive `recv` that finds no
packet in the buffer registers a `RecvOp` and makes the system call itself: without a timeout a plain blocking recv, during
which `reading` is True and nobody else reads; with one, a poll and a recv under the lock.  On an active socket
the owner's mailbox calls `on_ready` (or the driver does, while the owner is away).  Whoever reads feeds `inbound`;
`_serve` then gives a packet to whom it belongs by the state at that moment.

What an end of file or an error means is the backend's business: it implements `_on_fin`, `_on_broken`,
`_on_misframed` and `_refuse_recv`, all called with the lock held.
"""

from __future__ import annotations

import socket
import threading
from abc import abstractmethod
from collections import deque
from time import monotonic
from typing import Any

from gentcp._platform import READ
from gentcp.abc import Result, SocketHandle, Term
from gentcp.errors import reason_of
from gentcp.process import Process, Ref, current_process

from .counters import Counters
from .driver import driver
from .inbound import NOTHING, FramingError, Inbound
from .settings import Settings

CHUNK = 65536
"""Bytes asked for at a time.  glibc maps and unmaps memory for every recv of 128 KiB or more."""

DONTWAIT = socket.MSG_DONTWAIT


class RecvOp:
    """A recv that waits.  `result` is set by whoever completes it."""

    __slots__ = ("length", "process", "result")

    def __init__(self, process: Process, length: int) -> None:
        self.process = process
        self.length = length
        self.result: Result = None

    def complete(self, result: Result) -> None:
        self.result = result
        self.process.wake()


class Stream(SocketHandle):
    """Base of the handles of both backends; a listener uses it for its owner and settings alone."""

    __slots__ = (
        "active", "armed", "fd", "inbound", "lock", "monitors", "owner", "queue_recv", "reading", "receiver",
        "rx", "settings", "sock", "tx",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, owner: Process, settings: Settings, *, listening: bool = False) -> None:
        super().__init__(listening=listening)
        self.sock = sock
        self.fd = sock.fileno()
        self.owner = owner
        self.settings = settings
        self.active: bool | str | int = False
        self.armed = False
        self.inbound = Inbound()
        self.lock = threading.Lock()
        self.monitors: dict[Ref, Process] | None = None
        self.queue_recv: deque[RecvOp] | None = None
        self.reading = False
        self.receiver: RecvOp | None = None
        self.rx = Counters()
        self.tx = Counters()

    # ---- what the backend decides; all with the lock held

    @abstractmethod
    def _refuse_recv(self, length: int) -> Result:
        """None when recv may go ahead, or what it returns at once."""

    @abstractmethod
    def _on_fin(self) -> None:
        """The peer has closed its side and everything it sent has been read."""

    @abstractmethod
    def _on_broken(self, reason: str) -> None:
        """Reading failed with the error `reason`."""

    @abstractmethod
    def _on_misframed(self) -> None:
        """The buffer starts with something that is no packet."""

    @abstractmethod
    def owner_down(self, reason: Term) -> None:
        """The owner has ended: close without blocking.  Called without the lock."""

    @abstractmethod
    def _reap(self) -> None:
        """Close the descriptor if the socket has been closed and nobody is in a system call on it any more."""

    def _count_read(self, size: int) -> None:
        """`size` bytes came from the operating system."""

    def _count_packet(self, size: int) -> None:
        """A packet of `size` bytes was delivered."""

    # ---- passive

    def receive(self, length: int, timeout: float | None) -> Result:
        """`recv` with checked arguments; `timeout` in seconds."""
        with self.lock:
            refused = self._refuse_recv(length)
            if refused is not None:
                return refused
            if self.receiver is None:
                if self.inbound:
                    data = self._take(length)
                    if data is not NOTHING:
                        return ("ok", self.settings.shape(data))
                    if self.receiver is None and (refused := self._refuse_recv(length)) is not None:
                        return refused
                op = self.receiver = RecvOp(current_process(), length)
                blocking = timeout is None and not self.reading
                if blocking:
                    self.reading = True
            else:
                op = self._line_up(length)
                blocking = False
        try:
            if op is not self.receiver:
                self._wait_turn(op)
            if blocking:
                return self._recv_blocking(op)
            return self._recv_polling(op, None if timeout is None else monotonic() + timeout)
        except BaseException:
            self._abort(op, blocking)
            raise

    def _line_up(self, length: int) -> RecvOp:
        if self.queue_recv is None:
            self.queue_recv = deque()
        op = RecvOp(current_process(), length)
        self.queue_recv.append(op)
        return op

    def _wait_turn(self, op: RecvOp) -> None:
        while op is not self.receiver and op.result is None:
            op.process.park(None)

    def _recv_blocking(self, op: RecvOp) -> Result:
        recv = self.sock.recv
        while True:
            failure, data = None, None
            try:
                data = recv(self._recv_size(op.length))
            except BlockingIOError:
                op.process.check()  # the receive quantum is over
            except OSError as error:
                failure = reason_of(error)
            with self.lock:
                self.reading = False
                if data is not None or failure is not None:
                    self._received(data, failure)
                if op.result is not None:
                    return self._left_call(op)
                if self.active is False:
                    self.reading = True
                    continue
                self._arm()
            return self._recv_polling(op, None)

    def _left_call(self, op: RecvOp) -> Result:
        """The system call is over: what had to wait for that, happens now."""
        if self.active is not False:
            self._arm()
        if self.receiver is not None:
            self.receiver.process.wake()
        self._reap()
        return op.result

    def _recv_polling(self, op: RecvOp, deadline: float | None) -> Result:
        while op.result is None:
            fd = self.fd
            if self.reading or fd < 0 or not self._reads_for_recv():
                expired = not op.process.park(deadline)
            else:
                expired = not op.process.wait_fd(fd, READ, deadline)
            with self.lock:
                if op.result is None and not self.reading and self._reads_for_recv():
                    self._read(self._recv_size(op.length))
                if expired and op.result is None and (deadline is not None and monotonic() >= deadline):
                    self._finish(op, ("error", "timeout"))
        return op.result

    def _reads_for_recv(self) -> bool:
        """Does a waiting recv read, or does the mailbox, the socket having become active meanwhile?"""
        return self.active is False

    def _recv_size(self, length: int) -> int:
        settings = self.settings
        if settings.family is not None:
            return CHUNK
        if length:
            return min(max(length - len(self.inbound), 1), CHUNK)
        return settings.raw_chunk

    def _abort(self, op: RecvOp, blocking: bool) -> None:
        """The receiver was interrupted (killed, or Ctrl-C): the next one takes over, nothing is lost."""
        with self.lock:
            if self.queue_recv and op in self.queue_recv:
                self.queue_recv.remove(op)
            if blocking:
                self.reading = False
            self._finish(op, op.result or ("error", "aborted"))
            self._left_call(op)

    def _finish(self, op: RecvOp, result: Result) -> None:
        op.result = result
        if self.receiver is op:
            self.receiver = None
            self._next_receiver()

    def _next_receiver(self) -> None:
        if self.queue_recv:
            self.receiver = self.queue_recv.popleft()
            self._serve()
            if self.receiver is not None:
                self.receiver.process.wake()

    def complete_receivers(self, result: Result, others: Result = None) -> None:
        """Answer every recv that waits; `others` is for those that were still lined up."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.complete(result)
        queued, self.queue_recv = self.queue_recv, None
        for op in queued or ():
            op.complete(others or result)

    # ---- reading; with the lock held

    def _read(self, size: int) -> None:
        try:
            data = self.sock.recv(size, DONTWAIT)
        except BlockingIOError:
            return
        except OSError as error:
            self._received(None, reason_of(error))
        else:
            self._received(data, None)

    def _received(self, data: bytes | None, failure: str | None) -> None:
        if failure is not None:
            self._on_broken(failure)
        elif data:
            self._count_read(len(data))
            self.inbound.feed(data)
            self._serve()
        else:
            self._on_fin()

    def _serve(self) -> None:
        """Give packets to the receiver, or to the owner as messages, as long as somebody may have one."""
        while True:
            op = self.receiver
            if op is not None and self._reads_for_recv():
                data = self._take(op.length)
                if data is NOTHING:
                    return
                self.receiver = None
                op.result = ("ok", self.settings.shape(data))
                if op.process is not current_process():
                    op.process.wake()
                if self.queue_recv:
                    self.receiver = self.queue_recv.popleft()
                    self.receiver.process.wake()
            elif self.active is not False:
                data = self._take(0)
                if data is NOTHING:
                    self._arm()
                    return
                self._tell_data(data)
            else:
                return

    def _take(self, length: int) -> Any:
        settings, inbound = self.settings, self.inbound
        before = len(inbound)
        if settings.family is None:
            data = inbound.take_bytes(length) if length else inbound.take_available(settings.raw_chunk)
        else:
            try:
                data = inbound.take(settings.family, settings.limits)
            except FramingError:
                self._on_misframed()
                return NOTHING
        if data is not NOTHING:
            self._count_packet(before - len(inbound))
        return data

    # ---- active

    def on_ready(self, events: int) -> None:
        """The owner's mailbox (or the driver) found the descriptor readable."""
        with self.lock:
            if self.active is False or self.reading or not self.armed or not self._mailbox_reads():
                self._disarm()
                return
            self._read(self.settings.raw_chunk if self.settings.family is None else CHUNK)

    def _mailbox_reads(self) -> bool:
        """May the mailbox read now?  Not while a receiver that has precedence waits."""
        return True

    def _tell_data(self, data: Any) -> None:
        settings = self.settings
        term = self._pin or self.term
        shaped = settings.shape(data)
        self.owner.post((term, ("data", shaped)) if settings.wrapped else (settings.tag, term, shaped))
        active = self.active
        if active is True:
            return
        if active == "once":
            self.active = False
        elif active == 1:
            self.active = False
            self.owner.post(("tcp_passive", term))
        else:
            self.active = active - 1  # type: ignore[operator]

    def tell(self, *message: Term) -> None:
        """Post `(tag, socket, *more)` to the owner."""
        self.owner.post((message[0], self.term, *message[1:]))

    def start_active(self) -> None:
        """`active` has been set to something else than False: deliver what is buffered, then watch the descriptor."""
        if self._pin is None:
            self.pin()
        if self.inbound:
            self._serve()
        if self.active is not False:
            self._arm()

    def _arm(self) -> None:
        if not self.armed and not self.reading and self._mailbox_reads() and self.fd >= 0:
            self.armed = True
            self.owner.watch(self.fd, self)
            driver().serve(self.owner)

    def _disarm(self) -> None:
        if self.armed:
            self.armed = False
            self.owner.unwatch(self.fd)

    def next_active(self, value: Any) -> bool:
        """Set `active` as OTP counts it; False when a number is out of range.  Sends `tcp_passive` at 0."""
        if isinstance(value, bool) or value == "once":
            self.active = value
            return True
        count = value + (self.active if type(self.active) is int else 0)
        if count > 32767:
            return False
        if count <= 0:
            self.active = False
            self.tell("tcp_passive")
        else:
            self.active = count
        return True

    # ---- the owner

    def hand_over(self, new: Process) -> None:
        """Make `new` the owner: the queued messages move first, in order, then the socket.  Lock held."""
        old, term = self.owner, self.term
        for message in old.take(lambda m: _moves(m, term)):
            new.post(message)
        armed = self.armed
        self._disarm()
        old.disown(self)
        self.owner = new
        if armed:
            self._arm()

    def add_monitor(self, ref: Ref, watcher: Process) -> None:
        if self.monitors is None:
            self.monitors = {}
        self.monitors[ref] = watcher

    def cancel_monitor(self, ref: Ref) -> bool:
        with self.lock:
            return self.monitors is not None and self.monitors.pop(ref, None) is not None


def _moves(message: Any, term: object) -> bool:
    """Is it one of the messages that `controlling_process` takes along?  tcp_passive, tcp_error and http stay."""
    if not isinstance(message, tuple) or len(message) < 2:
        return False
    if message[0] is term:
        return isinstance(message[1], tuple) and message[1][:1] == ("data",)
    return message[1] is term and (
        (message[0] == "tcp" and len(message) == 3)
        or (message[0] == "tcp_closed" and len(message) == 2)
        or message[0] in ("inet_async", "inet_reply")
    )
