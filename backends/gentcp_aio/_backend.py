"""connect, listen and fdopen in the loop."""

from __future__ import annotations

from gentcp import get_backend
from gentcp.abc import Backend, Result, Term, Time
from gentcp.engine import SteppingBackend

from ._call import call, call_for
from ._handle import seen, show


class AioBackend(Backend):
    """The backend `follows`, in the loop."""

    def __init__(self, follows: str) -> None:
        self.name: str = f"aio_{follows}"
        self.follows: str = follows
        self.description: str = f"{follows} on an event loop, which every call is made in, for the conformance suite"
        self._inner: SteppingBackend | None = None

    @property
    def inner(self) -> SteppingBackend:
        """The backend that makes the sockets in the loop."""
        if self._inner is None:
            found = get_backend(self.follows)
            assert isinstance(found, SteppingBackend)
            show(found, self)
            self._inner = found
        return self._inner

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        return seen(call_for(self.inner.connect_steps, address, port, options, timeout))

    def listen(self, port: Term, options: list[Term]) -> Result:
        return seen(call_for(self.inner.listen_for, port, options))

    def fdopen(self, fd: Term, options: list[Term]) -> Result:
        return seen(call(self.inner.fdopen, fd, options))


inet = AioBackend("inet")
socket = AioBackend("socket")
