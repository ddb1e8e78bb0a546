"""Sockets: the functions of gen_tcp and inet on one socket of the socket backend."""

from __future__ import annotations

import socket
from typing import Any

from gentcp.abc import Result, Term, Time
from gentcp.engine import STATISTICS, check_list
from gentcp.errors import ErlangError, reason_of
from gentcp.process import Process, current_process

from . import _options
from ._sendfile import FileSocket
from ._states import CONNECTED, GONE, HUNG_UP, LISTENING

_HOW = {"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}
_COUNTED = tuple(name for name in STATISTICS if name not in ("recv_dvi", "send_pend"))
LONGEST = 1 << 50
"""Milliseconds; 35,000 years, and still exact as a float."""
CLOSED_INFO: dict[str, Any] = {"rstates": ["closed"], "wstates": ["closed"]}


class SocketSocket(FileSocket):
    """A socket of the socket backend, connected or listening."""

    __slots__ = ()

    # ---- gen_tcp

    def recv_checked(self, length: Term, timeout: Time) -> Result:
        if type(length) is not int or length < 0:
            raise ErlangError("function_clause")
        if timeout == "infinity":
            return self.receive(length, None)
        if type(timeout) is not int or timeout < 0:
            raise ErlangError("function_clause")
        return self.receive(length, min(timeout, LONGEST) / 1000)

    def accept(self, timeout: Time) -> Result:
        wait = seconds(timeout)
        if (refused := self.answer("accept")) is not None:
            return refused
        if wait == 0:
            return ("error", "timeout")  # the timer is over before anything is tried
        with self.lock:
            settings, active = self.own_settings, self.active  # what is set while we wait comes too late
        acceptors = self.acceptors
        sock = acceptors.accept(wait) if acceptors is not None else "einval"
        if isinstance(sock, str):
            return ("error", sock)
        with self.lock:
            handle = SocketSocket(self.backend, sock, current_process(), settings, CONNECTED)
            handle.copy_from(self)
            handle.active = active
        handle.start()
        return ("ok", handle)

    def shutdown(self, how: Term) -> Result:
        if not isinstance(how, str) or how not in _HOW:
            raise ErlangError(("invalid", ("how", how)))
        with self.lock:
            if (refused := self.answer("shutdown")) is not None:
                return refused
            try:
                self.sock.shutdown(_HOW[how])
            except OSError as error:
                return ("error", reason_of(error))
        return "ok"

    def close(self) -> Result:
        with self.lock:
            outside = self.close_outside = self.lingers and self.fd >= 0 and not self.reading
            self.close_now(current_process())
        if outside:
            self.wait_for_writer()
            self.sock.close()  # blocks for the linger time while the kernel still has data
        return "ok"

    def close_now(self, by: Process | None) -> None:
        """See `Endpoint.close_now`."""
        if self.state is GONE:
            return
        if self.acceptors is not None:
            self.acceptors.close()
        self.transit("close", by=by)

    def owner_down(self, reason: Term) -> None:
        with self.lock:
            self.close_now(None)

    def controlling_process(self, process: Term) -> Result:
        if not isinstance(process, Process):
            raise ErlangError("function_clause")
        with self.lock:
            if (refused := self.answer("controlling_process")) is not None:
                return refused
            if process is self.owner:
                return "ok"
            if current_process() is not self.owner:
                return ("error", "not_owner")
            self.hand_over(process)
        process.own(self)
        return "ok"

    # ---- inet

    def setopts(self, options: Term) -> Result:
        checked = _options.each(options, _options.normalised)
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
        requests = _options.each(names, _options.requested)
        if requests is None:
            return ("error", "einval")
        with self.lock:
            if (refused := self.answer("getopts")) is not None:
                return refused
            values = _options.read(self, requests)
        return ("error", "einval") if values is None else ("ok", values)

    def sockname(self) -> Result:
        return self.name("name", "getsockname")

    def peername(self) -> Result:
        return self.name("name", "getpeername")

    def getstat(self, names: Term) -> Result:
        if names is None:
            names = list(STATISTICS)
        check_list(names)
        if (refused := self.answer("getstat")) is not None:
            return refused
        if self.state is HUNG_UP:
            return dict(CLOSED_INFO)
        return ("ok", [(name, self.counted(name)) for name in names if name in _COUNTED])

    def counted(self, name: str) -> int:
        """See `Endpoint.counted`; averages are rounded."""
        if not name.endswith("_avg"):
            return super().counted(name)
        counters = self.rx if name.startswith("recv") else self.tx
        with self.lock:
            self.inbound.settle()
            return (2 * counters.oct + counters.cnt) // (2 * counters.cnt) if counters.cnt else 0

    def info(self) -> dict[str, Term]:
        if self.state in (GONE, HUNG_UP):
            return dict(CLOSED_INFO)
        acceptors = self.acceptors.waiting() if self.acceptors is not None else 0
        reader = self.receiver is not None or (self.active is not False and self.state is CONNECTED)
        return {
            "active": self.active,
            "counters": dict(self.getstat(None)[1]),
            "ctype": "normal",
            "domain": {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}.get(self.sock.family, "local"),
            "num_acceptors": min(acceptors, 1),
            "num_readers": int(reader),
            "num_writers": int(self.writer is not None) + len(self.writers or ()),
            "owner": self.owner,
            "protocol": "default" if self.sock.family == socket.AF_UNIX else "tcp",
            "rstates": self._read_states(reader),
            "type": "stream",
            "wstates": [] if self.state is LISTENING else ["connected", "selected"],
        }

    def _read_states(self, reader: bool) -> list[str]:
        if self.state is LISTENING:
            waiting = self.acceptors is not None and self.acceptors.waiting() > 0
            return ["accepting", "bound", "listening", "selected"] if waiting else ["bound", "listening"]
        return ["bound", "selected"] if reader else ["bound"]


def seconds(time: Time) -> float | None:
    """A time for `erlang:start_timer/3`."""
    if time == "infinity":
        return None
    if type(time) is not int or not 0 <= time < 1 << 63:
        raise ErlangError("badarg")
    if time > 0xFFFFFFFF:
        raise ErlangError("timeout_value")
    return time / 1000
