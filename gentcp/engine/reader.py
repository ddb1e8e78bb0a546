"""The receiving half of a connected socket: recv, and who may have what has been received.

Theory of operation.  `lock` guards everything and is never held while blocking.  A passive `recv` that finds no packet
in the buffer registers a `RecvOp` and makes the system call itself: without a timeout a plain blocking recv, during
which it is `reading`, and nobody else reads; with one, a poll and a recv under the lock.  On an active socket the
owner's mailbox reads (or its host does, while the owner is away).  Whoever reads feeds `inbound`; `serve` then gives a
packet to whom it belongs by the state at that moment.

Most calls need little of that: nobody else is in recv, and what arrives is one packet.  `recv` goes that way first, and
takes locks by hand, since at a few microseconds a message each `with` counts (62 ns instead of 147, CPython 3.11).

What an end of file or an error means is the backend's business; it says so in the methods called rules.
"""

from __future__ import annotations

import socket
import threading
from abc import abstractmethod
from collections import deque
from time import monotonic
from typing import Any, Final

from gentcp._platform import READ
from gentcp.abc import CutAhead, Result, SocketHandle, Term, Time
from gentcp.errors import reason_of
from gentcp.mailbox import READY
from gentcp.process import Process, current_process, local

from .batch import cut_ahead, cut_read
from .blocking import interrupted, keep_returning, receive, recv_blocking
from .counters import Counters
from .inbound import NOTHING, FramingError, Inbound
from .lingering import Later, Lingering
from .locks import new_lock
from .operation import Operation
from .receivers import RecvOp, Returned, line_up_receiver, next_receiver, promote
from .settings import CHUNK, Settings
from .waiting import wait

DONTWAIT = socket.MSG_DONTWAIT
_ANY_LENGTH = 0
_INFINITY: Final = "infinity"
_LONGEST = 1 << 31


