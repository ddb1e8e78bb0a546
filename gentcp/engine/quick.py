"""recv and delivery as they usually go, each in one piece.

`Receiving` and `Stream` can do everything, in many small steps.  Most calls need little of that: nobody else is in
recv, and what arrives is one packet with its length in front.  Here that case is written out, since at a few
microseconds a message each call and each `with` counts.  Whatever is not quite so goes the long way, with the same
result: nothing here decides anything.

Locks are taken and given back by hand (62 ns where `with` takes 147, CPython 3.11).  The price: a Ctrl-C that comes
between two instructions of the main thread there may leave one held; what comes while it waits, cannot.
"""

from __future__ import annotations

import contextlib
import struct
from abc import abstractmethod
from itertools import repeat
from time import monotonic
from typing import Any, Final

from gentcp._platform import READ
from gentcp.abc import CutAhead, Result, Term, Time
from gentcp.errors import reason_of
from gentcp.process import Process, current_process, local

from .batch import FAR, cut, cut_ahead
from .endpoint import Endpoint
from .inbound import NOTHING, FramingError
from .operation import RecvOp
from .receiving import DONTWAIT
from .settings import Settings

_ANY_LENGTH = 0
_INFINITY: Final = "infinity"
_LONGEST = 1 << 31
_TOO_SHORT = struct.error


