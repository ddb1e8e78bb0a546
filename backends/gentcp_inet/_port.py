"""Ports: the functions of gen_tcp and inet on one socket of the inet backend."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any, ClassVar

from gentcp.abc import Result, Term, Time
from gentcp.engine import STATISTICS, check_list, generated, split_list
from gentcp.errors import ErlangError
from gentcp.process import Process, current_process
from gentcp.terms import NotIodata, iodata_to_bytes

from . import _options
from ._names import NamedPort
from ._states import CLOSED, CONNECTED, LISTENING

_HOW = {"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}
_PATIENCE = 5.0
"""Seconds without progress after which close stops waiting for the queue (INET_CLOSE_TIMEOUT in OTP)."""
_LONGEST = 180.0
"""Seconds that close waits at most; arbitrary in OTP too."""


def seconds(time: Time) -> float | None:
    """The driver takes times as unsigned 32-bit numbers, the largest (-1) being infinity."""
    if time == "infinity":
        return None
    if type(time) is not int:
        raise ErlangError("function_clause")
    time &= 0xFFFFFFFF
    return None if time == 0xFFFFFFFF else time / 1000


class Port(NamedPort):
    """A socket of the inet backend, connected or listening."""

    __slots__ = ()
    is_port = True
    kind: ClassVar[type[Port]]
    """What accept makes,"""
    bare: ClassVar[type[Port]]
    """and what it makes below gen_tcp."""

    # ---- gen_tcp

    def recv_checked(self, length: Term, timeout: Time) -> Result:
        if self.state is CLOSED:
            return ("error", "closed")
        if type(length) is not int or length < 0:
            raise ErlangError("function_clause")
        if length > 0x7FFFFFFF:
            length = _int32(length)
        return self.receive(length, None if timeout == "infinity" else seconds(timeout))

    def accept(self, timeout: Time) -> Result:
        if (refused := self.answer("accept")) is not None:
            return refused
        return self.accept_as(self.kind, seconds(timeout))

    def accept_as(self, kind: type[Port], wait: float | None) -> Result:
        """Wait for a connection and make a port of `kind` for it."""
        acceptors = self.acceptors
        sock = acceptors.accept(wait) if acceptors is not None else "einval"
        return ("error", sock) if isinstance(sock, str) else ("ok", self._take_in(kind, sock, current_process()))

    def accepted(self, found: socket.socket | str, owner: Process) -> Result:
        """See `AsyncPort.accepted`."""
        if isinstance(found, str):
            return ("error", found)
        port = self._take_in(self.bare, found, owner, plainly=True)
        port.pin()
        return ("ok", port.term)

    def _take_in(self, kind: type[Port], sock: socket.socket, owner: Process, *, plainly: bool = False) -> Port:
        """A port for a connection.  `plainly`: only with those options that the driver itself hands down."""
        with self.lock:
            settings = self.own_settings.inherited()
            if plainly and settings.delay_send:
                settings = settings.changed("delay_send", False)
            port = kind(self.backend, sock, owner, settings, CONNECTED)
            if plainly:
                port.lingers = self.lingers
            else:
                port.copy_from(self)
                port.active = self.active
        port.start()
        return port

    def shutdown(self, how: Term) -> Result:
        if self.state is CLOSED:
            return ("error", "closed")
        if not isinstance(how, str) or how not in _HOW:
            raise ErlangError("function_clause")
        with self.lock:
            return self.answer("shutdown") or self.shut(_HOW[how])

    def close(self) -> Result:
        term = self.term
        self.flush_and_close()
        if self.told_closed:
            _take_one(current_process(), ("tcp_closed", term))
        return "ok"

    def flush_and_close(self) -> None:
        """Close without a look at messages."""
        me, outside = current_process(), False
        with self.lock:
            if self.state is not CLOSED:
                self._wait_for_queue(me)
            if self.state is not CLOSED:  # somebody else may have been quicker
                outside = self.close_outside = self.fd >= 0 and not self.queue and self.linger_time()[0]
                self.close_now(me)
        if outside:
            self.sock.close()  # blocks for the linger time while the kernel still has data

    def close_now(self, by: Process | None) -> None:
        """See `Endpoint.close_now`; it does not matter by whom."""
        if self.state is CLOSED:
            return
        if self.acceptors is not None:
            self.acceptors.close()
        self.transit("close")

    def _wait_for_queue(self, me: Process) -> None:
        """close/1 returns when the queue has been written, or has not moved for a while, or the linger time is over.

        As in OTP "moved" is measured against the size at first: once there was progress, it waits to the end.
        """
        on, time = self.linger_time()
        if on and time == 0:
            self.drop_queue()
        if not self.queue and not self.suspended:
            return
        before = self.queue.size
        last = monotonic() + (time if on else _LONGEST)
        while (self.queue or self.suspended) and self.state is not CLOSED:
            wait = min(last, monotonic() + _PATIENCE)
            while (self.queue or self.suspended) and self.state is not CLOSED and monotonic() < wait:
                self.wait_for_waking(me, wait)
            if monotonic() >= last or self.queue.size == before:
                return

    def owner_down(self, reason: Term) -> None:
        with self.lock:
            if self.linger_time() == (True, 0) or self.transfer is not None:
                self.drop_queue()
            self.fire_monitors(reason)
            self.close_now(None)

    def controlling_process(self, process: Term) -> Result:
        if not isinstance(process, Process):
            raise ErlangError("function_clause")
        if (refused := self.answer("controlling_process")) is not None:
            return refused
        me = current_process()
        with self.lock:
            if process is self.owner:
                return "ok"
            if me is not self.owner:
                return ("error", "not_owner")
            if not process.alive:
                self.active = False
                return ("error", "badarg")
            self.hand_over(process)
        process.own(self)
        return "ok"

    def unrecv(self, data: Term) -> Result:
        with self.lock:
            if (refused := self.answer("unrecv")) is not None:
                return refused
            try:
                self.inbound.push_back(iodata_to_bytes(data))
            except NotIodata:
                return ("error", "einval")
            if self.active is not False:
                self.start_active()
        return "ok"

    # ---- inet

    def setopts(self, options: Term) -> Result:
        checked = _options.normalised(options if isinstance(options, list) else generated(options))
        if checked is None:
            return ("error", "einval")
        with self.lock:
            if (refused := self.answer("setopts")) is not None:
                return refused
            if self.late is not None:
                self.late.update(name for name, _value in checked)
            reason = _options.apply(self, checked)
        return ("error", reason) if reason else "ok"

    def getopts(self, names: Term) -> Result:
        asked, end = split_list(names)
        if end != [] and not asked:
            raise ErlangError("function_clause")
        with self.lock:
            if (refused := self.answer("getopts")) is not None and end == []:
                return refused
            values = _options.read(self, asked) if refused is None else []
        if values is not None and end != []:
            raise ErlangError("function_clause")
        return ("error", "einval") if values is None else ("ok", values)

    def getstat(self, names: Term) -> Result:
        if names is None:
            names = list(STATISTICS)
        check_list(names)
        if (refused := self.answer("getstat")) is not None:
            return refused
        if any(name not in STATISTICS for name in names):
            return ("error", "einval")
        return ("ok", [(name, self.counted(name)) for name in names])

    def counted(self, name: str) -> int:
        """See `Endpoint.counted`."""
        return self.queue.size if name == "send_pend" else super().counted(name)

    def info(self) -> dict[str, Term]:
        if self.state is CLOSED:
            return {"states": ["closed"]}
        return {
            "counters": dict(self.getstat(None)[1]),
            "input": 0,  # OTP counts what a driver delivers as binaries; this one makes messages of its own
            "links": [self.owner],
            "memory": len(self.inbound) + self.pending(),
            "monitors": self.monitored_processes(),
            "output": self.counted("send_oct"),
            "owner": self.owner,
            "states": self._state_names(),
        }

    def monitored_processes(self) -> list[Term]:
        """Those whose end the port looks out for, as `erlang:port_info(Port, monitors)` has them: its acceptors."""
        waiting = self.acceptors.processes() if self.acceptors is not None else []
        return [("process", process) for process in waiting]

    def _state_names(self) -> list[str]:
        if self.state is LISTENING:
            waiting = self.acceptors is not None and self.acceptors.waiting()
            return ["accepting", "listen", "open"] if waiting else ["listen", "open"]
        names = ["connected", "open"] if self.state is CONNECTED else []
        return ["busy", *names] if self.busy else names


def _int32(number: int) -> int:
    """A length reaches the driver in 32 bits, signed: 2^31 and more come out as 0 or as what is left."""
    number &= 0xFFFFFFFF
    return number if number < 0x80000000 else 0


def _take_one(process: Process, message: Any) -> None:
    found = process.take(lambda m: isinstance(m, tuple) and len(m) == 2 and m[0] == message[0] and m[1] is message[1])
    for again in found[1:]:
        process.post(again)
