"""What erlang's functions on ports do: commands, whose result is a message, and the end of a port from outside.

A command starts with the size of a term in two bytes and the term, by which its caller knows the answer again: that
is the driver's protocol since OTP 26.  One that does not ends the port, as it does there.
"""

from __future__ import annotations

from gentcp.abc import Result, Term
from gentcp.engine import Timer, driver
from gentcp.errors import ErlangError
from gentcp.process import Process, current_process
from gentcp.terms import NotIodata, iodata_to_bytes
from gentcp.tokens import UNKNOWN, term_of

from ._async import AsyncPort
from ._base import SendOp
from ._states import CLOSED

_SIZE = 2


class Command(SendOp):
    """A sender that does not wait: the answer is the message `{inet_reply, Port, Result, Label}`."""

    __slots__ = ("label", "port", "timer")

    def __init__(self, process: Process, port: CommandPort, label: Term) -> None:
        super().__init__(process)
        self.port = port
        self.label = label
        self.timer: Timer | None = None

    def complete(self, result: Result) -> None:
        self.result = result
        if self.timer is not None:
            driver().cancel(self.timer)
        if self.label is not UNKNOWN:
            self.process.post(("inet_reply", self.port.term, result, self.label))

    def expire(self) -> None:
        """send_timeout is over."""
        with self.port.lock:
            if self.result is None:
                self.complete(self.port.overdue(self))


class CommandPort(AsyncPort):
    """Adds port_command, port_close and port_connect."""

    __slots__ = ()

    def command(self, data: Term, *, nosuspend: bool, force: bool) -> bool:
        """False when the port is busy and `nosuspend`; badarg for a port that is closed.  `erlang:port_command/3`."""
        try:
            flat = iodata_to_bytes(data)
        except NotIodata:
            raise ErlangError("badarg") from None
        process = current_process()
        with self.lock:
            if self.state is CLOSED:
                raise ErlangError("badarg")
            if self.busy and not force:
                if nosuspend:
                    return False
                self._wait_until_idle(process)
            if self.state is not CLOSED:
                self._obey(process, flat)
        return True

    def _obey(self, process: Process, data: bytes) -> None:
        start = _SIZE + int.from_bytes(data[:_SIZE], "big")
        if len(data) < max(start, _SIZE):
            self.fire_monitors("einval")
            self.close_now(None)
            return
        op = Command(process, self, term_of(data[_SIZE:start]))
        result = self.submit(data[start:])
        if result is not None:
            op.complete(result)
            return
        self.block(op)
        timeout = self.settings.send_timeout
        if timeout is not None:
            op.timer = driver().call_later(timeout, op.expire)

    def send_with(self, data: Term, *, nosuspend: bool, force: bool) -> Result:
        """Send, but to a busy port not at all (`nosuspend`) or all the same (`force`).  `prim_inet:send/3`."""
        try:
            flat = iodata_to_bytes([data] if type(data) is int else data)
        except NotIodata:
            return ("error", "einval")
        with self.lock:
            if force:
                return self.send_now(flat)
            return ("error", "busy") if nosuspend and self.busy else self._send_slowly(flat)

    def end(self) -> None:
        """Close without waiting; what is queued is still written.  `erlang:port_close/1`."""
        with self.lock:
            if self.state is CLOSED:
                raise ErlangError("badarg")
            if self.linger_time() == (True, 0):
                self.drop_queue()
            self.close_now(current_process())

    def connect_to(self, process: Term) -> None:
        """Make `process` the owner; the messages stay where they are.  `erlang:port_connect/2`."""
        with self.lock:
            if self.state is CLOSED or not isinstance(process, Process) or not process.alive:
                raise ErlangError("badarg")
            armed = self.armed
            self._disarm()
            self.owner.disown(self)
            self.owner = process
            if armed:
                self._arm()
        process.own(self)
