"""The receiving half of a connected socket: recv that waits, and reading.

Theory of operation.  `lock` guards everything and is never held while blocking.  A passive `recv` that finds no
packet in the buffer registers a `RecvOp` and makes the system call itself: without a timeout a plain blocking recv,
during which `reading` is True and nobody else reads; with one, a poll and a recv under the lock.  On an active socket
the owner's mailbox reads (or the driver does, while the owner is away).  Whoever reads feeds `inbound`; `_serve`
then gives a packet to whom it belongs by the state at that moment.

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
from gentcp.abc import Result, SocketHandle
from gentcp.errors import reason_of
from gentcp.process import Process, current_process

from .counters import Counters
from .inbound import NOTHING, FramingError, Inbound
from .operation import RecvOp
from .settings import CHUNK, Settings

DONTWAIT = socket.MSG_DONTWAIT

_BEFORE_HEADERS = ("http_request", "http_response")


class Receiving(SocketHandle):
    """recv, and what has been received; `Stream` adds the owner and active mode."""

    __slots__ = (
        "active", "ahead", "fd", "fresh", "in_head", "inbound", "lock", "queue_recv", "reading", "receiver", "rx",
        "settings", "sock", "tx",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, settings: Settings, *, listening: bool = False) -> None:
        super().__init__(listening=listening)
        self.sock: socket.socket = sock
        self.fd: int = sock.fileno()
        self.settings: Settings = settings
        self.active: bool | str | int = False
        self.ahead: bool = False
        """`inbound` may have more packets, read ahead; else it all belongs to one recv or packet."""
        self.fresh: int = 0
        """Bytes at the end of `inbound` that came with the read at hand, as long as no packet has been cut from it."""
        self.in_head: bool = False
        """The stream is between a start line of HTTP and the empty line behind the headers."""
        self.inbound: Inbound = Inbound()
        self.lock: threading.Lock = threading.Lock()
        self.queue_recv: deque[RecvOp] | None = None
        self.reading: bool = False
        self.receiver: RecvOp | None = None
        self.rx: Counters = Counters()
        self.tx: Counters = Counters()

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
    def _reap(self) -> None:
        """Close the descriptor if the socket has been closed and nobody is in a system call on it any more."""

    def _on_expired(self, length: int) -> None:
        """A recv of `length` bytes has timed out."""

    def _count_read(self, size: int) -> None:
        """`size` bytes came from the operating system."""

    def _count_packet(self, size: int) -> None:
        """A packet of `size` bytes was delivered."""

    def _count_whole(self, size: int) -> None:
        """Both at once."""
        self._count_read(size)
        self._count_packet(size)

    @abstractmethod
    def _tell_data(self, data: Any) -> None:
        """Send a packet to the owner as a message, and count down `active`."""

    def _tell_ahead(self) -> None:
        """The same with packets that are followed by others, if they can be cut at once."""

    @abstractmethod
    def _arm(self) -> None:
        """Have the descriptor watched for the owner, if it may be now."""

    # ---- passive

    def receive(self, length: int, timeout: float | None) -> Result:
        """`recv` with checked arguments; `timeout` in seconds."""
        with self.lock:
            refused = self._refuse_recv(length)
            if refused is not None:
                return refused
            if self.receiver is None and self.inbound.buf and (result := self._from_buffer(length)) is not None:
                return result
            op = RecvOp(current_process(), length)
            if self.receiver is not None:
                self._line_up(op)
                blocking = False
            else:
                self.receiver = op
                blocking = timeout is None and not self.reading
                if blocking:
                    self.reading = True
        return self._recv_blocking(op) if blocking else self._recv_waiting(op, timeout)

    def _from_buffer(self, length: int) -> Result:
        try:
            data = self._take(length)
        except FramingError:
            self._on_misframed()
            return ("error", "emsgsize")
        if data is NOTHING:
            return None
        settings = self.settings
        return ("ok", data if settings.as_bytes else settings.shape(data))

    def _recv_waiting(self, op: RecvOp, timeout: float | None) -> Result:
        process = op.process
        process.waits_in = self
        try:
            process.check()  # who was killed before that line has not been told to us
            self._wait_turn(op)
            return self._recv_polling(op, None if timeout is None else monotonic() + timeout)
        except BaseException:
            self._abort(op, blocking=False)
            raise
        finally:
            process.waits_in = None

    def _line_up(self, op: RecvOp) -> None:
        if self.queue_recv is None:
            self.queue_recv = deque()
        self.queue_recv.append(op)

    def _wait_turn(self, op: RecvOp) -> None:
        while op is not self.receiver and not op.done():
            op.process.park(None)

    def _recv_blocking(self, op: RecvOp, data: bytes | None = None, failure: str | None = None) -> Result:
        """Read until there is a packet; `data` or `failure` is what a first system call brought already."""
        process = op.process
        process.waits_in = self
        try:
            if data is None and failure is None:  # else what was read must be given to somebody first
                process.check()  # who was killed before that line has not been told to us
            again = True
            while again:  # also when it was answered meanwhile: `reading` has promised a system call
                if data is None and failure is None:
                    data, failure = self._call(op)
                with self.lock:
                    if data and self.receiver is op and not self.inbound.buf and self._finish_whole(op, data):
                        return op.result
                    again = self._after_call(op, data, failure)
                data = failure = None
            return self._recv_polling(op, None)
        except BaseException:
            self._abort(op, blocking=True)
            raise
        finally:
            process.waits_in = None

    def _call(self, op: RecvOp) -> tuple[bytes | None, str | None]:
        try:
            return self.sock.recv(self._recv_size(op.length)), None
        except BlockingIOError:
            op.process.check()  # the receive quantum is over
            return None, None
        except OSError as error:
            return None, reason_of(error)

    def _after_call(self, op: RecvOp, data: bytes | None, failure: str | None) -> bool:
        """Deal with what a blocking recv brought; True when the caller makes another one."""
        self.reading = False
        if data is not None or failure is not None:
            self._received(data, failure)
        if op.result is not None:
            self._left_call(op)
            return False
        if self.active is False:
            self.reading = True
            return True
        self._arm()
        return False

    def _finish_whole(self, op: RecvOp, data: bytes) -> bool:
        """The usual case: what came is just what is wanted, and nothing waits before or after it."""
        if self.active is not False:
            return False
        settings, size = self.settings, len(data)
        family = settings.family
        if family is None:
            if op.length and op.length != size:
                return False
        elif settings.parsed or family.length(data, 0, settings.limits) != size:
            return False
        self.reading = False
        self._count_whole(size)
        if family is not None:
            data = family.packet(data, 0, size)
        op.result = ("ok", data if settings.as_bytes else settings.shape(data))
        self.receiver = None
        if self.queue_recv:
            self._next_receiver()
        return True

    def _left_call(self, op: RecvOp) -> None:
        """The system call is over: what had to wait for that, happens now."""
        if self.active is not False:
            self._arm()
        if self.receiver is not None and self.receiver is not op:
            self.receiver.wake()
        self._reap()

    def _recv_polling(self, op: RecvOp, deadline: float | None) -> Result:
        while not op.done():
            fd = self.fd
            if self.reading or fd < 0 or not self._reads_for_recv():
                expired = not op.process.park(deadline)
            else:
                expired = not op.process.wait_fd(fd, READ, deadline)
            with self.lock:
                if not op.done() and not self.reading and self._reads_for_recv():
                    self._read(op)
                if expired and not op.done() and (deadline is not None and monotonic() >= deadline):
                    self._on_expired(op.length)
                    self._finish(op, ("error", "timeout"))
        op.process.check()
        return op.result

    def _reads_for_recv(self) -> bool:
        """Whether a waiting recv reads, or the mailbox, the socket having become active meanwhile."""
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
            if blocking:
                self.reading = False
            if op.process.spare is op:
                op.process.spare = None
            self._drop(op)
            self._left_call(op)

    def _drop(self, op: RecvOp) -> None:
        if self.queue_recv and op in self.queue_recv:
            self.queue_recv.remove(op)
        self._finish(op, op.result or ("error", "aborted"))

    def waiter_down(self, process: Process) -> None:
        """A killed receiver gives up its place at once, also while its thread is still in a system call."""
        with self.lock:
            for op in (self.receiver, *(self.queue_recv or ())):
                if op is not None and op.process is process:
                    self._drop(op)

    def _finish(self, op: RecvOp, result: Result) -> None:
        op.result = result
        if self.receiver is op:
            self.receiver = None
            self._next_receiver()

    def _next_receiver(self) -> None:
        if self.queue_recv:
            following = self.receiver = self.queue_recv.popleft()
            self._serve()
            following.wake()

    def complete_receivers(self, result: Result, others: Result = None) -> None:
        """Answer every recv that waits; `others` is for those that were still lined up."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.complete(result)
        queued, self.queue_recv = self.queue_recv, None
        for op in queued or ():
            op.complete(others or result)

    # ---- reading; with the lock held

    def _read(self, op: RecvOp) -> None:
        try:
            data = self.sock.recv(self._recv_size(op.length), DONTWAIT)
        except BlockingIOError:
            return
        except OSError as error:
            self._received(None, reason_of(error))
            return
        if not (data and self.receiver is op and not self.inbound.buf and self._finish_whole(op, data)):
            self._received(data, None)

    def _received(self, data: bytes | None, failure: str | None) -> None:
        if failure is not None:
            self._on_broken(failure)
        elif data:
            self._count_read(len(data))
            self.inbound.feed(data)
            self.fresh = len(data)
            self._serve()
            self.fresh = 0
        else:
            self._on_fin()

    def _serve(self) -> None:
        """Give packets to the receiver, or to the owner as messages, as long as somebody may have one."""
        try:
            self._serve_all()
        except FramingError:
            self._on_misframed()

    def _serve_all(self) -> None:
        while True:
            op = self.receiver
            if op is not None and self._reads_for_recv():
                data = self._take(op.length)
                if data is NOTHING:
                    return
                self.receiver = None
                op.result = ("ok", self.settings.shape(data))
                if op.process is not current_process():
                    op.wake()
                if self.queue_recv:
                    self.receiver = self.queue_recv.popleft()
                    self.receiver.wake()
            elif self.active is not False:
                if self.inbound.buf:
                    self._tell_ahead()
                data = self._take(0)
                if data is NOTHING:
                    self._arm()
                    return
                self._tell_data(data)
            else:
                return

    def _take(self, length: int) -> Any:
        settings, inbound = self.settings, self.inbound
        family = settings.family
        if family is None:
            most = settings.raw_chunk if self.ahead else len(inbound)
            data = inbound.take_bytes(length) if length else inbound.take_available(most)
            self.ahead = self.ahead and bool(inbound)
        else:
            data = self._take_parsed(settings) if settings.parsed else inbound.take(family, settings.limits)
            self.ahead = data is not NOTHING
        if data is not NOTHING:
            self.fresh = 0
            self._count_packet(inbound.taken)
        return data

    def _take_parsed(self, settings: Settings) -> Any:
        """A packet that is a term.  One of HTTP decides what comes next, as does looking for headers alone."""
        family, head = settings.family, settings.http_family
        assert family is not None
        if head is not None:
            self.in_head = self.in_head or (head is family and bool(self.inbound))
            family = head if self.in_head else family
        packet = self.inbound.take(family, settings.limits)
        if packet == "http_eoh":
            self.in_head = False
        elif packet is not NOTHING and packet[0] in _BEFORE_HEADERS:
            self.in_head = True
        elif packet is not NOTHING and packet[0] == "ssl_tls":
            return (*packet[:1], self.term, *packet[2:])
        return packet
