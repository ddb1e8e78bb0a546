"""The contract for backend authors.

A backend is an object with a name that makes socket handles; everything else is a method of the handle.  Both speak
Erlang terms: results are `"ok"`, `("ok", value)` or `("error", reason)`, and what exits or raises in Erlang raises
`gentcp.errors.Exit` or `ErlangError`.  Times are milliseconds or `"infinity"`.  Arguments of the wrong shape
reach the backend, since backends differ in how they refuse them.

Install a backend under the entry-point group `gentcp.backends` (an instance, or a factory without arguments), or call
`gentcp.register`.
"""

from __future__ import annotations

import weakref
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ._compiled import mypyc_attr
from .errors import ErlangError
from .ports import no_port
from .process import Process, Ref

Term = Any
Result = Any
"""`"ok"`, `("ok", value)` or `("error", reason)`."""
Time = Any
"""Milliseconds (int) or `"infinity"`; anything else is for the backend to refuse."""


class CutAhead:
    """What recv has read and cut beyond what was wanted."""

    __slots__ = ("ready",)

    def __init__(self) -> None:
        self.ready: list[Term] = []
        """Packets, the next one last.

        Who takes one with `pop()` has received it, as by `recv(0, "infinity")`.  What makes them unready (another
        packet type, say) takes them out of this very list, and another list may take its place.
        """


_NONE_CUT = CutAhead()


@mypyc_attr(native_class=False)
class Backend(ABC):
    """One implementation of `gen_tcp`.  `options` below is the list of the caller without `inet_backend`."""

    name: str
    """What stands in `{inet_backend, Name}`."""
    description: str = ""
    """One sentence for `gentcp backends`."""
    elsewhere: bool = False
    """Whether sockets live in another process, where numbers of descriptors mean something else."""

    @abstractmethod
    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        """`("ok", SocketHandle)` once connected; the calling process is the owner.  `gen_tcp:connect/4`."""

    @abstractmethod
    def listen(self, port: Term, options: list[Term]) -> Result:
        """`("ok", SocketHandle)` that listens.  `gen_tcp:listen/2`."""

    def fdopen(self, fd: Term, options: list[Term]) -> Result:
        """A handle for a connected descriptor of the operating system.  `gen_tcp:fdopen/2`."""
        return ("error", "enotsup")

    def apply(self, module: str, function: str, arguments: list[Term]) -> Term:
        """A function of OTP that is not about one socket, such as `erlang:decode_packet/3`; undef if there is none.

        A backend that runs elsewhere asks there; the others have what `gentcp.erl` has, once that is imported.
        """
        found = _functions[0](module, function) if _functions else None
        if found is None:
            raise ErlangError("undef")
        return found(*arguments)

    def primitive(self, module: str, function: str, *arguments: Term) -> Result:
        """A function below `gen_tcp` that makes a socket, `prim_inet:open/3`; undef if there is none."""
        raise ErlangError("undef")

    def about(self) -> dict[str, str]:
        """What stands behind it, for reports: a VM says its "release" ("29"), "erts" and "kernel".

        Raises NoBackend when that cannot be had.
        """
        return {}


Face = Callable[["SocketHandle"], Any]
"""Makes the object that stands for a socket."""
Functions = Callable[[str, str], Callable[..., Term] | None]

_default_faces: list[Face] = []
_functions: list[Functions] = []


def show_as(connected: Face, listening: Face) -> None:
    """What stands for sockets, unless their owner has faces of its own.  For the package that has them."""
    _default_faces[:] = [connected, listening]


def look_up_in(functions: Functions) -> None:
    """Where `Backend.apply` finds the function of a module of OTP.  For the package that has them."""
    _functions[:] = [functions]


