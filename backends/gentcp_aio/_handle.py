"""Sockets in the loop, as those see them who call from elsewhere."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from gentcp.abc import Backend, Result, SocketHandle, Term, Time
from gentcp.engine import Endpoint, add_buffered
from gentcp.process import Process, Ref

from ._call import call, call_for, there
from ._loop import Visitor


class AioSocket(SocketHandle):
    """`inner` is the socket in the loop.  The same term stands for both."""

    __slots__ = ("inner",)

    def __init__(self, backend: Backend, inner: Endpoint) -> None:
        super().__init__(listening=inner.listening)
        self.backend = backend
        self.inner: Endpoint = inner

    def pin(self, hold: bool = True) -> None:
        """See `SocketHandle.pin`; the socket in the loop keeps the term, and says when it has ended."""
        if hold:
            self.inner.pin()

    def abandon(self) -> None:
        """See `SocketHandle.abandon`."""
        self.inner.abandon()

    @property
    def of_parent(self) -> bool:
        """See `SocketHandle.of_parent`."""
        return self.inner.of_parent

    @property
    def owner_ended(self) -> bool:
        """See `SocketHandle.owner_ended`."""
        return self.inner.owner_ended

    @property
    def closing(self) -> bool:
        """See `SocketHandle.closing`."""
        return self.inner.closing

    def _ask(self, function: Callable[..., Result], *arguments: Term) -> Result:
        return call_for(self.inner.begin_asking, function, *arguments)

    # ---- gen_tcp

    def accept(self, timeout: Time) -> Result:
        return seen(call_for(self.inner.begin_accept, timeout))

    def send(self, data: Term) -> Result:
        return call_for(self.inner.begin_send, data)

    def send_rest(self, rest: bytes) -> Result:
        return call_for(partial(self.inner.begin_send_rest, resumable=False), rest)

    def recv(self, length: Term, timeout: Time) -> Result:
        return call_for(self.inner.begin_recv, length, timeout)

    def recv_many(self, most: int, timeout: Time) -> Result:
        result = self.recv(0, timeout)
        if result[0] != "ok":
            return result
        packets = [result[1]]
        call(add_buffered, self.inner, packets, most)
        return ("ok", packets)

    def unrecv(self, data: Term) -> Result:
        return call(self.inner.unrecv, data)

    def sendfile(self, file: int, offset: int, count: int) -> Result:
        return call_for(self.inner.begin_sendfile, file, offset, count)

    def shutdown(self, how: Term) -> Result:
        return call_for(self.inner.shutdown_steps, how)

    def close(self) -> Result:
        result = call_for(self.inner.close_steps)
        self.ended = self.inner.ended
        return result

    def controlling_process(self, process: Term) -> Result:
        return self._ask(self.inner.controlling_process, there(process))

    # ---- inet

    def setopts(self, options: Term) -> Result:
        return self._ask(self.inner.setopts, options)

    def getopts(self, names: Term) -> Result:
        return self._ask(self.inner.getopts, names)

    def sockname(self) -> Result:
        return call(self.inner.sockname)

    def peername(self) -> Result:
        return call(self.inner.peername)

    def getstat(self, names: Term) -> Result:
        return self._ask(self.inner.getstat, names)

    def monitor(self, ref: Ref, watcher: Process) -> None:
        call(self.inner.monitor, ref, there(watcher))

    def cancel_monitor(self, ref: Ref) -> bool:
        found: bool = call(self.inner.cancel_monitor, ref)
        return found

    def info(self) -> dict[str, Term]:
        found: dict[str, Term] = call(self.inner.info)
        return found

    # ---- the operating system's side

    def fileno(self) -> int:
        return self.inner.fileno()

    def detach(self) -> int:
        fd: int = call(self.inner.detach)
        return fd


class AioPort(AioSocket):
    """One of a backend whose sockets are ports."""

    __slots__ = ()
    is_port = True

    def primitive(self, module: str, function: str, *arguments: Term) -> Term:
        given = [there(argument) for argument in arguments]
        return seen(call_for(self.inner.primitive_steps, module, function, *given))


_seen: weakref.WeakValueDictionary[Endpoint, AioSocket] = weakref.WeakValueDictionary()
_finding = threading.RLock()
_backends: dict[Backend, Backend] = {}
"""By the backend in the loop, the one that callers know."""


def show(inner: Backend, backend: Backend) -> None:
    """From now on the sockets that `inner` makes in the loop are `backend`'s to those who call."""
    _backends[inner] = backend


def seen(result: Result) -> Result:
    """A socket in a result as the caller sees it."""
    match result:
        case ("ok", Endpoint() as inner):
            return ("ok", outside(inner))
        case _:
            return result


def outside(inner: Endpoint) -> AioSocket:
    """The handle for a socket of the loop, one at a time."""
    with _finding:
        found = _seen.get(inner)
        if found is None:
            made = AioPort if inner.is_port else AioSocket
            found = _seen[inner] = made(_backends[inner.backend], inner)
        return found


def _face(inner: Any) -> Any:
    return outside(inner).term


Visitor.show_as(_face, _face)
