"""The usual recv of a task, in two pieces: before it waits, and when there is data."""

from __future__ import annotations

from typing import Any

from gentcp.abc import Result
from gentcp.engine import DONTWAIT, RecvOp
from gentcp.engine.batch import cut_ahead
from gentcp.engine.reader import Reader
from gentcp.engine.receivers import next_receiver
from gentcp.errors import reason_of


def begin_next(reader: Reader, op: RecvOp) -> Result:
    """Begin a recv of whatever comes next, however long that takes, in one piece.

    `("ok", packet)` if there is one; "wait" if `op` is the receiver now, and `read_next` goes on; None if it takes
    more than that.
    """
    lock = reader.lock
    try:
        lock.acquire()
        if reader.active is False and reader.flows:
            inbound = reader.inbound
            if inbound.buf:
                settings = reader.settings
                packet = cut_ahead(inbound, settings, reader.rx if settings.counts_packets else None)
                if packet is not None:
                    reader.ahead = True
                    return ("ok", packet)
            elif reader.receiver is None and not reader.reading and not reader.room:
                op.overtaken = False
                if reader.armed:  # as `RecvOp.wants` has it
                    reader.disarm()
                reader.receiver = op
                return "wait"
        return None
    finally:
        try:
            lock.release()
        except RuntimeError:
            pass


def read_next(reader: Reader, op: RecvOp) -> Any:
    """The system says that there is data for `op`: the packet, if that is what came; else None."""
    lock = reader.lock
    try:
        lock.acquire()
        if reader.receiver is not op or reader.reading or reader.active is not False:
            return None
        settings = reader.settings
        take = settings.take
        op.patient = False
        if take is None or reader.inbound.buf or reader.room:
            packet = reader.read_packet(op)
        else:
            try:
                data = reader.sock.recv(settings.read_size, DONTWAIT)
            except BlockingIOError:
                return None
            except OSError as error:
                reader.received(None, reason_of(error))
                return None
            packet = take(data, reader.rx)
            if packet is None and data:
                packet = reader.first_of(data)
            if packet is None:
                reader.received(data, None)
            else:
                reader.receiver = None
                if reader.queue_recv:
                    next_receiver(reader)
        return packet
    finally:
        op.patient = True
        try:
            lock.release()
        except RuntimeError:
            pass
