"""A socket with states: what is answered without asking the system, and when the descriptor is closed."""

from __future__ import annotations

import contextlib
import os
import socket
from abc import abstractmethod
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from gentcp._platform import set_receive_quantum
from gentcp.abc import Backend, Result, Term
from gentcp.errors import ErlangError, reason_of
from gentcp.options import BY_NAME, as_pair
from gentcp.process import Process, Ref

from .acceptors import Acceptors
from .addresses import address_term
from .driver import driver
from .settings import Settings
from .stream import Stream
from .system import get_option, set_option


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One state of a backend's table.

    `answers` has the operations that do not go ahead in this state, with the reason they fail with.
    """

    name: str
    doc: str
    answers: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    flows: bool = False
    """Data may be delivered."""

    def __repr__(self) -> str:
        return self.name


def answers(**reasons: str) -> MappingProxyType[str, str]:
    """Operation = reason."""
    return MappingProxyType(reasons)


class Endpoint(Stream):
    """Base of both backends' sockets."""

    __slots__ = ("acceptors", "close_outside", "doomed", "late", "lingers", "state")

    monitors: dict[Ref, Process] | None

    over: ClassVar[tuple[State, ...]]
    """The states in which a monitor comes too late."""
    monitored_as: ClassVar[tuple[str, str]]
    """The kind of thing a DOWN message is about, and its reason when that was gone already."""
    inherited: ClassVar[dict[int, tuple[str, ...]]]
    """System options that accept copies from a listener on which they were set, by family."""

    def __init__(
        self,
        backend: Backend,
        sock: socket.socket,
        owner: Process,
        settings: Settings,
        state: State,
        *,
        listening: bool,
    ) -> None:
        super().__init__(sock, owner, settings, listening=listening)
        self.backend = backend
        self.state: State = state
        self.acceptors: Acceptors | None = None
        self.late: set[str] | None = set() if listening else None
        """The options set on a listener that accepted sockets may lack: the system did not copy them."""
        self.lingers: bool = False
        self.close_outside: bool = False  # close(2) may block: `close` calls it itself, without the lock
        self.doomed: bool = False  # the descriptor is to be closed when nobody is in a system call on it

    def answer(self, operation: str) -> Any:
        """None when `operation` may go ahead in this state, or its error."""
        reason = self.state.answers.get(operation)
        return None if reason is None else ("error", reason)

    def start(self) -> None:
        """The socket is complete: its owner may have it, and its messages."""
        self.owner.own(self)
        if self.active is not False:
            with self.lock:
                if self.state.flows:
                    self.start_active()

    def copy_from(self, listener: Endpoint) -> None:
        """Take over what the kernel did not copy: it was set when we waited already, or is not for it to copy."""
        self.lingers = listener.lingers
        late = listener.late
        for name in self.inherited[self.sock.family] if late else ():
            option = BY_NAME[name].system
            if late and (name in late or "raw" in late) and option is not None:
                with contextlib.suppress(OSError):  # as in OTP, not worth losing the connection for
                    set_option(self.sock, option, get_option(listener.sock, option))

    def set_when_made(self, options: list[Term]) -> None:
        """A listener has these from the start.  The kernel does not copy the priority, and nothing of local sockets."""
        if self.late is not None:
            local = self.sock.family == socket.AF_UNIX
            names = [pair[0] for option in options if (pair := as_pair(option)) is not None]
            self.late.update(name for name in names if local or name in ("priority", "raw"))

    # ---- the descriptor; with the lock held

    def keeps_descriptor(self) -> bool:
        """Whether there is something left to do with it."""
        return False

    def unplug(self) -> None:
        """Close the descriptor, now or when the system calls on it are over."""
        self.doomed = True
        if self.reading and self.fd >= 0:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RD)  # wakes the reader and sends nothing
        self._reap()

    def _reap(self) -> None:
        if self.doomed and not self.reading and self.fd >= 0 and not self.keeps_descriptor():
            self.fd = -1
            if self.close_outside:
                return
            if self.lingers:
                self._do_not_linger()
            self.sock.close()

    def _do_not_linger(self) -> None:
        """close(2) would block for the linger time, here with the lock held or on the driver's thread."""
        on, seconds = self.linger_time()
        if on and seconds:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))

    def linger_time(self) -> tuple[bool, int]:
        """`{linger, {On, Seconds}}` as the system has it."""
        if not self.lingers or self.sock.fileno() < 0:
            return False, 0
        raw = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        return raw[:4] != bytes(4), int.from_bytes(raw[4:], "little")

    @abstractmethod
    def close_now(self, by: Process | None) -> None:
        """Close without waiting; `by` does it, or the end of the owner."""

    def abandon(self) -> None:
        """Nobody has the socket any more.

        The garbage collector may call this in the middle of one of our own methods, with the lock held.
        """
        if self.lock.acquire(blocking=False):
            self.lock.release()
            self.owner_down("normal")
        elif not self.doomed:
            driver().call_soon(lambda: self.owner_down("normal"))

    def fileno(self) -> int:
        """The descriptor, -1 when the socket is closed, even while the driver still writes to it."""
        return -1 if self.state in self.over else self.fd

    def detach(self) -> int:
        """A duplicate, so that nothing here can close it under its new owner.

        -1 while there is output that was not written, or input that was not delivered (it would be lost), and while
        somebody is in a blocking recv (which only an end of file would end).
        """
        with self.lock:
            if self.fd < 0 or self.keeps_descriptor() or self.inbound.buf or self.reading:
                return -1
            self.lingers = False  # close(2) of one of two descriptors does not block
            set_receive_quantum(self.sock, 0)  # for the new owner blocking means blocking
            self.sock.setblocking(True)
            fd = os.dup(self.fd)
            self.close_now(None)
        return fd

    # ---- names and counters

    def name(self, operation: str, method: str) -> Result:
        """What getsockname or getpeername says, as a term."""
        with self.lock:
            if (refused := self.answer(operation)) is not None:
                return refused
            try:
                return ("ok", address_term(getattr(self.sock, method)(), self.sock.family))
            except OSError as error:
                return ("error", reason_of(error))

    def counted(self, name: str) -> int:
        """One of the numbers of `inet:getstat/2`."""
        counters = self.rx if name.startswith("recv") else self.tx
        with self.lock:
            self.inbound.settle()
            return int(abs(getattr(counters, name.partition("_")[2])))

    # ---- monitors

    def monitor(self, ref: Ref, watcher: Process) -> None:
        """See `SocketHandle.monitor`."""
        with self.lock:
            if self.state not in self.over:
                self.add_monitor(ref, watcher)
                return
        kind, gone = self.monitored_as
        watcher.post(("DOWN", ref, kind, self.term, gone))

    def fire_monitors(self, reason: Term) -> None:
        """The socket is closed; with the lock held."""
        monitors, self.monitors = self.monitors, None
        for ref, watcher in (monitors or {}).items():
            watcher.post(("DOWN", ref, self.monitored_as[0], self.term, reason))


def check_list(term: Term) -> None:
    """function_clause for what is no list."""
    if not isinstance(term, list):
        raise ErlangError("function_clause")