@mypyc_attr(allow_interpreted_subclasses=True)
class SocketHandle(metaclass=ABCMeta):
    """One socket, connected or listening."""

    __slots__ = ("__weakref__", "_face", "_pin", "backend", "ended", "listening")

    backend: Backend
    is_port: ClassVar[bool] = False
    """Whether `erlang:monitor(port, _)` takes it."""

    def __init__(self, *, listening: bool = False) -> None:
        self.listening: bool = listening
        self.ended: bool = False
        self._face: weakref.ref[Any] | None = None
        self._pin: Any = None

    # ---- the term that stands for the socket

    @property
    def term(self) -> Any:
        """The socket as users see it, in results and messages: always the same object."""
        face = self._pin or (self._face() if self._face is not None else None)
        if face is None:
            face = (self.faces() or _default_faces)[self.listening](self)
            self._face = weakref.ref(face)
        return face

    def faces(self) -> Sequence[Face] | None:
        """What stands for it, connected and listening, if that is not what usually does."""
        return None

    def pin(self, hold: bool = True) -> None:
        """Keep the term alive as long as the handle: while messages may carry it, and for the Erlang face.

        Otherwise a socket that nobody refers to any more is closed with a ResourceWarning (see `abandon`).
        `pin(False)` says that the socket has ended; call it once, when it is closed, pinned or not.
        """
        if hold:
            self._pin = self.term
        else:
            self.ended = True  # first: the next line may finalise the term
        if self.ended:  # by another thread, perhaps
            self._pin = None

    def abandon(self) -> None:
        """The last reference to the term is gone, and the socket has not ended: close without waiting.

        Called on the driver's thread, since a term may be finalised anywhere, under a lock of this handle too.
        The default closes as usual.
        """
        self.close()

    def inherit(self) -> None:
        """The program is the child of a fork, and the socket is its parent's: let go of it, without system calls.

        No other thread runs, and locks may have been held.  The default does nothing.
        """
        return

    @property
    def closing(self) -> bool:
        """Whether a close(2) of it lingers, so that a call may have to wait until that is over."""
        return False

    @property
    def of_parent(self) -> bool:
        """Whether it was inherited by a fork, and does nothing here but close and detach."""
        return False

    # ---- gen_tcp

    @abstractmethod
    def accept(self, timeout: Time) -> Result:
        """`("ok", SocketHandle)` owned by the caller.  `gen_tcp:accept/2`."""

    @abstractmethod
    def send(self, data: Term) -> Result:
        """`"ok"`, or an error; iodata.  `gen_tcp:send/2`."""

    def send_rest(self, rest: bytes) -> Result:
        """Send what a send that timed out has given back, as it is, whatever the packet type; no function of OTP's.

        Results are those of `send`.  For backends that hand back what they have not sent; enotsup of the others.
        """
        return ("error", "enotsup")

    @abstractmethod
    def recv(self, length: Term, timeout: Time) -> Result:
        """`("ok", data)` with `length` bytes, or a packet or what is there for 0.  `gen_tcp:recv/3`."""

    def recv_many(self, most: int, timeout: Time) -> Result:
        """`("ok", packets)`: one as `recv` gives it for the length 0, and what is there already, `most` in all."""
        result = self.recv(0, timeout)
        return ("ok", [result[1]]) if result[0] == "ok" else result

    def cut_ahead(self) -> CutAhead:
        """Where packets are that have been cut from the stream already; the same object as long as the handle lives."""
        return _NONE_CUT

    @abstractmethod
    def shutdown(self, how: Term) -> Result:
        """`how`: "read", "write" or "read_write".  `gen_tcp:shutdown/2`."""

    @abstractmethod
    def close(self) -> Result:
        """Always "ok".  `gen_tcp:close/1`."""

    @abstractmethod
    def controlling_process(self, process: Term) -> Result:
        """Hand the socket and its queued messages over.  `gen_tcp:controlling_process/2`."""

    def unrecv(self, data: Term) -> Result:
        """Put data back in front of what recv returns next.  `gen_tcp:unrecv/2`, undocumented in OTP."""
        return ("error", "enotsup")

    def sendfile(self, file: int, offset: int, count: int) -> Result:
        """`("ok", sent)`: write `count` bytes (0: all there are) of an open file from `offset` on, without a header.

        `file` is a descriptor, -1 for a file that has been closed.  `("error", "enotsup")` makes the caller read the
        file and `send`.  `file:sendfile/5`.
        """
        return ("error", "enotsup")

    def primitive(self, module: str, function: str, *arguments: Term) -> Term:
        """A function below gen_tcp, with this socket as its first argument and `arguments` as the others.

        Of `prim_inet`, `inet_tcp` and `inet_db`, and `erlang`'s functions on ports.  They are for sockets that are
        ports; the default is what OTP answers for any other.
        """
        return no_port(module, function, *arguments)

    # ---- inet

    @abstractmethod
    def setopts(self, options: Term) -> Result:
        """`inet:setopts/2`."""

    @abstractmethod
    def getopts(self, names: Term) -> Result:
        """`("ok", [(name, value), ...])`.  `inet:getopts/2`."""

    @abstractmethod
    def sockname(self) -> Result:
        """`("ok", (ip, port))` or `("ok", ("local", path))`.  `inet:sockname/1`."""

    @abstractmethod
    def peername(self) -> Result:
        """As `sockname`, of the peer.  `inet:peername/1`."""

    def port(self) -> Result:
        """The local port (a path, for a local socket).  `inet:port/1`."""
        name = self.sockname()
        return ("ok", name[1][1]) if name[0] == "ok" else name

    @abstractmethod
    def getstat(self, names: Term) -> Result:
        """`("ok", [(name, number), ...])`; None for all.  `inet:getstat/2`."""

    def monitor(self, ref: Ref, watcher: Process) -> None:
        """Post a DOWN message with `ref` to `watcher` when the socket closes.  `inet:monitor/1`."""
        raise ErlangError("undef")

    def cancel_monitor(self, ref: Ref) -> bool:
        """True when there was such a monitor.  `inet:cancel_monitor/1`."""
        return False

    def info(self) -> dict[str, Term]:
        """`inet:info/1`: what is known of the socket, keys as the backend has them."""
        return {}

    def ended_with(self) -> Process | None:
        """The owner, if the socket was closed because that has ended."""
        return None

    @property
    def owner_ended(self) -> bool:
        """Whether the owner has ended, so that the socket closes, if not yet then in a moment.  Takes no lock."""
        return False

    # ---- the operating system's side

    def fileno(self) -> int:
        """The descriptor, -1 when there is none (closed, or not on this machine).  Takes no lock."""
        return -1

    def detach(self) -> int:
        """Give the descriptor away and forget the socket; -1 when there is none, or output is still queued for it."""
        return -1
