"""A backend as small as the contract allows: what is sent goes nowhere, and nothing ever arrives."""

from __future__ import annotations

from gentcp.abc import Backend, Result, SocketHandle, Term, Time
from gentcp.process import Process

ADDRESS = ((0, 0, 0, 0), 0)


class NullSocket(SocketHandle):
    """Connected to nobody, or listening for nobody."""

    def __init__(self, backend: Backend, *, listening: bool) -> None:
        super().__init__(listening=listening)
        self.backend = backend
        self.is_open = True

    def accept(self, timeout: Time) -> Result:
        """Nobody ever connects, so there is no point in waiting."""
        return ("error", "timeout") if self.is_open else ("error", "closed")

    def send(self, data: Term) -> Result:
        """Every byte is gone at once."""
        return "ok" if self.is_open else ("error", "closed")

    def recv(self, length: Term, timeout: Time) -> Result:
        """The end of the stream, from the start."""
        return ("error", "closed")

    def shutdown(self, how: Term) -> Result:
        """There is nothing to shut down."""
        return "ok"

    def close(self) -> Result:
        """Let further calls fail."""
        self.is_open = False
        return "ok"

    def controlling_process(self, process: Process) -> Result:
        """No messages, so nothing to hand over."""
        return "ok"

    def setopts(self, options: Term) -> Result:
        """Take every option and forget it."""
        return "ok"

    def getopts(self, names: Term) -> Result:
        """No option has a value."""
        return ("ok", [])

    def sockname(self) -> Result:
        """An address of nobody."""
        return ("ok", ADDRESS)

    def peername(self) -> Result:
        """As `sockname`."""
        return ("ok", ADDRESS)

    def getstat(self, names: Term) -> Result:
        """Nothing is counted."""
        return ("ok", [])


class NullBackend(Backend):
    """Makes `NullSocket`s."""

    name = "null"
    description = "Takes everything and delivers nothing."

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        """Connect to nobody, at once."""
        return ("ok", NullSocket(self, listening=False))

    def listen(self, port: Term, options: list[Term]) -> Result:
        """Listen for nobody."""
        return ("ok", NullSocket(self, listening=True))


backend = NullBackend()
