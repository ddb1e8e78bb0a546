"""A connected socket and its owner: active mode, handing over, monitors."""

from __future__ import annotations

import socket
from abc import abstractmethod
from typing import Any

from gentcp.abc import Term
from gentcp.errors import reason_of
from gentcp.process import Process, Ref, current_process

from .driver import driver
from .receiving import DONTWAIT, Receiving
from .settings import Settings


class Stream(Receiving):
    """Base of the handles of both backends; a listener uses it for its owner and settings alone."""

    __slots__ = ("armed", "monitors", "owner")

    active: bool | str | int

    def __init__(self, sock: socket.socket, owner: Process, settings: Settings, *, listening: bool = False) -> None:
        super().__init__(sock, settings, listening=listening)
        self.owner: Process = owner
        self.armed: bool = False
        self.monitors: dict[Ref, Process] | None = None

    @abstractmethod
    def owner_down(self, reason: Term) -> None:
        """The owner has ended: close without blocking.  Called without the lock."""

    # ---- active

    def on_ready(self, events: int) -> None:
        """The owner's mailbox (or the driver) found the descriptor readable."""
        with self.lock:
            self.serve_ready()

    def serve_ready(self) -> None:
        """Read once; with the lock held."""
        if self.active is False or self.reading or not self.armed or not self._mailbox_reads():
            self._disarm()
            return
        if self.inbound.buf:
            self._serve()  # left from another packet type
            if self.active is False:
                return
        try:
            data = self.sock.recv(self._recv_size(0), DONTWAIT)
        except BlockingIOError:
            return
        except OSError as error:
            self._received(None, reason_of(error))
            return
        self._received(data, None)

    def _mailbox_reads(self) -> bool:
        """May the mailbox read now?  Not while a receiver that has precedence waits."""
        return True

    def _tell_data(self, data: Any) -> None:
        settings = self.settings
        term = self._pin or self.term
        shaped = data if settings.as_bytes else settings.shape(data)
        self.owner.post((settings.tag, term, shaped) if settings.plain else settings.message(term, shaped))
        active = self.active
        if active is True:
            return
        if active == "once":
            self.active = False
        elif active == 1:
            self.active = False
            self.owner.post(("tcp_passive", term))
        else:
            self.active = active - 1  # type: ignore[operator]

    def tell(self, *message: Term) -> None:
        """Post `(tag, socket, *more)` to the owner."""
        self.owner.post((message[0], self.term, *message[1:]))

    def start_active(self) -> None:
        """`active` has been set to something else than False: deliver what is buffered, then watch the descriptor."""
        if self._pin is None:
            self.pin()
        if self.inbound.buf:
            self._serve()
        if self.active is not False:
            self._arm()

    def _arm(self) -> None:
        if not self.armed and not self.reading and self._mailbox_reads() and self.fd >= 0 and self.owner.alive:
            self.armed = True
            self.owner.watch(self.fd, self)
            driver().serve(self.owner)

    def _disarm(self) -> None:
        if self.armed:
            self.armed = False
            self.owner.unwatch(self.fd)

    def next_active(self, value: Any) -> bool:
        """Set `active` as OTP counts it; False when a number is out of range.  Sends `tcp_passive` at 0."""
        if isinstance(value, bool) or value == "once":
            self.active = value
            return True
        count = value + (self.active if type(self.active) is int else 0)
        if count > 32767:
            return False
        if count <= 0:
            self.active = False
            self.tell("tcp_passive")
        else:
            self.active = count
        return True

    # ---- the owner

    def hand_over(self, new: Process) -> None:
        """Make `new` the owner: the queued messages move first, in order, then the socket.  Lock held."""
        old, term = self.owner, self.term
        for message in old.take(lambda m: _moves(m, term)):
            new.post(message)
        armed = self.armed
        self._disarm()
        old.disown(self)
        self.owner = new
        if armed:
            self._arm()

    def add_monitor(self, ref: Ref, watcher: Process) -> None:
        """Remember who wants to know of the end."""
        if self.monitors is None:
            self.monitors = {}
        self.monitors[ref] = watcher

    def cancel_monitor(self, ref: Ref) -> bool:
        """See `SocketHandle.cancel_monitor`."""
        with self.lock:
            monitors = self.monitors
            if monitors is None or monitors.get(ref) is not current_process():
                return False
            del monitors[ref]
            return True


def _moves(message: Any, term: object) -> bool:
    """Is it one of the messages that `controlling_process` takes along?  tcp_passive, tcp_error and http stay."""
    if not isinstance(message, tuple) or len(message) < 2:
        return False
    if message[0] is term:
        return isinstance(message[1], tuple) and message[1][:1] == ("data",)
    return message[1] is term and (
        (message[0] == "tcp" and len(message) == 3)
        or (message[0] == "tcp_closed" and len(message) == 2)
        or message[0] in ("inet_async", "inet_reply")
    )
