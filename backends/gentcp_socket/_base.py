"""A socket's state, and what a transition does to the descriptor and whoever waits."""

from __future__ import annotations

import socket
from collections import deque
from typing import ClassVar

from gentcp.abc import Backend, Result
from gentcp.engine import Quick, State
from gentcp.process import Process

from ._settings import SocketSettings
from ._states import CONNECTED, GONE, HUNG_UP, LISTENING, step


class SendOp:
    """A send that could not write everything at once."""

    __slots__ = ("frame", "process", "result", "written")

    def __init__(self, process: Process, frame: bytes, written: int) -> None:
        self.process = process
        self.frame = frame
        self.written = written
        self.result: Result = None

    def done(self) -> bool:
        return self.result is not None


class SocketBase(Quick):
    """State and transitions; the receiving half is the engine's."""

    __slots__ = ("closer", "delayed", "writer", "writers")

    over = (GONE, HUNG_UP)
    monitored_as = ("socket", "nosock")
    inherited: ClassVar[dict[int, tuple[str, ...]]] = dict.fromkeys(
        (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX), ("nodelay", "keepalive", "priority", "linger", "reuseaddr")
    )

    def __init__(
        self, backend: Backend, sock: socket.socket, owner: Process, settings: SocketSettings, state: State
    ) -> None:
        super().__init__(backend, sock, owner, settings, state, listening=state is LISTENING)
        self.room = 0
        self.delayed = ""  # why the connection ended; reported once
        self.closer: Process | None = None
        self.writer: SendOp | None = None
        self.writers: deque[SendOp] | None = None

    @property
    def own_settings(self) -> SocketSettings:
        """They are always of this class: the constructor takes no other."""
        settings = self.settings
        assert isinstance(settings, SocketSettings)
        return settings

    # ---- what the engine asks

    def _refuse_recv(self, length: int) -> Result:
        if self.state is not CONNECTED:
            reason, self.delayed = self.delayed, ""
            return ("error", reason or self.state.answers["recv"])
        if self.active is not False or (length and self.settings.family is not None and self.receiver is None):
            return ("error", "einval")
        return None

    def _recv_size(self, length: int) -> int:
        size, settings = super()._recv_size(length), self.settings
        return max(size, settings.raw_chunk) if settings["read_ahead"] is True else size

    def _reads_for_recv(self) -> bool:
        return True

    def _mailbox_reads(self) -> bool:
        return self.state is CONNECTED and self.receiver is None

    def _on_fin(self) -> None:
        self.transit("unreadable", "closed")

    def _on_broken(self, reason: str) -> None:
        self.transit("unreadable", self.curated(reason))

    def _on_misframed(self) -> None:
        self.transit("misframed", "emsgsize")

    def _count_read(self, size: int) -> None:
        self.rx.add(size)

    def _count_whole(self, size: int) -> None:
        self.rx.add(size)

    def curated(self, reason: str) -> str:
        """A reset is called closed unless `show_econnreset` is set."""
        if reason in ("econnreset", "econnaborted", "epipe"):
            return "econnreset" if self.settings["show_econnreset"] is True else "closed"
        return reason

    # ---- transitions; with the lock held

    def transit(self, event: str, reason: str = "closed", *, by: Process | None = None) -> None:
        """Let `event` happen.  `reason` is what waiting calls and the owner are told; `by` closes."""
        active = self.active is not False and self.state is CONNECTED
        mode = "active" if active else "passive" if self.receiver is None else "waiting"
        step_ = step(self.state, event, mode=mode, exit_on_close=self.settings["exit_on_close"] is not False)
        if step_ is None:
            return
        if step_.delays:
            self.delayed = reason
        if event == "misframed":
            self.inbound.cut(self.fresh)
        elif event != "activate":
            self.inbound.clear()
        if event in ("close", "unsendable"):
            self.fire_monitors("closed")  # the system's socket closes first
        for message in step_.tell:
            if message == "tcp_error" and reason != "closed":
                self.tell(message, reason)
            elif message == "tcp_closed" and (by is None or by is not self.owner):
                self.tell(message)
        self.active = False
        if step_.next is not self.state:
            self._enter(step_.next, reason)
        elif self.receiver is not None:
            self._finish_receiver(("error", reason))

    def _finish_receiver(self, result: Result) -> None:
        op = self.receiver
        if op is not None:
            self._finish(op, result)
            op.process.wake()

    def _enter(self, state: State, reason: str) -> None:
        self.state = state
        self.complete_receivers(("error", reason), ("error", "closed"))
        self._disarm()
        if state in (GONE, HUNG_UP):
            if self.acceptors is not None:
                self.acceptors.close()
            self._end_writers()
            self.unplug()
            self.fire_monitors("closed")
        if state is GONE:
            self.delayed = ""
            self.owner.disown(self)
            self.pin(False)

    def _end_writers(self) -> None:
        for op in (self.writer, *(self.writers or ())):
            if op is not None and op.result is None:
                op.result = ("error", "closed")
                op.process.wake()
