"""send, and the flushing of the queue; functions over a port, with its lock held.

The sender that is blocked flushes the queue itself, so that nothing has to change threads; otherwise the host of the
owner does.  Whoever leaves with something still queued gives it back.  Nobody writes unless the system has said that it
takes data: Linux takes more than it says it has room for.
"""

from __future__ import annotations

import socket
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import DONTWAIT, LAST_PATIENCE, SLICE, WRITE, Host, ready
from gentcp.errors import reason_of

from ._lingering import lingers_still
from ._owed import answer_send
from ._states import CLOSED, CONNECTED

if TYPE_CHECKING:
    from ._operations import InLine, Sender
    from ._port import InetPort

FLAGS = DONTWAIT | socket.MSG_NOSIGNAL
_WRITES_A_TURN = 8


def submit(port: InetPort, data: bytes) -> Result:
    """Write or queue `data` as a packet; None when its sender has to wait until there is room."""
    writer = port.writer
    if port.state is not CONNECTED:
        return answer_send(port)
    if writer.shut_pending is not None or writer.shut_late:
        return port.unsendable("epipe", postponed=True)
    if not (writer.backed or _backed(port)):
        return ("error", "system_limit")
    settings = port.settings
    frame = settings.framed(data)
    empty = not writer.queue and writer.transfer is None
    if empty and not settings.delay_send:
        return write(port, frame)
    port.tx.add(len(frame))
    enqueue(port, frame)
    if empty or writer.queue.size < port.own_settings.high:
        return "ok"
    return ("error", "timeout") if settings.send_timeout == 0 else None


def _backed(port: InetPort) -> bool:
    """Whether there is somebody to flush what the system does not take: before that nothing is written."""
    writer = port.writer
    writer.backed = port.host.ready()
    writer.look()
    return writer.backed


def write(port: InetPort, frame: bytes) -> Result:
    """Write what the system takes, and queue the rest: nothing is queued yet."""
    port.tx.add(len(frame))
    if not frame:
        return "ok"
    port.writer.direct = False  # a signal handler must not write in the middle
    try:
        written = port.sock.send(frame, FLAGS)
    except BlockingIOError:
        written = 0
    except OSError as error:
        return port.unsendable(reason_of(error))
    if written < len(frame):
        enqueue(port, frame, written)
    else:
        port.writer.look()
    return "ok"


def enqueue(port: InetPort, data: bytes, start: int = 0) -> None:
    """Queue `data` from `start` on."""
    writer = port.writer
    flushing = bool(writer.queue) or writer.transfer is not None
    writer.queue.put(data, start)
    writer.look()
    if writer.queue and not flushing:
        port.host.flush_later(port.fd, port)
        if port.host.leaving:
            _flush_out(port)


def _flush_out(port: InetPort) -> None:
    """Write everything, as long as the system takes something every few seconds."""
    deadline = monotonic() + LAST_PATIENCE
    before = port.writer.queue.size
    while port.writer.queue and port.fd >= 0 and monotonic() < deadline:
        if ready(port.fd, WRITE, SLICE):
            flush(port)
        if port.writer.queue.size < before:
            before, deadline = port.writer.queue.size, monotonic() + LAST_PATIENCE


# ---- senders that wait


def new_line() -> deque[InLine]:
    """An empty line of those who are suspended."""
    return deque()


def block(port: InetPort, op: Sender) -> None:
    """`op` waits for room; its time begins."""
    writer = port.writer
    timeout = port.settings.send_timeout
    if timeout is not None:
        op.deadline = monotonic() + timeout
    if op.timed and writer.transfer is None and writer.flusher() is None:
        op.flushes = True
        port.host.flush_elsewhere(port.fd, port)
    writer.block(op)


def give_back(port: InetPort, op: Sender) -> None:
    """`op` does not flush any more: what is in the queue is the host's."""
    if op.flushes:
        op.flushes = False
        if port.writer.queue and port.writer.transfer is None:
            port.host.flush_later(port.fd, port)


def complete_senders(port: InetPort, result: Result) -> None:
    """Answer every sender that is blocked, the first one first."""
    blocked, port.writer.blocked = port.writer.blocked, None
    for op in blocked or ():
        give_back(port, op)
        op.complete(port.answered(op.process, result))


def answer_senders(port: InetPort, event: str, reason: str, *, keeps: bool) -> bool:
    """A blocked sender does not survive the connection, nor does what it had queued."""
    writer = port.writer
    if not writer.blocked or event == "overdue":
        complete_senders(port, ("error", "closed"))
        return False
    writer.busy = False
    if event in ("fin", "broken") and keeps:
        writer.queue.clear()
    complete_senders(port, ("error", reason if event == "unsendable" else "closed"))
    writer.look()
    if keeps and writer.shut_pending is not None and port.fd >= 0:
        port.host.flush_later(port.fd, port)  # shutdown is still to come
    return True


