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
from typing import Any

from gentcp.abc import Result, Term, Time
from gentcp.errors import reason_of
from gentcp.process import Process, current_process, local

from .batch import cut
from .endpoint import Endpoint
from .inbound import NOTHING, FramingError
from .operation import RecvOp
from .receiving import CHUNK, DONTWAIT

_ANY_LENGTH = 0
_INFINITY = "infinity"
_TOO_SHORT = struct.error


class Quick(Endpoint):
    """Base of both backends' sockets."""

    __slots__ = ("room",)

    ahead: bool
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
        if length is not _ANY_LENGTH or timeout is not _INFINITY:
            return self.recv_checked(length, timeout)
        op = None
        lock = self.lock
        lock.acquire()
        try:
            settings = self.settings
            unpack = settings.unpack
            if self.active is False and self.state.flows:
                inbound = self.inbound
                buf = inbound.buf
                if buf:
                    start = pos = inbound.pos
                    if unpack is not None:
                        start += settings.head
                        end = start + unpack(buf, pos)[0]
                    elif settings.mark:
                        end = buf.find(settings.mark, pos) + 1 or len(buf)
                    else:
                        end = len(buf)
                    if end < len(buf) and end - start <= settings.most:
                        inbound.pos = end
                        self.ahead = True
                        if settings.counts_packets:
                            rx = self.rx
                            if rx.size == end - pos:
                                rx.run += 1
                            else:
                                rx.other(end - pos)
                        return ("ok", buf[start:end])
                elif self.receiver is None and not self.reading:
                    op = _next_op()
                    self.receiver = op
                    self.reading = True
        except _TOO_SHORT:
            pass
        finally:
            lock.release()
        return self.recv_checked(length, timeout) if op is None else self._recv_first(op)

    def _recv_first(self, op: RecvOp) -> Result:
        """The first system call of a recv; usually it is the only one."""
        process = op.process
        process.waits_in = self
        settings = self.settings
        unpack = settings.unpack
        data = failure = None
        try:
            if process._ended:
                process.check()  # who was killed before that line has not been told to us
            try:
                data = self.sock.recv(CHUNK if settings.family is not None else self._recv_size(0))
            except BlockingIOError:
                pass  # the receive quantum is over
            except OSError as error:
                failure = reason_of(error)
            if data and unpack is not None:
                size = len(data)
                head = settings.head
                lock = self.lock
                lock.acquire()
                try:
                    if (
                        self.receiver is op
                        and self.active is False
                        and self.settings is settings
                        and not self.inbound.buf
                        and not self.room
                        and unpack(data, 0)[0] == size - head <= settings.most
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
        settings = self.settings
        found = cut(self.inbound, settings, self.rx if settings.counts_packets else None, most)
        packets += found
        with contextlib.suppress(FramingError):  # the next recv finds it again, and says so
            for _ in range(most - len(found)):
                data = self._take(0)
                if data is NOTHING:
                    return
                packets.append(settings.shape(data))

    def on_ready(self, events: int) -> None:
        """See `Stream.on_ready`."""
        lock = self.lock
        lock.acquire()
        try:
            settings = self.settings
            unpack = settings.unpack
            if (
                unpack is None
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
                data = self.sock.recv(CHUNK, DONTWAIT)
            except BlockingIOError:
                return
            except OSError as error:
                self._received(None, reason_of(error))
                return
            size = len(data)
            head = settings.head
            if size >= head and unpack(data, 0)[0] == size - head <= settings.most:
                rx = self.rx
                if rx.size == size:
                    rx.run += 1
                else:
                    rx.other(size)
                self._tell_data(data[head:])
            else:
                self._received(data, None)
        finally:
            lock.release()


def _next_op() -> RecvOp:
    """For the calling process: the one of its last recv again, as long as that is over."""
    try:
        process: Process = local.process
    except AttributeError:
        process = current_process()
    op: Any = process.spare
    if op is None:
        return RecvOp(process, 0)
    process.spare = None
    return op  # type: ignore[no-any-return]
