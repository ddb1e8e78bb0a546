"""What erlang's functions on ports do: commands, whose result is a message, and the end of a port from outside.

A command starts with the size of a term in two bytes and the term, by which its caller knows the answer again: that
is the driver's protocol since OTP 26.  One that does not ends the port, as it does there.  Functions over a port.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

from gentcp.abc import Result, Term
from gentcp.engine import Follower, Operation, nobody
from gentcp.errors import ErlangError
from gentcp.process import Process, current_process
from gentcp.terms import NotIodata, iodata_to_bytes, is_int
from gentcp.tokens import UNKNOWN, term_of

from . import _sending
from ._operations import Command, InLine, reply
from ._shutting import linger_time_of
from ._states import CLOSED
from ._suspending import put, suspend

if TYPE_CHECKING:
    from ._port import InetPort

_SIZE = 2


class Entry(InLine):
    """A command in front of a busy port."""

    __slots__ = ("_data",)

    def __init__(self, process: Process, port: InetPort, data: bytes) -> None:
        super().__init__(process, port)
        self._data = data

    def enter(self) -> None:
        """Obey it; its result is False when the port has been closed meanwhile."""
        there = self.port.state is not CLOSED
        if there:
            obey(self.port, self.process, self._data)
        self.complete(there)


def command(
    port: InetPort, process: Process, data: Term, *, nosuspend: bool, force: bool
) -> Generator[Operation, None, bool]:
    """False when the port is busy and `nosuspend`; badarg for a port that is closed.  `erlang:port_command/3`."""
    entry = _entry(port, process, data, nosuspend=nosuspend, force=force)
    if isinstance(entry, bool):
        return entry
    yield entry
    if not entry.result:
        raise ErlangError("badarg")
    return True


def _entry(port: InetPort, process: Process, data: Term, *, nosuspend: bool, force: bool) -> bool | Entry:
    """What comes of a command at once, or its place in the line."""
    try:
        flat = iodata_to_bytes(data)
    except NotIodata:
        raise ErlangError("badarg") from None
    with port.lock:
        if port.state is CLOSED:
            raise ErlangError("badarg")
        if not port.writer.busy or force:
            obey(port, process, flat)
            return True
        if nosuspend:
            return False
        entry = Entry(process, port, flat)
        suspend(port, entry)
        return entry


def obey(port: InetPort, process: Process, data: bytes) -> None:
    """Send what the command says, and answer when it is through.  With the lock held."""
    start = _SIZE + int.from_bytes(data[:_SIZE], "big")
    if len(data) < max(start, _SIZE):
        port.fire_monitors("einval")
        port.close_now(None)
        return
    label = term_of(data[_SIZE:start])
    tell = nobody if label is UNKNOWN else partial(reply, port, process, label)
    result = _sending.submit(port, data[start:])
    if result is not None:
        tell(result)
        return
    op = Command(process, port)
    follower = Follower(op, tell)
    op.waiter = follower
    _sending.block(port, op)
    follower.look()


def send_with(port: InetPort, process: Process, data: Term, *, nosuspend: bool, force: bool) -> Result | Operation:
    """Send, but to a busy port not at all (`nosuspend`) or all the same (`force`).  `prim_inet:send/3`."""
    try:
        flat = iodata_to_bytes([data] if is_int(data) else data)
    except NotIodata:
        return ("error", "einval")
    with port.lock:
        if nosuspend and not force and port.writer.busy:
            return ("error", "busy")
        return put(port, process, flat, timed=process.host is None, force=force)


def end(port: InetPort) -> None:
    """Close without waiting; what is queued is still written.  `erlang:port_close/1`."""
    with port.lock:
        if port.state is CLOSED:
            raise ErlangError("badarg")
        if linger_time_of(port) == (True, 0):
            _sending.drop_queue(port)
        port.close_now(current_process())


def connect_to(port: InetPort, process: Term) -> None:
    """Make `process` the owner; the messages stay where they are.  `erlang:port_connect/2`."""
    with port.lock:
        if port.state is CLOSED or not isinstance(process, Process) or not process.alive:
            raise ErlangError("badarg")
        port.hand_over(process, messages=False)
    port.own_by(process)