def overdue(port: InetPort, op: Sender) -> Result:
    """send_timeout is over.  The data stays queued; the port stops being busy, or nobody could time out again."""
    port.writer.unblock(op)
    give_back(port, op)
    port.writer.busy = False
    port.writer.look()
    if port.settings["send_timeout_close"] is True:
        port.transit("overdue")
    settle(port)
    return port.answered(op.process, ("error", "timeout"))


def settle(port: InetPort) -> None:
    """Something has changed: those who are suspended go on if they can, and close if it has waited for that."""
    writer = port.writer
    suspended = writer.suspended
    if suspended and lingers_still(port):
        suspended = None
    while suspended and not (port.state is CONNECTED and writer.busy):
        suspended.popleft().enter()
        writer.look()
    for op in suspended or ():
        op.stay(writer.spell)
    for closer in tuple(writer.closers or ()) if port.state is not CLOSED else ():
        closer.check()  # a port that is closed sends no message: they find out for themselves


# ---- flushing


def flush(port: InetPort) -> None:
    """Write as much as the system takes, but not for long; those who are suspended go on behind that."""
    queue = port.writer.queue
    for _ in range(_WRITES_A_TURN):
        if not queue:
            break
        if not _flush_some(port):
            settle(port)
            return
    if queue:
        settle(port)
    else:
        flushed(port)


def change_host(port: InetPort, before: Host) -> None:
    """The port has a new owner: its host flushes the queue."""
    host = port.host
    if host is not before:
        port.writer.backed = False
        port.writer.look()
    if host is not before and port.fd >= 0:
        before.stop_flushing(port.fd, port)
        if port.writer.queue and port.writer.transfer is None:
            flush = host.flush_later if port.writer.flusher() is None else host.flush_elsewhere
            flush(port.fd, port)


def flush_if_ready(port: InetPort) -> None:
    """What the driver of OTP would have written by now."""
    if not port.writer.queue.size or port.writer.transfer is not None or port.fd < 0:
        return
    if ready(port.fd, WRITE):
        flush(port)


def _flush_some(port: InetPort) -> bool:
    """False when the system does not take any more."""
    queue = port.writer.queue
    parts = queue.front()
    try:
        written = port.sock.sendmsg(parts, (), FLAGS)
    except (BlockingIOError, MemoryError):
        return False
    except OSError as error:
        if port.state is CONNECTED:
            port.unsendable(reason_of(error), background=True)
        else:
            if reason_of(error) == "ebadf":
                port.lose()
            queue.clear()
            port.unplug()
        return False
    queue.drop(written)
    relieve(port)
    return written == sum(map(len, parts))


def relieve(port: InetPort) -> None:
    """Answer senders if the queue is down to the low watermark."""
    writer = port.writer
    if (writer.busy or writer.blocked) and writer.queue.size <= port.own_settings.low:
        writer.busy = False
        complete_senders(port, "ok")
        writer.look()


def flushed(port: InetPort) -> None:
    """Everything is written: what was to happen behind it happens now."""
    writer = port.writer
    if port.fd >= 0:
        port.host.stop_flushing(port.fd, port)
    if writer.shut_pending is not None:
        how, writer.shut_pending = writer.shut_pending, None
        for closer in writer.closers or ():
            closer.told()  # those who are suspended send in vain
        try:
            port.sock.shutdown(how)
            writer.write_shut = writer.shut_late = True
        except OSError as error:
            if port.state is CONNECTED:
                port.unsendable(reason_of(error), postponed=True, background=True)
    writer.look()
    settle(port)
    if port.state is CLOSED:
        port.unplug()


def shut(port: InetPort, how: int) -> Result:
    """shutdown; the writing side waits behind the queue."""
    writer = port.writer
    if writer.queue and how != socket.SHUT_RD:
        writer.shut_pending = how
        writer.look()
        return "ok"
    try:
        port.sock.shutdown(how)
    except OSError as error:
        writer.write_shut = writer.write_shut or how != socket.SHUT_RD
        return ("error", reason_of(error))
    return "ok"


def drop_queue(port: InetPort) -> None:
    """`{linger, {true, 0}}`: close with a reset.  Nobody tells another close that waits for the queue."""
    port.writer.closers = None
    port.writer.queue.clear()
    port.writer.look()
    port.host.stop_flushing(port.fd, port)
