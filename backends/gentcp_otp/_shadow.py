"""Shadows: the process in the VM that makes a Python process's calls and owns its sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp.process import Process

from ._terms import Term

if TYPE_CHECKING:
    from ._handle import OtpSocket
    from ._vm import VM


class Shadow:
    """Ends with its Python process, which ends with it."""

    __slots__ = ("_vm", "number", "pid", "process", "sockets")

    def __init__(self, vm: VM, process: Process, number: int) -> None:
        self._vm = vm
        self.process = process
        self.number = number
        self.pid: Term = None
        self.sockets: set[OtpSocket] = set()

    def owner_down(self, reason: Term) -> None:
        """The Python process has ended: normally, by an exception, or killed, perhaps within a call."""
        self._vm.forget(self, reason if reason == "normal" else "error" if isinstance(reason, Exception) else "kill")

    def inherit(self) -> None:
        """The VM is that of the parent: see `VM.let_go`."""

    def release(self) -> None:
        """The sockets have ended with their owner."""
        sockets, self.sockets = self.sockets, set()
        for socket in sockets:
            socket.forget()
