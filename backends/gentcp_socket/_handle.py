"""Sockets: the functions of gen_tcp and inet on one socket of the socket backend."""

from __future__ import annotations

import os
import socket
from typing import Any

from gentcp.abc import Backend, Result, Term, Time
from gentcp.engine import STATISTICS, Acceptors, address_term
from gentcp.errors import ErlangError, reason_of
from gentcp.process import Process, current_process

from . import _options
from ._sending import SendingSocket
from ._settings import SocketSettings
from ._states import CONNECTED, GONE, HUNG_UP, LISTENING, State

_HOW = {"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}
_COUNTED = tuple(name for name in STATISTICS if name not in ("recv_dvi", "send_pend"))
CLOSED_INFO: dict[str, Any] = {"rstates": ["closed"], "wstates": ["closed"]}


class SocketSocket(SendingSocket):
    """A socket of the socket backend, connected or listening."""

    __slots__ = ("acceptors", "late")

    def __init__(
        self, backend: Backend, sock: socket.socket, owner: Process, settings: SocketSettings, state: State
    ) -> None:
        super().__init__(sock, owner, settings, state, listening=state is LISTENING)
        self.backend = backend
        self.acceptors: Acceptors | None = None
        self.late: dict[str, Term] = {}

    # ---- gen_tcp

    def recv(self, length: Term, timeout: Time) -> Result:
        if type(length) is not int or length < 0:
            raise ErlangError("function_clause")
        if timeout == "infinity":
            return self.receive(length, None)
        if type(timeout) is not int or timeout < 0:
            raise ErlangError("function_clause")
        return self.receive(length, timeout / 1000)

    def accept(self, timeout: Time) -> Result:
        wait = seconds(timeout)
        if (refused := self.answer("accept")) is not None:
            return refused
        if wait == 0:
            return ("error", "timeout")  # the timer is over before anything is tried
        acceptors = self.acceptors
        sock = acceptors.accept(wait) if acceptors is not None else "einval"
        if isinstance(sock, str):
            return ("error", sock)
        with self.lock:
            handle = SocketSocket(self.backend, sock, current_process(), self.settings, CONNECTED)
            _options.copy_for_accept(self, handle, self.late)
            handle.active = self.active
        handle.start()
        return ("ok", handle)

    def start(self) -> None:
        """The socket is complete: its owner may have it, and its messages."""
        self.owner.own(self)
        if self.active is not False:
            with self.lock:
                if self.state is CONNECTED:
                    self.start_active()

    def shutdown(self, how: Term) -> Result:
        if how not in _HOW:
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
            self.close_outside = self.lingers and self.fd >= 0 and not self.reading
            self._close_now(current_process())
        if self.close_outside:
            self.close_outside = False
            self.wait_for_writer()
            self.sock.close()  # blocks for the linger time while the kernel still has data
        return "ok"

    def _close_now(self, by: Process | None) -> None:
        if self.state is GONE:
            return
        if self.acceptors is not None:
            self.acceptors.close()
        self.transit("close", by=by)

    def owner_down(self, reason: Term) -> None:
        with self.lock:
            self._close_now(None)

    def abandon(self) -> None:
        self.owner_down("normal")

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
        _options.check_shape(options)
        checked = _options.normalised(options)
        if checked is None:
            return ("error", "einval")
        with self.lock:
            if (refused := self.answer("setopts")) is not None:
                return refused
            if self.state is LISTENING:
                self.late.update(checked)
            reason = _options.apply(self, checked)
        return ("error", reason) if reason else "ok"

    def getopts(self, names: Term) -> Result:
        _options.check_shape(names)
        with self.lock:
            if (refused := self.answer("getopts")) is not None:
                return refused
            values = _options.read(self, names)
        return ("error", "einval") if values is None else ("ok", values)

    def sockname(self) -> Result:
        return self._name("getsockname")

    def peername(self) -> Result:
        return self._name("getpeername")

    def _name(self, method: str) -> Result:
        with self.lock:
            if (refused := self.answer("name")) is not None:
                return refused
            try:
                return ("ok", address_term(getattr(self.sock, method)(), self.sock.family))
            except OSError as error:
                return ("error", reason_of(error))

    def getstat(self, names: Term) -> Result:
        if names is None:
            names = list(STATISTICS)
        _options.check_shape(names)
        if (refused := self.answer("getstat")) is not None:
            return refused
        if self.state is HUNG_UP:
            return dict(CLOSED_INFO)
        return ("ok", [(name, self._stat(name)) for name in names if name in _COUNTED])

    def _stat(self, name: str) -> int:
        return int(getattr(self.rx if name.startswith("recv") else self.tx, name.partition("_")[2]))

    def info(self) -> dict[str, Term]:
        if self.state in (GONE, HUNG_UP):
            return dict(CLOSED_INFO)
        reader = self.receiver is not None or (self.active is not False and self.state is CONNECTED)
        return {
            "active": self.active,
            "counters": dict(self.getstat(None)[1]),
            "ctype": "normal",
            "domain": {socket.AF_INET: "inet", socket.AF_INET6: "inet6"}.get(self.sock.family, "local"),
            "num_acceptors": min(len(self.acceptors or ()), 1),
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
            waiting = bool(self.acceptors)
            return ["accepting", "bound", "listening", "selected"] if waiting else ["bound", "listening"]
        return ["bound", "selected"] if reader else ["bound"]

    # ---- the operating system

    def fileno(self) -> int:
        return self.fd

    def detach(self) -> int:
        """The descriptor is duplicated, so that nothing here can close it under its new owner."""
        with self.lock:
            if self.fd < 0:
                return -1
            fd = os.dup(self.fd)
            self._close_now(current_process())
        return fd


def seconds(time: Time) -> float | None:
    """A time for `erlang:start_timer/3`."""
    if time == "infinity":
        return None
    if type(time) is not int or time < 0:
        raise ErlangError("badarg")
    return time / 1000
