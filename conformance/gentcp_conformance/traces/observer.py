"""Looks at a case's connection from outside whenever nothing happens for a moment."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from gentcp.erl import ErlangError, inet
from gentcp_conformance.peer import Peer

from .kernel import End, Name, end

if TYPE_CHECKING:
    from .recorder import Act, Recorder

# Nothing has happened for so long: longer than a process of the case needs to get from one call to the next.
_QUIET = 0.006
_BETWEEN = 0.004
# Large data may still be on its way to another program.
_FILLING = 0.06


@dataclass(frozen=True)
class Seen:
    """A connection by number, both its ends, if they are there, and the bytes in the driver's queue, if known."""

    connection: int
    subject: End | None
    peer: End | None
    queue: int | None
    peer_open: bool


class Connection:
    """`names` are those of the subject's end and of the other."""

    def __init__(self, number: int, names: tuple[Name, Name]) -> None:
        self.number = number
        self.names = names
        self.sock: Any = None
        self.peer: Peer | None = None


class Observer:
    """Notes in the recorder's log what it sees; finds connections in the acts."""

    def __init__(self, recorder: Recorder, *, queues: bool) -> None:
        self._recorder = recorder
        self._queues = queues
        self._connections: dict[tuple[Name, Name], Connection] = {}
        self._of: dict[int, Connection] = {}
        self._thread = Thread(target=self._run, name="observer", daemon=True)
        self._getstat = inet.getstat

    def start(self) -> None:
        """Look from now on, until the recorder stops."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the last look."""
        self._thread.join()

    def connected(self, sock: Any, own: Name, other: Name) -> None:
        """A socket of the subject is one end of a connection between these."""
        connection = self._connections.get((own, other)) or self._connections.get((other, own))
        if connection is None:
            connection = self._new(own, other)
        if connection.sock is None:
            connection.sock = sock
        self._of[id(sock)] = connection
        self._recorder.kept.append(sock)

    def met(self, peer: Peer) -> None:
        """A raw socket is the other end of a connection."""
        if peer.raw.family == socket.AF_UNIX:
            return
        own, other = (_name(*pair[:2]) for pair in (peer.raw.getpeername(), peer.raw.getsockname()))
        connection = self._connections.get((own, other)) or self._new(own, other)
        connection.peer = peer
        self._of[id(peer)] = connection
        self._recorder.kept.append(peer)

    def connection(self, act: Act) -> Connection | None:
        """The connection that an act is about."""
        for thing in (*act.args, act.value):
            for each in thing if isinstance(thing, tuple) else (thing,):
                if id(each) in self._of:
                    return self._of[id(each)]
        return None

    def _new(self, own: Name, other: Name) -> Connection:
        found = self._connections[own, other] = Connection(len(self._connections) + 1, (own, other))
        return found

    def _run(self) -> None:
        recorder = self._recorder
        while recorder.running:
            count = self._quiet()
            if count is None:
                continue
            found = self._look()
            if self._stays(count, _BETWEEN) and found == self._look():
                with recorder.changed:
                    recorder.log.seen[count] = found
                    recorder.changed.notify_all()

    def _quiet(self) -> int | None:
        """The number of entries in the log once it stays the same; None if it did not."""
        recorder = self._recorder
        with recorder.changed:
            recorder.changed.wait_for(
                lambda: not recorder.running or len(recorder.log.entries) not in recorder.log.seen
            )
            count = len(recorder.log.entries)
        return count if self._stays(count, _FILLING if recorder.sending() else _QUIET) else None

    def _stays(self, count: int, seconds: float) -> bool:
        with self._recorder.changed:
            return not self._recorder.changed.wait_for(lambda: self._past(count), seconds)

    def _past(self, count: int) -> bool:
        return not self._recorder.running or len(self._recorder.log.entries) != count

    def _look(self) -> Seen | None:
        current = next((c for act in reversed(self._recorder.log.acts) if (c := self.connection(act))), None)
        if current is None:
            return None
        own, other = current.names
        raw_open = current.peer is None or current.peer.raw.fileno() >= 0
        if current.peer is not None and raw_open:
            _acknowledge(current.peer.raw)
        return Seen(current.number, end(own, other), end(other, own), self._queue(current), raw_open)

    def _queue(self, connection: Connection) -> int | None:
        if not self._queues or connection.sock is None:
            return None
        with suppress(ErlangError):
            match self._getstat(connection.sock, ["send_pend"]):
                case ("ok", [("send_pend", int(size))]):
                    return size
                case _:
                    return None
        return None


def socket_name(host: tuple[int, ...], port: int) -> Name:
    """The name of an end as Erlang has it."""
    return Name(bytes(host) if len(host) == 4 else b"".join(part.to_bytes(2, "big") for part in host), port)


def _name(host: str, port: int) -> Name:
    return Name(ipaddress.ip_address(host).packed, port)


def _acknowledge(raw: socket.socket) -> None:
    """Have the peer's kernel acknowledge now: until it does, both ends count the same bytes."""
    with suppress(OSError):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