class Reader(SocketHandle):
    """recv, and what has been received; `Endpoint` adds the owner and active mode."""

    __slots__ = (
        "active", "ahead", "fd", "flows", "fresh", "inbound", "lock", "owner", "queue_recv", "reading",
        "receiver", "returned", "returns", "room", "rx", "settings", "sock", "tx",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, owner: Process, settings: Settings, *, listening: bool = False) -> None:
        super().__init__(listening=listening)
        self.sock: socket.socket = sock
        self.owner: Process = owner
        self.fd: int = sock.fileno()
        self.settings: Settings = settings
        self.active: bool | str | int = False
        self.ahead: bool = False
        """`inbound` may have more packets, read ahead; else it all belongs to one recv or packet."""
        self.flows: bool = False
        """Data may be delivered, by recv too."""
        self.fresh: int = 0
        """Bytes at the end of `inbound` that came with the read at hand, as long as no packet has been cut from it."""
        self.inbound: Inbound = Inbound()
        self.lock: threading.RLock = new_lock()
        self.queue_recv: deque[RecvOp] | None = None
        self.reading: RecvOp | None = None
        """Who is in a blocking recv(2): nobody else reads meanwhile."""
        self.receiver: RecvOp | None = None
        self.returned: Returned | None = None
        self.returns: bool = False
        """A recv that blocks comes back each QUANTUM."""
        self.room: int = 0
        """What the buffer at hand can hold, where that shows, until it has been emptied; 0: it does not."""
        self.rx: Counters = Counters()
        self.tx: Counters = Counters()

    def begin_anew(self) -> None:
        """In the child of a fork: nobody waits, and nothing is buffered."""
        self.lock = new_lock()  # another thread may have held the old one, and been in the middle of something
        Inbound.__init__(self.inbound)
        self.reading = self.receiver = self.queue_recv = self.returned = None
        self.active = self.returns = False

    # ---- rules: what the backend decides; all with the lock held

    @abstractmethod
    def refuse_recv(self, length: int) -> Result:
        """None when recv may go ahead, or what it returns at once."""

    def refuse_turn(self, length: int) -> Result:
        """As `refuse_recv`, for one that was lined up and would be the receiver now."""
        return None

    def refuse_line(self) -> None:
        """Something has come on an active socket: what those hear who are lined up behind the receiver."""

    @abstractmethod
    def on_fin(self) -> None:
        """The peer has closed its side and everything it sent has been read."""

    @abstractmethod
    def on_broken(self, reason: str) -> None:
        """Reading failed with the error `reason`."""

    @abstractmethod
    def on_misframed(self) -> None:
        """The buffer starts with something that is no packet."""

    def on_expired(self, length: int, *, at_once: bool) -> None:
        """A recv of `length` bytes has timed out; `at_once`: its timeout was 0."""

    def on_lent(self) -> None:
        """Somebody else than the owner is about to read, for the first time."""

    def recv_size(self, length: int) -> int:
        """How much to ask the system for."""
        settings = self.settings
        if settings.family is not None:
            return CHUNK
        if length:
            return min(max(length - len(self.inbound), 1), CHUNK)
        return settings.raw_chunk

    def recv_has_precedence(self) -> bool:
        """Whether a recv that waits reads, or the mailbox, the socket having become active meanwhile."""
        return self.active is False

    @abstractmethod
    def recv_arguments(self, length: Term, timeout: Time) -> tuple[int, float | None] | Result:
        """The length, and the timeout in seconds, of a recv with any arguments; or what it returns at once."""

    # ---- what `Endpoint` does

    lingering: Lingering | None

    @abstractmethod
    def later(self, process: Process, answer: Result) -> Later | None:
        """A call of `process` that waits for a close(2) that lingers, if one does."""

    @abstractmethod
    def serve_owner(self) -> bool:
        """Tell the owner a packet, or several; False if there is none."""

    @abstractmethod
    def arm(self) -> None:
        """Have the descriptor watched for the owner, if it may be now."""

    armed: bool
    """The mailbox of the owner watches the descriptor, and may find that there is nothing to watch it for."""

    @abstractmethod
    def disarm(self) -> None:
        """Undo `arm`."""

    @abstractmethod
    def reap(self) -> None:
        """Close the descriptor if the socket has been closed and nobody is in a system call on it any more."""

    # ---- recv

    def recv(self, length: Term, timeout: Time) -> Result:  # noqa: PLR0915  in one piece: a call more costs
        """See `SocketHandle.recv`."""
        # By identity: what is equal but not the same goes the long way, and is looked at there.
        if length is not _ANY_LENGTH or (
            timeout is not _INFINITY and not (type(timeout) is int and 0 <= timeout < _LONGEST)
        ):
            return self._recv_unusual(length, timeout)
        inbound = self.inbound
        if inbound.ready:
            try:
                return ("ok", inbound.ready.pop())
            except IndexError:
                pass  # another thread has it
        try:
            process: Process = local.process
        except AttributeError:
            process = current_process()
        op: Any = None
        lock = self.lock
        try:
            try:
                lock.acquire()  # by hand, as engine.locks has it
                if self.active is False and self.flows:
                    if inbound.buf:
                        settings = self.settings
                        counters = self.rx if settings.counts_packets else None
                        packet = None if self.room else cut_ahead(inbound, settings, counters)
                        if packet is not None:
                            self.ahead = True
                            return ("ok", packet)
                    if not (inbound.buf or self.reading or self.room) and self.receiver is None:
                        op = process.spare  # that of its last recv again, as long as that is over
                        if op is None:
                            op = RecvOp(process, self, 0, None)
                        else:
                            process.spare = None
                            op.reader = self
                            op.overtaken = False
                        self.receiver = op
                        if timeout is _INFINITY:
                            self.reading = op
                        if process is not self.owner and not self.returns:
                            keep_returning(self)
            finally:
                try:
                    lock.release()
                except RuntimeError:
                    pass
            if op is None:
                return self._recv_unusual(length, timeout)
            process.waits_in = op
            if process._ended:
                process.check()  # killed before `waits_in` was set: exit() could not wake this recv
            if timeout is not _INFINITY:
                return self._recv_timed(op, timeout)
            data = failure = None
            settings = self.settings
            try:
                data = self.sock.recv(settings.read_size)
            except BlockingIOError:
                pass  # the receive quantum is over
            except OSError as error:
                failure = reason_of(error)
            take = settings.take
            if data and take is not None:
                try:
                    lock.acquire()
                    if self.receiver is op and self.active is False and self.settings is settings and not inbound.buf:
                        packet = take(data, self.rx)
                        if packet is None:
                            packet = self.first_of(data)
                        if packet is not None:
                            self.reading = self.receiver = None
                            process.spare = op
                            if self.queue_recv:
                                next_receiver(self)
                            return ("ok", packet)
                finally:
                    try:
                        lock.release()
                    except RuntimeError:
                        pass
            return recv_blocking(self, op, data, failure)
        except BaseException:
            if op is not None:
                interrupted(self, op)
            raise
        finally:
            process.waits_in = None

    def _recv_timed(self, op: RecvOp, timeout: Time) -> Result:
        """The first poll of a recv with a timeout, and what follows if data comes in time; usually that is all."""
        process, lock = op.process, self.lock
        op.timeout = seconds = timeout / 1000
        op.deadline = deadline = monotonic() + seconds
        fd = self.fd  # gone, if somebody has closed the socket since the lock was ours
        if fd >= 0 and process.wait_fd(fd, READ, deadline) == READY:
            try:
                lock.acquire()
                if self.receiver is op and not self.reading and self.active is False:
                    packet = self.read_packet(op)
                    if packet is not None:
                        op.deadline = None
                        process.spare = op
                        return ("ok", packet)
            finally:
                try:
                    lock.release()
                except RuntimeError:
                    pass
        return wait(op)

    def _recv_unusual(self, length: Term, timeout: Time) -> Result:
        checked: Any = self.recv_arguments(length, timeout)
        return checked if checked[0] == "error" else receive(self, *checked)

    def begin_recv(self, process: Process, length: Term, timeout: Time) -> Result | Operation:
        """What recv returns at once, or else a receiver in its place."""
        checked: Any = self.recv_arguments(length, timeout)
        if checked[0] == "error":
            return checked
        with self.lock:
            found = line_up_receiver(self, process, *checked)
            if isinstance(found, RecvOp):
                found.patient = True
            return found

    def from_buffer(self, length: int) -> Result:
        """What recv returns of what is buffered; None: nothing yet.  With the lock held, as in all that follows."""
        try:
            data = self.take(length)
        except FramingError:
            self.on_misframed()
            return ("error", "emsgsize")
        return None if data is NOTHING else ("ok", self.settings.shape(data))

    def cut_ahead(self) -> CutAhead:
        """See `SocketHandle.cut_ahead`."""
        return self.inbound

    def first_of(self, data: bytes) -> bytes | None:
        """The first of the packets that were read, the others being ready; None, and nothing done, if it is none."""
        settings = self.settings
        packet = cut_read(data, self.inbound, settings, self.rx if settings.counts_packets else None)
        if packet is not None:
            self.ahead = True
            if not settings.counts_packets:
                self.rx.add(len(data))
        return packet

    # ---- receivers

    def reads_for(self, op: RecvOp) -> bool:
        """Whether it is up to `op` to read now."""
        return self.receiver is op and not self.reading and self.recv_has_precedence()

    # ---- reading

    def read_for(self, op: RecvOp) -> None:
        """Read once, without blocking."""
        packet = self.read_packet(op)
        if packet is not None:
            op.result = ("ok", packet)

    def read_packet(self, op: RecvOp) -> Any:
        """Read once: what came, if it is just the packet that `op` wants; else it has been dealt with, and is None."""
        settings = self.settings
        try:
            shows = op.length or self.room or settings.small_reads or self.inbound.buf
            data = self.sock.recv(self.recv_size(op.length) if shows else settings.read_size, DONTWAIT)
        except BlockingIOError:
            return None
        except OSError as error:
            self.received(None, reason_of(error))
            return None
        take = settings.take
        if take is not None and self.active is False and not (op.length or self.inbound.buf or self.room):
            packet = take(data, self.rx)
            if packet is None and data:
                packet = self.first_of(data)
            if packet is not None:
                self.receiver = None
                if self.queue_recv:
                    next_receiver(self)
                return packet
        self.received(data, None)
        return None

    def received(self, data: bytes | None, failure: str | None) -> None:
        """The system has given `data` (empty: the end of the stream), or `failure`."""
        if failure is not None:
            self.on_broken(failure)
        elif data:
            if not self.settings.counts_packets:
                if self.inbound.buf or (self.receiver is not None and self.receiver.length):
                    self.count_more(len(data))
                else:
                    self.rx.add(len(data))
            self.inbound.feed(data)
            self.fresh = len(data)
            if self.settings.small_reads:
                self.serve_small()
            else:
                self.serve()
            self.fresh = 0
            if self.queue_recv and self.active is not False:
                self.refuse_line()
        else:
            self.on_fin()

    def count_more(self, size: int) -> None:
        """Count a read of something that is in the buffer in part, or was asked for by its length."""
        self.rx.add(size)

    def serve_small(self) -> None:
        """As `serve`, where it shows how much is read at a time."""
        self.serve()

    def serve(self) -> None:
        """Give packets to the receiver, or to the owner as messages, as long as somebody may have one."""
        try:
            while self._serve_one():
                pass
        except FramingError:
            self.on_misframed()
        if self.queue_recv and self.receiver is None:
            next_receiver(self)

    def _serve_one(self) -> bool:
        if self.receiver is not None and self.recv_has_precedence():
            return self._serve_receiver()
        return self.active is not False and self.serve_owner()

    def _serve_receiver(self) -> bool:
        op = self.receiver
        assert op is not None
        if op.patient:
            op.look()
            return False
        data = self.take(op.length)
        if data is NOTHING:
            return False
        self.receiver = None
        op.complete(("ok", self.settings.shape(data)))
        if self.queue_recv and self.active is False:  # else the owner has all there is before it is their turn
            following = promote(self, self.queue_recv)
            if following is not None:
                following.look()
        return True

    def take(self, length: int) -> Any:
        """A packet, or `length` bytes, from the front of the buffer; NOTHING if that is not there."""
        settings, inbound = self.settings, self.inbound
        family = settings.family
        if family is None:
            most = inbound.until(settings.raw_chunk) if self.ahead else len(inbound)
            data = inbound.take_bytes(length) if length else inbound.take_available(most)
            self.ahead = self.ahead and bool(inbound)
        else:
            if settings.parsed:
                head = settings.http_family
                data = inbound.take(inbound.family_ahead(family, head), settings.limits)
                data = inbound.noted(data) if head is not None else self.with_term(data)
            else:
                data = inbound.take(family, settings.limits)
            self.ahead = data is not NOTHING
        if data is not NOTHING:
            self.fresh = 0
            if settings.counts_packets:
                self.rx.add(inbound.taken)
        return data

    def with_term(self, packet: Any) -> Any:
        """A record of TLS has the socket in it."""
        return packet if packet is NOTHING or packet[0] != "ssl_tls" else ("ssl_tls", self.term, *packet[2:])
