"""The driver's input buffer, where its size shows; functions over a port, with its lock held.

Usually it does not show, and a port reads as much as it likes.  It does when the buffer is small, or was made for
other bytes than it is used for: by unrecv, which makes one that has room for just these bytes, by a recv that timed
out, or because an option has changed while bytes are kept.  Then the port has `room`, the size of the buffer at hand,
and reads and cuts exactly as the driver does until that buffer is used up.

The driver looks for a packet when it has read something, and before it reads.  If the length of one is known it reads
up to its end, to `goal`, and does not look again: what has come by then is delivered as the packet type is by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gentcp.abc import Result, Term
from gentcp.engine import CHUNK, NOTHING, RecvOp
from gentcp.terms import NotIodata, iodata_to_bytes

if TYPE_CHECKING:
    from ._port import InetPort

_LONGEST = (1 << 31) - 1
FRAMING = frozenset({"packet", "packet_size", "line_delimiter", "buffer", "recbuf"})
"""Options that say how bytes are read or cut."""


def to_read(port: InetPort, length: int) -> int:
    """How many bytes the driver asks the system for."""
    if length:
        _wait_for(port, length)
    have, settings = len(port.inbound), port.own_settings
    if settings.header and not port.goal:
        return max(settings.header - have, 1)
    return min(max((port.goal or port.room) - have, 1), CHUNK)


def _wait_for(port: InetPort, length: int) -> None:
    port.goal = length
    port.room = max(port.room, length)


def read_on(port: InetPort, op: RecvOp) -> None:
    """Read for a recv that has no time: once when the length of its packet is known, else as long as something comes.

    The driver reads all that the system has of a packet at once, however long it is.
    """
    while port.reads_for(op):
        have, known = len(port.inbound), op.length or port.goal or port.inbound.lacking()
        packet = port.read_packet(op)
        if packet is not None:
            op.result = ("ok", packet)
        if len(port.inbound) - have < (CHUNK if known else 1):
            return


def take(port: InetPort, length: int) -> Any:
    """See `Reader.take`."""
    inbound, settings = port.inbound, port.own_settings
    if length:
        _wait_for(port, length)
    if port.goal > len(inbound):
        return NOTHING
    data = _cut(port)
    if data is NOTHING:
        return NOTHING
    port.goal = port.fresh = 0
    if not inbound.buf or (port.room == settings.buffer and not settings.small):
        port.room = 0  # the next one is as any other
    port.rx.add(inbound.taken)
    if not settings.parsed:
        return data
    return port.with_term(data) if settings.http_family is None else inbound.noted(data)


def _cut(port: InetPort) -> Any:
    inbound, settings, goal = port.inbound, port.own_settings, port.goal
    family = settings.family
    if family is not None and settings.parsed:
        family = inbound.family_ahead(family, settings.http_family)
    if goal:
        data = inbound.take_bytes(goal)
        try:
            return data if family is None else family.packet(data, 0, goal)
        except IndexError:  # of a recv with a length, which is none for a packet of this type
            return data
    have = len(inbound)
    if family is None or not have:
        return inbound.take_available(have)
    data = inbound.take(family, settings.limits_in(port.room))
    if data is NOTHING and inbound.lacking():
        _wait_for(port, have + inbound.lacking())
    elif data is NOTHING and have >= port.room and not settings.header:
        port.room = settings["packet_size"]
    return data


def push_back(port: InetPort, data: Term) -> Result:
    """unrecv, whether gen_tcp knows the port or not: it makes room for its bytes, and no more.  Without the lock."""
    with port.lock:
        port.catch_up()
        if (refused := port.answer("unrecv")) is not None:
            return refused
        try:
            data = iodata_to_bytes(data)
        except NotIodata:
            return ("error", "einval")
        _make_room(port, len(data))
        port.inbound.push_back(data)
        if port.active is not False:
            port.start_active()
    return "ok"


def _make_room(port: InetPort, size: int) -> None:
    """A recv that waits has made a buffer already; the driver forgets how much it wants."""
    op = port.receiver
    if op is None or port.active is not False:
        keep(port)
    else:
        hold_for(port, op.length)
        op.length = 0
    port.room += size
    port.goal = 0


def answers_before(port: InetPort) -> bool:
    """Something has come: the driver looks first whether the recv that waits can be answered without it.

    It can if unrecv or setopts has made a packet of what is buffered.
    """
    op = port.receiver
    if op is None or port.goal or not port.inbound.buf or port.active is not False:
        return False
    port.serve()
    return port.receiver is None


def is_primed(port: InetPort) -> bool:
    """Whether there is an empty buffer: setopts has made it, and nothing has been delivered since."""
    active = port.active
    if port.primed is None or port.primed is not active:
        return False
    return port.rx.cnt == port.primed_at if active is True or active is False else True


def prime(port: InetPort) -> None:
    """The empty buffer stays when the options have changed."""
    port.primed = port.active
    if isinstance(port.active, bool):
        port.primed_at = port.rx.cnt


def keep(port: InetPort) -> None:
    """What the buffer is made for may change: from now on it counts what this one was made for."""
    inbound = port.inbound
    if port.room or not (inbound.buf or is_primed(port)):
        return
    port.room = port.own_settings.buffer
    if inbound.lacking():
        _wait_for(port, len(inbound) + inbound.lacking())


def expired(port: InetPort, length: int, *, at_once: bool) -> None:
    """A recv has timed out: its buffer stays.  What it waited for is forgotten, unless it did not wait at all."""
    hold_for(port, length)
    if not at_once:
        port.goal = 0


def hold_for(port: InetPort, length: int) -> None:
    """Others will use the buffer that a recv of `length` bytes has made."""
    keep(port)
    if length:
        _wait_for(port, length)
    port.room = port.room or port.own_settings.buffer


def too_far(port: InetPort) -> bool:
    """Whether the packet in front would not fit behind those that were delivered out of the same buffer."""
    inbound = port.inbound
    return inbound.pos + len(inbound) + inbound.lacking() > _LONGEST