class Quick(Endpoint):
    """Base of both backends' sockets."""

    __slots__ = ("room",)

    active: bool | str | int
    ahead: bool
    fresh: int
    reading: bool
    receiver: RecvOp | None
    room: int
    """What the buffer of a raw recv that timed out can hold, until it has been emptied; that is done the long way.

    0 where there is none; backends set it, and those that keep no such buffer leave it at 0.
    """

    @abstractmethod
    def recv_checked(self, length: Term, timeout: Time) -> Result:
        """`recv` in all its forms."""

    def recv(self, length: Term, timeout: Time) -> Result:
        """See `SocketHandle.recv`."""
        # By identity: what is equal but not the same goes the long way, and is looked at there.
        if length is not _ANY_LENGTH or (
            timeout is not _INFINITY and not (type(timeout) is int and 0 <= timeout < _LONGEST)
        ):
            return self.recv_checked(length, timeout)
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
        lock.acquire()
        try:
            if self.active is False and self.state.flows:
                if inbound.buf:
                    settings = self.settings
                    packet = cut_ahead(inbound, settings, self.rx if settings.counts_packets else None)
                    if packet is not None:
                        self.ahead = True
                        return ("ok", packet)
                elif self.receiver is None and not self.reading and not self.room:
                    op = process.spare  # that of its last recv again, as long as that is over
                    if op is None:
                        op = RecvOp(process, 0)
                    else:
                        process.spare = None
                    self.receiver = op
                    self.reading = timeout is _INFINITY
        finally:
            lock.release()
        if op is None:
            return self.recv_checked(length, timeout)
        return self._recv_first(op) if timeout is _INFINITY else self._recv_timed(op, timeout)

    def _recv_first(self, op: RecvOp) -> Result:
        """The first system call of a recv; usually it is the only one."""
        process = op.process
        process.waits_in = self
        settings = self.settings
        data = failure = None
        try:
            if process._ended:
                process.check()  # who was killed before that line has not been told to us
            try:
                data = self.sock.recv(settings.read_size)
            except BlockingIOError:
                pass  # the receive quantum is over
            except OSError as error:
                failure = reason_of(error)
            if data and settings.simple:
                size = len(data)
                head = settings.head
                unpack = settings.unpack
                lock = self.lock
                lock.acquire()
                try:
                    if (
                        self.receiver is op
                        and self.active is False
                        and self.settings is settings
                        and not self.inbound.buf
                        and (
                            unpack(data, 0)[0] == size - head <= settings.most
                            if unpack is not None
                            else not settings.mark or _is_line(data, settings)
                        )
                    ):
                        self.reading = False
                        self.receiver = None
                        process.spare = op
                        rx = self.rx
                        if rx.size == size:
                            rx.run += 1
                        else:
                            rx.other(size)
                        if self.queue_recv:
                            self._next_receiver()
                        return ("ok", data[head:])
                except _TOO_SHORT:
                    pass
                finally:
                    lock.release()
        except BaseException:
            self._abort(op, blocking=True)
            raise
        finally:
            process.waits_in = None
        return self._recv_blocking(op, data, failure)

    def _recv_timed(self, op: RecvOp, timeout: Any) -> Result:
        """The first poll of a recv with a timeout, and what follows if data comes in time; usually that is all."""
        deadline = monotonic() + timeout / 1000
        process = op.process
        process.waits_in = self
        try:
            if process._ended:
                process.check()  # who was killed before that line has not been told to us
            fd = self.fd  # gone, if somebody has closed the socket since the lock was ours
            if fd >= 0 and process.wait_fd(fd, READ, deadline):
                lock = self.lock
                lock.acquire()
                try:
                    if self.receiver is op and self.active is False and not (self.reading or self.inbound.buf):
                        data = self._read_one(op)
                        if data is not None:
                            return ("ok", data)
                finally:
                    lock.release()
            return self._recv_polling(op, deadline)
        except BaseException:
            self._abort(op, blocking=False)
            raise
        finally:
            process.waits_in = None

    def _read_one(self, op: RecvOp) -> Any:
        """Read once for `op`: what came, if it is one packet; else it has been dealt with."""
        settings = self.settings
        try:
            data = self.sock.recv(settings.read_size, DONTWAIT)
        except BlockingIOError:
            return None
        except OSError as error:
            self._received(None, reason_of(error))
            return None
        if not (settings.simple and _is_whole(data, settings)):
            self._received(data, None)
            return None
        self.receiver = None
        op.process.spare = op
        self.rx.add(len(data))
        if self.queue_recv:
            self._next_receiver()
        return data[settings.head :]

    def cut_ahead(self) -> CutAhead:
        """See `SocketHandle.cut_ahead`."""
        return self.inbound

    def recv_many(self, most: int, timeout: Time) -> Result:
        """See `SocketHandle.recv_many`."""
        result = self.recv(_ANY_LENGTH, timeout)
        if result[0] != "ok":
            return result
        packets = [result[1]]
        with self.lock:
            if self.inbound.buf and self.active is False and self.receiver is None and self.state.flows:
                self._take_more(packets, most - 1)
        return ("ok", packets)

    def _take_more(self, packets: list[Any], most: int) -> None:
        settings, most = self.settings, most + len(packets)
        with contextlib.suppress(FramingError):  # the next recv finds it again, and says so
            while self.inbound.buf and len(packets) < most:
                counters = self.rx if settings.counts_packets else None
                packets += cut(self.inbound, settings, counters, most - len(packets))
                data = self._take(0) if len(packets) < most else NOTHING
                if data is NOTHING:
                    return
                packets.append(settings.shape(data))

    def _tell_ahead(self) -> None:
        active, settings = self.active, self.settings
        most = FAR if active is True else active - 1 if type(active) is int else 0
        if not most or not settings.plain:
            return
        packets = cut(self.inbound, settings, self.rx if settings.counts_packets else None, most)
        if packets:
            self.ahead = True
            self.fresh = 0
            self.owner.post_all(zip(repeat("tcp"), repeat(self._pin or self.term), packets, strict=False))
            if type(active) is int:
                self.active = active - len(packets)

    def on_ready(self, events: int) -> None:
        """See `Stream.on_ready`."""
        lock = self.lock
        lock.acquire()
        try:
            settings = self.settings
            if (
                not settings.simple
                or not self.armed
                or self.active is False
                or self.reading
                or self.receiver is not None
                or self.inbound.buf
                or self.room
            ):
                self.serve_ready()
                return
            try:
                data = self.sock.recv(settings.read_size, DONTWAIT)
            except BlockingIOError:
                return
            except OSError as error:
                self._received(None, reason_of(error))
                return
            size = len(data)
            head = settings.head
            unpack = settings.unpack
            if (
                size >= head and unpack(data, 0)[0] == size - head <= settings.most
                if unpack is not None
                else size and (not settings.mark or _is_line(data, settings))
            ):
                rx = self.rx
                if rx.size == size:
                    rx.run += 1
                else:
                    rx.other(size)
                if self.active is True and settings.plain:
                    self.owner.post(("tcp", self._pin or self.term, data[head:]))
                else:
                    self._tell_data(data[head:])
            else:
                self._received(data, None)
        finally:
            lock.release()


def _is_whole(data: bytes, settings: Settings) -> bool:
    """Whether it is one packet, where packets are simple.  Nothing is the end of the stream."""
    size, unpack = len(data), settings.unpack
    if unpack is None:
        return size > 0 and (not settings.mark or _is_line(data, settings))
    head = settings.head
    return size >= head and unpack(data, 0)[0] == size - head <= settings.most


def _is_line(data: bytes, settings: Settings) -> bool:
    return data.find(settings.mark) + 1 == len(data) <= settings.most
