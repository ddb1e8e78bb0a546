"""A socket in the VM."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from gentcp.abc import Result, SocketHandle, Term, Time
from gentcp.errors import ErlangError, Exit
from gentcp.mailbox import Predicate
from gentcp.process import Process, Ref, current_process

from ._vm import VM, VMDied

if TYPE_CHECKING:
    from ._backend import OtpBackend


_LOOK_AT_MESSAGES = ("close", "port_close", "controlling_process")
_GIVE_AWAY = ("controlling_process", "port_connect", "attach")


def value_of(answer: tuple[str, Term]) -> Term:
    """The value of a call, or what it raised."""
    class_, term = answer
    if class_ == "value":
        return term
    raise Exit(term) if class_ == "exit" else ErlangError(term, class_)


class OtpSocket(SocketHandle):
    """`there` is the term that the VM has for it: a port, or `{'$inet', gen_tcp_socket, _}`."""

    __slots__ = ("_made_by", "_monitors", "_vm", "backend", "owner", "there")

    def __init__(self, backend: OtpBackend, vm: VM, there: Term, owner: Process, *, listening: bool) -> None:
        super().__init__(listening=listening)
        self.backend = self._made_by = backend
        self._vm = vm
        self.there = there
        self.owner: Process = owner
        self._monitors: dict[Ref, Term] = {}
        self._belong(owner)
        vm.learn(there, self, hold=True)

    # ---- gen_tcp

    def accept(self, timeout: Time) -> Result:
        """`gen_tcp:accept/2`."""
        return self._ask("gen_tcp", "accept", timeout, on_value=self._made_by.maker(self._vm))

    def send(self, data: Term) -> Result:
        """`gen_tcp:send/2`."""
        return self._ask("gen_tcp", "send", data)

    def recv(self, length: Term, timeout: Time) -> Result:
        """`gen_tcp:recv/3`."""
        return self._ask("gen_tcp", "recv", length, timeout)

    def unrecv(self, data: Term) -> Result:
        """`gen_tcp:unrecv/2`."""
        return self._ask("gen_tcp", "unrecv", data)

    def sendfile(self, file: int, offset: int, count: int) -> Result:
        """`file:sendfile/5`; the VM opens the file itself, which takes a system with /proc."""
        there = self._vm_file(file)
        if there[0] != "ok":
            return there
        try:
            return value_of(self._vm.call("file", "sendfile", [there[1], self.there, offset, count, []]))
        finally:
            self._vm.call("file", "close", [there[1]])

    def _vm_file(self, file: int) -> Result:
        if file < 0:  # closed, so that it is one that is closed there
            opened = value_of(self._vm.call("file", "open", [b"/dev/null", ["read", "raw"]]))
            self._vm.call("file", "close", [opened[1]])
            return opened
        written = fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
        modes = ["append" if written else "read", "raw", "binary"]  # "write" would make it empty
        return value_of(self._vm.call("file", "open", [f"/proc/{os.getpid()}/fd/{file}".encode(), modes]))

    def shutdown(self, how: Term) -> Result:
        """`gen_tcp:shutdown/2`."""
        return self._ask("gen_tcp", "shutdown", how)

    def close(self) -> Result:
        """`gen_tcp:close/1`; it takes the message that the peer has closed out of the mailbox."""
        try:
            return self._ask("gen_tcp", "close", take_back=self._says_closed)
        finally:
            self.forget()

    def abandon(self) -> None:
        """Close without waiting."""
        self._vm.cast("gen_tcp", "close", [self.term])
        self.forget()

    def controlling_process(self, process: Process) -> Result:
        """`gen_tcp:controlling_process/2`; the messages that have been delivered here go along."""
        result = self._ask("gen_tcp", "controlling_process", process, take_back=self._is_mine)
        if result == "ok" and isinstance(process, Process):
            self._belong(process)
        return result

    def primitive(self, module: str, function: str, *arguments: Term) -> Term:
        """The function of that name in the VM."""
        try:
            on_value = self._made_by.maker(self._vm) if function == "accept" else None
            take_back = self._is_mine if function in _LOOK_AT_MESSAGES else None
            result = self._ask(module, function, *arguments, take_back=take_back, on_value=on_value)
            if function in _GIVE_AWAY and result in ("ok", True):
                self._belong(*arguments or (current_process(),))
            return result
        finally:
            if function in ("close", "port_close"):
                self.forget()

    def accepted(self, there: Term, owner: Process) -> Term:
        """The term for a socket that comes in a message to `owner`, who has asked for it."""
        made = self._made_by.handle(self._vm, there, owner)
        made.pin()
        return made.term

    # ---- inet

    def setopts(self, options: Term) -> Result:
        """`inet:setopts/2`."""
        return self._ask("inet", "setopts", options)

    def getopts(self, names: Term) -> Result:
        """`inet:getopts/2`."""
        return self._ask("inet", "getopts", names)

    def sockname(self) -> Result:
        """`inet:sockname/1`."""
        return self._ask("inet", "sockname")

    def peername(self) -> Result:
        """`inet:peername/1`."""
        return self._ask("inet", "peername")

    def port(self) -> Result:
        """`inet:port/1`."""
        return self._ask("inet", "port")

    def getstat(self, names: Term) -> Result:
        """`inet:getstat/1,2`."""
        return self._ask("inet", "getstat") if names is None else self._ask("inet", "getstat", names)

    def info(self) -> dict[str, Term]:
        """`inet:info/1`."""
        found: dict[str, Term] = self._ask("inet", "info")
        return found

    def monitor(self, ref: Ref, watcher: Process) -> None:
        """`inet:monitor/1`, made by the shadow of the calling process."""

        def remember(there: Term) -> Term:
            self._monitors[ref] = there
            self._vm.learn(there, ref, hold=False)
            return ref

        self._ask("inet", "monitor", on_value=remember)

    def cancel_monitor(self, ref: Ref) -> bool:
        """`inet:cancel_monitor/1`."""
        there = self._monitors.get(ref)
        if there is None:
            return False
        there_is: bool = value_of(self._vm.call("inet", "cancel_monitor", [there]))
        return there_is

    # ---- within

    def forget(self) -> None:
        """It has been closed, or its owner or the VM has ended."""
        self._vm.learn(self.there, self, hold=False)
        if not self.ended:
            self.pin(False)

    def _belong(self, owner: Process) -> None:
        for process, change in ((self.owner, set[OtpSocket].discard), (owner, set[OtpSocket].add)):
            shadow = self._vm.owner(process)
            if shadow is not None:
                change(shadow.sockets, self)
        self.owner = owner

    def _is_mine(self, message: Term) -> bool:
        if not isinstance(message, tuple):
            return False
        return self.term in message[:2] or (message[:1] == ("DOWN",) and self.term in message[3:4])

    def _says_closed(self, message: Term) -> bool:
        return self._is_mine(message) and message[0] == "tcp_closed"

    def _ask(
        self,
        module: str,
        function: str,
        *arguments: Term,
        take_back: Predicate | None = None,
        on_value: Callable[[Term], Term] | None = None,
    ) -> Term:
        if not self._vm.alive:
            raise VMDied(f"{function}: the Erlang VM that had this socket has ended")
        given = [self.there, *arguments]
        return value_of(self._vm.call(module, function, given, take_back=take_back, on_value=on_value))


class OtpPort(OtpSocket):
    """A socket of the VM's inet backend."""

    __slots__ = ()
    is_port = True
